using System.IO.Pipelines;
using System.Text;
using Weir.Cli.Put;

namespace Weir.Cli.Tests.Put;

public sealed class BatchReaderTests
{
    private static readonly BatchLimits Small = new(MaxRecordBytes: 100, OnePerKey: false) { MaxRecords = 3, MaxBytes = 200 };

    [Fact]
    public async Task Batches_are_full_by_number_and_keep_the_order() =>
        Assert.Equal(["1,2,3", "4,5,6", "7"], await BatchesAsync("1\n2\n3\n4\n5\n6\n7\n", LineFormat.FixedKey("k"), Small));

    [Fact]
    public async Task Batches_are_full_by_size()
    {
        var ninety = new string('x', 90);

        var batches = await BatchesAsync($"{ninety}\n{ninety}\n{ninety}\n", LineFormat.FixedKey("k"), Small);

        Assert.Equal([$"{ninety},{ninety}", ninety], batches);
    }

    [Fact]
    public async Task With_one_record_per_key_a_batch_takes_the_first_of_each_and_no_key_changes_its_order()
    {
        var batches = await BatchesAsync("a\t1\na\t2\nb\t3\na\t4\nc\t5\nb\t6\n", LineFormat.Tab(), Small with { OnePerKey = true });

        Assert.Equal(["1,3,5", "2,6", "4"], batches);
    }

    [Fact]
    public async Task Windows_line_ends_and_a_missing_last_one_make_no_difference() =>
        Assert.Equal(["a,b,"], await BatchesAsync("a\r\nb\r\n\r\n", LineFormat.FixedKey("k"), Small));

    [Fact]
    public async Task What_was_read_before_a_bad_line_is_still_given_out()
    {
        var batches = new List<string>();

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => ReadAsync(Input("a\t1\nno tab\nb\t2\n"), LineFormat.Tab(), Small, batches, TestContext.Current.CancellationToken));

        Assert.Equal("line 2: no tab between key and data", failure.Message);
        Assert.Equal(["1"], batches);
    }

    [Theory]
    [InlineData(101, "line 2: data and key have 102 bytes; the stream takes 100")]
    [InlineData(5000, "line 2: longer than a record may be; the stream takes 100 bytes")]
    public async Task A_record_beyond_the_limit_is_named_before_it_is_sent(int length, string message)
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(
            () => ReadAsync(Input($"ok\n{new string('x', length)}\n"), LineFormat.FixedKey("k"), Small, [], TestContext.Current.CancellationToken));

        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        // Goal: an endless line must not be gathered. Method: the input never ends and has no line feed.
        var failure = await Assert.ThrowsAsync<CommandFailure>(
            () => ReadAsync(new EndlessStream(), LineFormat.FixedKey("k"), Small, [], TestContext.Current.CancellationToken));

        Assert.StartsWith("line 1: longer than ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_input_does_not_wait_for_a_full_batch()
    {
        // Goal: a record goes soon although nothing follows. Method: one line, and then the input stays open.
        var pipe = new Pipe();
        var batches = new BatchReader(pipe.Reader.AsStream(), LineFormat.FixedKey("k"), Small, TimeProvider.System)
            .ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        await pipe.Writer.WriteAsync("first\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(await batches.MoveNextAsync());
        Assert.Equal("first", Text(batches.Current));

        await pipe.Writer.WriteAsync("second\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(await batches.MoveNextAsync());
        Assert.Equal("second", Text(batches.Current));
        await pipe.Writer.CompleteAsync();
        Assert.False(await batches.MoveNextAsync());
    }

    [Fact]
    public async Task Stopping_gives_out_what_was_read()
    {
        var pipe = new Pipe();
        using var stop = new CancellationTokenSource();
        var batches = new List<string>();
        await pipe.Writer.WriteAsync("1\n2\n3\n4\n"u8.ToArray(), TestContext.Current.CancellationToken);

        var reading = ReadAsync(pipe.Reader.AsStream(), LineFormat.FixedKey("k"), Small, batches, stop.Token);
        await stop.CancelAsync();
        await reading;

        Assert.Equal(["1,2,3", "4"], batches);
    }

    private static async Task<List<string>> BatchesAsync(string input, LineFormat format, BatchLimits limits)
    {
        var batches = new List<string>();
        await ReadAsync(Input(input), format, limits, batches, TestContext.Current.CancellationToken);
        return batches;
    }

    private static async Task ReadAsync(Stream input, LineFormat format, BatchLimits limits, List<string> batches, CancellationToken stop)
    {
        await foreach (var batch in new BatchReader(input, format, limits, TimeProvider.System).ReadAsync(stop))
            batches.Add(Text(batch));
    }

    private static string Text(List<InputRecord> batch) => string.Join(',', batch.Select(record => Encoding.UTF8.GetString(record.Data)));

    private static MemoryStream Input(string text) => new(Encoding.UTF8.GetBytes(text));

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
