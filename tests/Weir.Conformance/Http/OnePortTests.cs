using System.Net;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>
/// HTTP/1.1 and HTTP/2 with prior knowledge arrive on one port without TLS, so the server tells them apart by the first bytes.
/// These facts cut those bytes at every awkward place.
/// </summary>
public sealed class OnePortTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const byte SettingsFrame = 4;
    private const byte PingFrame = 6;
    private const int FrameHeaderBytes = 9;

    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();
    private static readonly byte[] EmptySettings = [0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0];

    [Fact]
    public async Task Both_versions_are_served_at_once()
    {
        using var one = new KinesisHttp(fixture.Endpoint, HttpVersion.Version11);
        using var two = new KinesisHttp(fixture.Endpoint, HttpVersion.Version20);
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? one : two).CallAsync("ListStreams", "{}")));
        Assert.All(replies, reply => reply.Succeeded());
    }

    [Fact]
    public async Task A_hundred_requests_at_once_share_one_HTTP_2_connection()
    {
        using var http = new KinesisHttp(fixture.Endpoint, HttpVersion.Version20);
        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => http.CallAsync("DescribeStream", new { StreamName = $"absent-{i}" })));
        for (var i = 0; i < replies.Length; i++)
            replies[i].AssertRefused("ResourceNotFoundException", $"Stream absent-{i} under account 000000000000 not found.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(14)]
    [InlineData(23)]
    public async Task Half_a_preface_waits_without_holding_up_others_and_may_go_on(int sentFirst)
    {
        using var slow = await RawConnection.OpenAsync(fixture.Endpoint);
        await slow.SendAsync(Preface.AsMemory(0, sentFirst));
        foreach (var version in new[] { "1.1", "2.0" })
        {
            using var http = HttpVersions.Connect(fixture.Endpoint, version);
            (await http.CallAsync("ListStreams", "{}")).Succeeded();
        }

        await slow.SendByteByByteAsync(Preface.AsMemory(sentFirst));
        await slow.SendAsync(EmptySettings);
        Assert.Equal(SettingsFrame, (await ReadFrameAsync(slow)).Type);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_POST_cut_after_its_first_letters_is_HTTP_1_1(int sentFirst)
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        var request = RawConnection.Post("ListStreams", "{}");
        await connection.SendAsync(request.AsMemory(0, sentFirst));
        using (var http = new KinesisHttp(fixture.Endpoint))
            (await http.CallAsync("ListStreams", "{}")).Succeeded();
        await connection.SendAsync(request.AsMemory(sentFirst));
        (await connection.ReceiveAsync()).Succeeded();
    }

    [Fact]
    public async Task A_PUT_shares_its_first_letter_with_the_preface_and_is_HTTP_1_1()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        await connection.SendByteByByteAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        Assert.Equal(HttpStatusCode.Forbidden, (await connection.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_own_bytes()
    {
        // Consumers written in Java close a connection whose PING is not answered in time.
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        byte[] payload = [1, 2, 3, 4, 5, 6, 7, 8];
        await connection.SendAsync((byte[])[.. Preface, .. EmptySettings, 0, 0, 8, PingFrame, 0, 0, 0, 0, 0, .. payload]);
        while (true)
        {
            var frame = await ReadFrameAsync(connection);
            if (frame.Type != PingFrame)
                continue;
            Assert.Equal(1, frame.Flags);
            Assert.Equal(payload, frame.Payload);
            return;
        }
    }

    [Fact]
    public async Task Silent_connections_in_their_hundreds_hold_up_nobody()
    {
        var silent = new List<RawConnection>();
        try
        {
            for (var i = 0; i < 300; i++)
            {
                var connection = await RawConnection.OpenAsync(fixture.Endpoint);
                silent.Add(connection);
                if (i % 3 != 0)
                    await connection.SendAsync(Preface.AsMemory(0, i % Preface.Length));
            }

            using var http = new KinesisHttp(fixture.Endpoint, HttpVersion.Version20);
            (await http.CallAsync("ListStreams", "{}")).Succeeded();
        }
        finally
        {
            silent.ForEach(connection => connection.Dispose());
        }
    }

    private static async Task<(byte Type, byte Flags, byte[] Payload)> ReadFrameAsync(RawConnection connection)
    {
        var header = await connection.ReadExactlyAsync(FrameHeaderBytes);
        var length = (header[0] << 16) | (header[1] << 8) | header[2];
        return (header[3], header[4], await connection.ReadExactlyAsync(length));
    }
}
