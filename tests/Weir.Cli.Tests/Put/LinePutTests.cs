using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Weir.Cli.Put;
using Weir.Producer;
using Weir.TestKit;

namespace Weir.Cli.Tests.Put;

/// <summary>Every line is stored or named, whatever the stream does. Puts of the command's own settings, against a stream of one shard.</summary>
public sealed class LinePutTests
{
    private const string Throttled = "ProvisionedThroughputExceededException";

    private readonly PutTotals _totals = new();
    private readonly ProducerTrouble _trouble = new();

    // The clock of the patience alone, unless a test says otherwise.
    private readonly ManualTimeProvider _time = new();

    // Of the put that runs.
    private KinesisProducer? _producer;

    [Fact]
    public async Task Exactly_the_refused_lines_go_again()
    {
        // The first request loses 2 and 4, the second one loses 4.
        using var shard = new FakeShard((request, data) => (request, data) is (1, "2") or (1, "4") or (2, "4") ? Throttled : null);

        await PutAsync(shard, Lines(4), unordered: true);

        Assert.Equal(["1,2,3,4", "2,4", "4"], shard.Requests);
        Assert.Equal(4, _totals.Records);
        Assert.Equal(4, _totals.StreamRecords);
        Assert.Equal(3, _totals.Resent);
        Assert.Equal(8, _totals.Bytes);
    }

    [Fact]
    public async Task In_order_a_refused_line_holds_back_those_of_its_key()
    {
        using var shard = new FakeShard((request, _) => request <= 3 ? Throttled : null);

        await PutAsync(shard, Lines(4));

        Assert.Equal(["1", "1", "1", "1", "2", "3", "4"], shard.Requests);
    }

    [Fact]
    public async Task A_refusal_of_the_whole_request_names_the_lines()
    {
        using var shard = new FakeShard((_, _) => throw new FakeKinesis.Refusal("ValidationException"));

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => PutAsync(shard, Lines(2), unordered: true));

