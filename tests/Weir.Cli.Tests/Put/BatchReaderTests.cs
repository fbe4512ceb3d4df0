using System.IO.Pipelines;
using System.Text;
using Weir.Cli.Put;

namespace Weir.Cli.Tests.Put;

public sealed class BatchReaderTests
{
    // Three short lines, by what records of their own cost.
    private static readonly BatchLimits Small = new(MaxRecordBytes: 100, Aggregate: false) { MaxCost = 3 * 1024 };

    [Fact]
    public async Task Batches_are_full_by_number_and_keep_the_order() =>
        Assert.Equal(["1,2,3", "4,5,6", "7"], await BatchesAsync("1\n2\n3\n4\n5\n6\n7\n", LineFormat.FixedKey("k"), Small));

    [Fact]
    public async Task Batches_are_full_by_size_and_a_larger_line_goes_alone()
    {
        var large = new string('x', 2000);

        var batches = await BatchesAsync($"1\n{large}\n{large}\n2\n", LineFormat.FixedKey("k"), Small with { MaxRecordBytes = 5000, MaxCost = 2100 });

        Assert.Equal(["1", large, large, "2"], batches);
    }

    [Fact]
    public async Task Lines_that_share_records_cost_what_they_hold()
    {
        var lines = string.Concat(Enumerable.Range(0, 10).Select(number => $"{number}\n"));

        Assert.Equal(["0,1,2,3,4,5,6,7,8,9"], await BatchesAsync(lines, LineFormat.FixedKey("k"), Small with { Aggregate = true }));
    }

    [Fact]
    public async Task Each_record_knows_its_line()
    {
        var reader = new BatchReader(Input("1\n2\n3\n4\n5\n"), LineFormat.FixedKey("k"), Small, TimeProvider.System);
        var lines = new List<string>();
        await foreach (var batch in reader.ReadAsync(TestContext.Current.CancellationToken))
            lines.AddRange(batch.Records.Select((record, index) => $"{batch.LineOf(index)}:{Encoding.UTF8.GetString(record.Data.Span)}"));

        Assert.Equal(["1:1", "2:2", "3:3", "4:4", "5:5"], lines);
        Assert.True(reader.IsAtEnd);
        Assert.Equal(5, reader.Lines);
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
    public async Task What_was_read_does_not_wait_for_more()
    {
        // Goal: a record goes at once although nothing follows. Method: one line, and then the input stays open.
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
        await pipe.Writer.WriteAsync("1\n2\n3\n4\nhalf"u8.ToArray(), TestContext.Current.CancellationToken);
        var reader = new BatchReader(pipe.Reader.AsStream(), LineFormat.FixedKey("k"), Small, TimeProvider.System);
        var batches = new List<string>();

        await foreach (var batch in reader.ReadAsync(stop.Token))
        {
            batches.Add(Text(batch));
            await stop.CancelAsync();
        }

        Assert.Equal(["1,2,3", "4"], batches);
        Assert.False(reader.IsAtEnd);
    }

    [Fact]
    public async Task An_input_that_cannot_be_read_is_named()
    {
        var failure = await Assert.ThrowsAsync<CommandFailure>(
            () => ReadAsync(new BrokenStream(), LineFormat.FixedKey("k"), Small, [], TestContext.Current.CancellationToken));

        Assert.Equal("standard input: Is a directory", failure.Message);
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

    private static string Text(LineBatch batch) => string.Join(',', batch.Records.Select(record => Encoding.UTF8.GetString(record.Data.Span)));

    private static MemoryStream Input(string text) => new(Encoding.UTF8.GetBytes(text));

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(new IOException("Is a directory"));
    }
}
