using System.Globalization;
using System.Net;
using System.Text;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>HTTP/1.1 as bytes on a connection: how a request is cut into segments and chunks must not change its answer.</summary>
public sealed class FramingTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    [Fact]
    public async Task A_request_in_segments_of_one_byte_is_answered()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        await connection.SendByteByByteAsync(RawConnection.Post("ListStreams", "{}"));
        (await connection.ReceiveAsync()).Succeeded();
    }

    [Fact]
    public async Task A_connection_serves_one_request_after_another()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        for (var i = 0; i < 20; i++)
        {
            await connection.SendAsync(RawConnection.Post(i % 2 == 0 ? "ListStreams" : "NoSuchOperation", "{}"));
            Assert.Equal(i % 2 == 0 ? 200 : 400, (int)(await connection.ReceiveAsync()).Status);
        }
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        var all = Enumerable.Range(0, 20).SelectMany(i => RawConnection.Post("DescribeStream", $$"""{"StreamName":"absent-{{i}}"}""")).ToArray();
        await connection.SendAsync(all);
        for (var i = 0; i < 20; i++)
            (await connection.ReceiveAsync()).AssertRefused("ResourceNotFoundException", $"Stream absent-{i} under account 000000000000 not found.");
    }

    [Fact]
    public async Task A_client_that_waits_for_100_Continue_gets_it()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        var request = RawConnection.Post("ListStreams", "{ }", "Expect: 100-continue\r\n");
        await connection.SendAsync(request.AsMemory(0, request.Length - 3));
        Assert.Equal(HttpStatusCode.Continue, (await connection.ReceiveAsync()).Status);
        await connection.SendAsync(request.AsMemory(request.Length - 3));
        (await connection.ReceiveAsync()).Succeeded();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task A_chunked_body_is_taken(int chunkBytes)
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        var request = new StringBuilder(Encoding.ASCII.GetString(RawConnection.Post("DescribeStream", "", "Transfer-Encoding: chunked\r\n", withLength: false)));
        foreach (var piece in """{"StreamName":"absent"}""".Chunk(chunkBytes))
            request.Append(piece.Length.ToString("x", CultureInfo.InvariantCulture)).Append("\r\n").Append(piece).Append("\r\n");
        await connection.SendAsync(request.Append("0\r\n\r\n").ToString());
        (await connection.ReceiveAsync()).AssertRefused("ResourceNotFoundException", "Stream absent under account 000000000000 not found.");
    }

    [Fact]
    public async Task Connection_close_is_obeyed()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        await connection.SendAsync(RawConnection.Post("ListStreams", "{}", "Connection: close\r\n"));
        (await connection.ReceiveAsync()).Succeeded();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("hello\r\n\r\n")]
    [InlineData("POST / HTTP/9.9\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: -1\r\nHost: a\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")]
    public async Task Bad_framing_ends_in_a_refusal_or_a_close(string request)
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        await connection.SendAsync(request);
        connection.EndSending();
        var answer = Encoding.Latin1.GetString(await connection.ReadToEndAsync());
        Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
        // 505 is the one server error that blames the request: it names a version that nobody speaks.
        Assert.DoesNotContain("HTTP/1.1 50", answer.Replace("HTTP/1.1 505", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_sent_request_holds_up_nobody()
    {
        using var slow = await RawConnection.OpenAsync(fixture.Endpoint);
        var request = RawConnection.Post("ListStreams", "{}");
        await slow.SendAsync(request.AsMemory(0, request.Length / 2));
        using (var http = new KinesisHttp(fixture.Endpoint))
            (await http.CallAsync("ListStreams", "{}")).Succeeded();
        await slow.SendAsync(request.AsMemory(request.Length / 2));
        (await slow.ReceiveAsync()).Succeeded();
    }
}