        Assert.Equal("2 lines were not put (1 to 2): No. (ValidationException)", failure.Message);
        Assert.Equal(0, _totals.Records);
    }

    [Fact]
    public async Task A_stream_that_goes_away_ends_the_put_and_every_line_that_was_read_is_stored_or_named()
    {
        using var shard = new FakeShard((request, _) => request <= 3 ? null : throw new FakeKinesis.Refusal("ResourceNotFoundException"));
        var reader = Reader(new EndlessLines(), LineFormat.RandomKey(new Random(1)));

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => PutAsync(shard, reader));

        var stored = shard.Stored.Count;
        Assert.Equal(Enumerable.Range(1, stored).Select(Text), shard.Stored);
        Assert.Equal(
            $"{reader.Lines - stored} lines were not put ({stored + 1} to {reader.Lines}), and none after line {reader.Lines}: No. (ResourceNotFoundException)",
            failure.Message);
        Assert.Equal(stored, _totals.Records);
    }

    [Fact]
    public async Task When_nothing_gets_through_for_long_the_put_gives_up_and_says_why()
    {
        using var shard = new FakeShard((_, _) => Throttled);

        var putting = PutAsync(shard, Lines(2), unordered: true);
        // At the second one the first has failed.
        await shard.ReceivedAsync(requests: 2);
        _time.Advance(Patience.Default + TimeSpan.FromSeconds(1));

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => putting);
        Assert.Equal($"2 lines were not put (1 to 2): nothing got through for 30 s: Slow down. ({Throttled})", failure.Message);
        Assert.True(_totals.Resent > 0);
    }

    [Fact]
    public async Task A_server_that_goes_away_before_its_shards_are_known_is_named_when_the_put_gives_up()
    {
        using var shard = new FakeShard((_, _) => null) { OnListShards = () => throw new HttpRequestException("Connection refused") };

        var putting = PutAsync(shard, Lines(1));
        while (_trouble.Last is null)
            await Task.Yield();
        _time.Advance(Patience.Default + TimeSpan.FromSeconds(1));

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => putting);
        Assert.StartsWith("line 1 was not put: nothing got through for 30 s: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_do_not_fail_for_having_waited_for_a_slow_shard()
    {
        // Goal: a backlog of minutes is put as long as something gets through. Method: each request takes the shard ten seconds, and time passes
        // nowhere else; the shards are not told before all lines are under way.
        var (started, served) = (_time.GetTimestamp(), 0);
        using var shard = new FakeShard((request, _) =>
        {
            if (request > served)
                _time.Advance(TimeSpan.FromSeconds(10));
            served = request;
            return null;
        })
        {
            OnListShards = async () =>
            {
                while (_producer!.PendingRecords < 5000)
                    await Task.Yield();
            },
        };

        await PutAsync(shard, Reader(Lines(5000), LineFormat.RandomKey(new Random(1))), time: _time);

        Assert.Equal(Enumerable.Range(1, 5000).Select(Text), shard.Stored);
        Assert.True(_time.GetElapsedTime(started) >= TimeSpan.FromSeconds(100));
        Assert.Equal(0, _totals.Resent);
    }

    [Fact]
    public async Task A_line_that_the_stream_has_become_too_small_for_is_named()
    {
        using var shard = new FakeShard((_, _) => null) { MaxRecordKiB = 1 };
        var input = new Pipe();

        var putting = PutAsync(shard, input.Reader.AsStream());
        await input.Writer.WriteAsync("1\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await shard.ReceivedAsync(requests: 1);
        await input.Writer.WriteAsync(Encoding.UTF8.GetBytes(new string('x', 2000) + "\n"), TestContext.Current.CancellationToken);
        await input.Writer.CompleteAsync();

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => putting);
        Assert.StartsWith("line 2 was not put", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Data and key have 2001 bytes; the stream takes 1024.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["1"], shard.Stored);
    }

    [Fact]
    public async Task A_line_that_is_no_record_stops_the_put_after_those_before_it()
    {
        using var shard = new FakeShard((_, _) => null);

        var failure = await Assert.ThrowsAsync<CommandFailure>(
            () => PutAsync(shard, Reader(new MemoryStream("a\t1\nb\t2\nnothing\nc\t3\n"u8.ToArray()), LineFormat.Tab())));

        Assert.Equal("line 3: no tab between key and data", failure.Message);
        Assert.Equal(["1", "2"], shard.Stored);
    }

    private Task PutAsync(FakeShard shard, Stream input, bool unordered = false) =>
        PutAsync(shard, Reader(input, LineFormat.FixedKey("k")), unordered);

    private async Task PutAsync(FakeShard shard, BatchReader reader, bool unordered = false, TimeProvider? time = null)
    {
        var plan = new PutPlan("stream", LineFormat.FixedKey("k"), Aggregate: false, unordered);
        using var client = shard.Connect(time ?? TimeProvider.System);
        await using var producer = _producer = new KinesisProducer(client, plan.OptionsOf(rateLimitPercent: 0, time ?? TimeProvider.System, seed: 1), _trouble);
        using var put = new LinePut(producer, _trouble, _totals, new Patience(Patience.Default, _time), _time);
        await put.RunAsync(reader, TestContext.Current.CancellationToken);
    }

    private static BatchReader Reader(Stream input, LineFormat format) =>
        new(input, format, new BatchLimits(MaxRecordBytes: 1024 * 1024, Aggregate: false), TimeProvider.System);

    private static MemoryStream Lines(int count) => new(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, count).Select(number => $"{Text(number)}\n"))));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The numbers from 1 on, one a line.</summary>
    private sealed class EndlessLines : MemoryStream
    {
        private int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(_next + 1, 100).Select(number => $"{Text(number)}\n")));
            _next += 100;
            lines.CopyTo(buffer);
            return ValueTask.FromResult(lines.Length);
        }
    }
}
