using System.Text;
using Weir.Cli.Bench.CatchUp;

namespace Weir.Cli.Tests.Bench.CatchUp;

public sealed class BodyBytesTests
{
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "hello world")]
    [InlineData("HTTP/1.1 200 OK\r\nDate: now\r\ncontent-length:11\r\n\r\n", "hello world")]
    [InlineData(Chunked, "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n")]
    [InlineData(Chunked, "00B\r\nhello world\r\n0\r\nTrailer: 1\r\n\r\n")]
    public void A_body_is_the_same_wherever_it_is_cut(string head, string framed)
    {
        for (var piece = 1; piece <= framed.Length; piece++)
        {
            var body = BodyBytes.After(Encoding.ASCII.GetBytes(head));
            var text = new StringBuilder();
            for (var at = 0; at < framed.Length; at += piece)
            {
                Assert.False(body.IsComplete);
                var received = Encoding.ASCII.GetBytes(framed[at..Math.Min(framed.Length, at + piece)]);
                text.Append(Encoding.ASCII.GetString(received, 0, body.Take(received)));
            }

            Assert.True(body.IsComplete);
            Assert.Equal("hello world", text.ToString());
        }
    }

    [Fact]
    public void An_empty_body_is_complete_at_once() => Assert.True(BodyBytes.After("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8).IsComplete);

    [Fact]
    public void A_head_that_tells_no_length_is_refused() => Assert.Throws<IOException>(() => BodyBytes.After("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n"u8));

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", "xy")]
    [InlineData(Chunked, "0\r\n\r\nx")]
    public void What_comes_behind_the_end_is_refused(string head, string framed)
    {
        var body = BodyBytes.After(Encoding.ASCII.GetBytes(head));
        Assert.Throws<IOException>(() => body.Take(Encoding.ASCII.GetBytes(framed)));
    }
}
