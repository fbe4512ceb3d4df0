using System.Net.Sockets;
using System.Text;
using Weir.Server.Http;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Http;

/// <summary>Connections have a maximum. One more is closed at once, the others go on, and the place of one that leaves is free again.</summary>
public sealed class ConnectionLimitTests
{
    private const string Served = "HTTP/1.1 400 Bad Request";
    private const string Closed = "";

    [Fact]
    public async Task One_connection_too_many_is_closed_and_the_others_are_served()
    {
        await using var server = await StartAsync(maxConnections: 2);
        using var first = await RawConnection.OpenAsync(server.Server.Endpoint);
        Assert.Equal(Served, await AskAsync(first));
        using (var second = await RawConnection.OpenAsync(server.Server.Endpoint))
        {
            Assert.Equal(Served, await AskAsync(second));
            Assert.Equal(Closed, await ConnectAndAskAsync(server));
            Assert.Equal(Served, await AskAsync(first));
            Assert.Equal(Served, await AskAsync(second));
        }

        // The server learns of the end in its own time.
        await UntilAsync("a place is free", async () => await ConnectAndAskAsync(server) == Served);
    }

    [Fact]
    public async Task HTTP2_takes_more_places_since_its_clients_may_send_ahead()
    {
        await using var server = await StartAsync(maxConnections: ConnectionCount.Http2Places);
        using var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
        await connection.SendAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        Assert.Empty(await connection.ReceiveAsync());

        await using var larger = await StartAsync(maxConnections: ConnectionCount.Http2Places + 1);
        using var enough = await RawConnection.OpenAsync(larger.Server.Endpoint);
        await enough.SendAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        Assert.NotEmpty(await enough.ReceiveAsync());
    }

    private static async Task<string> ConnectAndAskAsync(TestServer server)
    {
        try
        {
            using var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
            return await AskAsync(connection);
        }
        catch (SocketException)
        {
            // Closed before this side knew that it was open.
            return Closed;
        }
    }

    // The first line of the answer; nothing when the connection was closed in its place.
    private static async Task<string> AskAsync(RawConnection connection)
    {
        var answer = new StringBuilder();
        try
        {
            await connection.SendAsync(RawConnection.Request("NoSuchOperation", "{}"));
            // Its end is that of the JSON in it.
            while (!answer.ToString().EndsWith('}') && await connection.ReceiveAsync() is { Length: > 0 } bytes)
                answer.Append(Encoding.ASCII.GetString(bytes));
        }
        catch (SocketException)
        {
            // Closed while the request was on its way.
            return Closed;
        }

        return answer.ToString().Split('\r')[0];
    }
}
