using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Server.Http;
using Weir.TestKit;

namespace Weir.Server.Tests.Http;

/// <summary>Bodies that come in pieces, too long, too late or not to the end: what is held is paid for, and given back.</summary>
public sealed class RequestBodyTests : IDisposable
{
    private const int MaxBytes = 64 * 1024;
    private const int BudgetBytes = 100 * 1024;

    private readonly ManualTimeProvider _time = new();
    private readonly ByteBudget _budget;
    private readonly Pipe _pipe = new();

    public RequestBodyTests() => _budget = new ByteBudget(BudgetBytes, TimeSpan.FromSeconds(10), _time);

    [Theory]
    [InlineData(1)]
    [InlineData(MaxBytes)]
    public async Task A_body_of_known_length_is_read_to_its_end(int length)
    {
        var bytes = Random(length);
        var reading = ReadAsync(length);
        await SendAsync(bytes.AsMemory(0, length / 2));
        await SendAsync(bytes.AsMemory(length / 2));
        await _pipe.Writer.CompleteAsync();
        using var body = await reading;
        Assert.Equal(BodyStatus.Complete, body.Status);
        Assert.Equal(bytes, body.Bytes.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData((16 * 1024) + 1)]
    [InlineData(MaxBytes)]
    public async Task A_body_of_unknown_length_is_read_to_its_end(int length)
    {
        var bytes = Random(length);
        var reading = ReadAsync(length: null);
        for (var sent = 0; sent < length; sent += 5_000)
            await SendAsync(bytes.AsMemory(sent, Math.Min(5_000, length - sent)));
        await _pipe.Writer.CompleteAsync();
        using var body = await reading;
        Assert.Equal(BodyStatus.Complete, body.Status);
        Assert.Equal(bytes, body.Bytes.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(null)]
    public async Task An_empty_body_costs_nothing(int? length)
    {
        await _pipe.Writer.CompleteAsync();
        using var body = await ReadAsync(length);
        Assert.Equal(BodyStatus.Complete, body.Status);
        Assert.True(body.Bytes.IsEmpty);
        AssertHeld(0);
    }

    [Fact]
    public async Task A_length_over_the_limit_is_refused_before_a_byte_is_read()
    {
        using var body = await ReadAsync(MaxBytes + 1);
        Assert.Equal(BodyStatus.TooLarge, body.Status);
        AssertHeld(0);
    }

    [Fact]
    public async Task A_length_that_an_int_cannot_hold_is_refused()
    {
        using var body = await ReadAsync(5L * int.MaxValue);
        Assert.Equal(BodyStatus.TooLarge, body.Status);
    }

    [Fact]
    public async Task A_body_that_grows_over_the_limit_is_refused_without_waiting_for_its_end()
    {
        var reading = ReadAsync(length: null);
        await SendAsync(new byte[MaxBytes]);
        await SendAsync(new byte[1]);
        using var body = await reading;
        Assert.Equal(BodyStatus.TooLarge, body.Status);
    }

    [Fact]
    public async Task A_body_is_paid_for_before_it_is_read_and_given_back_with_it()
    {
        // As much as the buffer has, which is a little longer than the body.
        var held = Weir.Model.BufferPool.LengthFor(50_000);
        var reading = ReadAsync(50_000);
        AssertHeld(held);
        await SendAsync(new byte[50_000]);
        await _pipe.Writer.CompleteAsync();
        var body = await reading;
        AssertHeld(held);
        body.Dispose();
        AssertHeld(0);
        body.Dispose();
        AssertHeld(0);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(null)]
    public async Task A_body_that_finds_no_room_in_time_is_refused_as_overload(int? length)
    {
        using var all = _budget.TryTake(BudgetBytes);
        var reading = ReadAsync(length);
        await SendAsync(new byte[1_000]);
        Assert.False(reading.IsCompleted);
        await TestServer.UntilAsync("the body waits for room", () => _time.ActiveTimers == 1);
        _time.Advance(TimeSpan.FromSeconds(10));
        using var body = await reading;
        Assert.Equal(BodyStatus.Overloaded, body.Status);
        Assert.True(body.Bytes.IsEmpty);
    }

    [Fact]
    public async Task A_body_that_waited_for_room_is_read_when_there_is_some()
    {
        var all = _budget.TryTake(BudgetBytes)!;
        var bytes = Random(1_000);
        var reading = ReadAsync(1_000);
        await SendAsync(bytes);
        await _pipe.Writer.CompleteAsync();
        all.Dispose();
        using var body = await reading;
        Assert.Equal(bytes, body.Bytes.ToArray());
    }

    [Theory]
    [InlineData(50_000)]
    [InlineData(null)]
    public async Task A_client_that_goes_away_in_the_middle_gives_its_room_back(int? length)
    {
        var reading = ReadAsync(length);
        await SendAsync(new byte[20_000]);
        await _pipe.Writer.CompleteAsync(new IOException("The client has gone."));
        await Assert.ThrowsAsync<IOException>(() => reading);
        AssertHeld(0);
    }

    public void Dispose() => _budget.Dispose();

    private Task<RequestBody> ReadAsync(long? length)
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new PipeFeature(_pipe.Reader));
        http.Request.ContentLength = length;
        return RequestBody.ReadAsync(http.Request, MaxBytes, _budget).AsTask();
    }

    // The pipe's own bound plays no part here: nobody waits for the reader.
    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        bytes.CopyTo(_pipe.Writer.GetMemory(Math.Max(1, bytes.Length)));
        _pipe.Writer.Advance(bytes.Length);
        var flush = _pipe.Writer.FlushAsync(TestContext.Current.CancellationToken);
        if (flush.IsCompleted)
            await flush;
    }

    private void AssertHeld(int bytes)
    {
        if (bytes > 0)
            Assert.Null(_budget.TryTake(BudgetBytes - bytes + 1));
        using var rest = _budget.TryTake(BudgetBytes - bytes);
        Assert.NotNull(rest);
    }

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private sealed class PipeFeature(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
