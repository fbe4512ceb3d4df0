using System.Text;
using Weir.Client.Http;

namespace Weir.Client.Tests.Http;

public sealed class RequestBodyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public void It_grows_and_keeps_what_was_written(int expectedBytes)
    {
        using var body = new RequestBody(expectedBytes);
        var expected = new StringBuilder();
        for (var i = 0; i < 5000; i++)
        {
            var text = Encoding.ASCII.GetBytes($"part {i};");
            text.CopyTo(body.GetSpan(text.Length));
            body.Advance(text.Length);
            expected.Append(Encoding.ASCII.GetString(text));
        }

        Assert.Equal(expected.ToString(), Encoding.ASCII.GetString(body.Memory.Span));
    }

    [Fact]
    public void It_stays_for_as_long_as_a_connection_sends_it()
    {
        var body = new RequestBody();
        body.GetSpan(3)[0] = 7;
        body.Advance(3);
        Assert.True(body.TryHold());
        body.Dispose();
        // The answer has come; the connection still reads.
        Assert.Equal(7, body.Memory.Span[0]);
        body.LetGo();
        Assert.False(body.TryHold());
        Assert.Equal(0, body.Memory.Length);
    }

    [Fact]
    public async Task A_request_that_has_ended_is_not_sent_any_more()
    {
        var body = new RequestBody();
        using var content = new RequestContent(body);
        body.Dispose();
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(new MemoryStream(), TestContext.Current.CancellationToken));
        Assert.IsType<IOException>(failure.InnerException);
    }

    [Fact]
    public void No_more_is_counted_than_there_is_room_for()
    {
        using var body = new RequestBody();
        var room = body.GetMemory().Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Advance(room + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => body.Advance(-1));
    }
}
