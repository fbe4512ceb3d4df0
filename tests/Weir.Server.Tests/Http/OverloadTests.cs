using System.Text;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Http;

/// <summary>
/// Requests and responses share one budget of bytes, of which responses may have half. The facts give the server a small one, let clients
/// that neither send nor read hold four fifths of their part of it, and look at what happens to the next one: it waits, in the server's
/// time, and is served when there is room or told 503.
/// </summary>
public sealed class OverloadTests
{
    private const int BudgetBytes = 64 * 1024 * 1024;

    // Its half is for responses.
    private const int BudgetOfReadersBytes = 2 * BudgetBytes;
    private const int LargeBytes = 13 * 1024 * 1024;
    private const int Holders = 4;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly byte[] LargeBody = Encoding.ASCII.GetBytes("{}" + new string(' ', LargeBytes - 2));

    [Fact]
    public async Task A_body_too_many_is_told_503_and_the_others_are_served()
    {
        await using var server = await StartAsync(requestBytes: BudgetBytes);
        var senders = await HoldByPromisesAsync(server);
        using var next = await SniffedAsync(server);
        var timers = server.Time.ActiveTimers;
        await next.SendAsync(RawConnection.Head("ListStreams", LargeBytes));
        await UntilAsync("the next one waits for room", () => server.Time.ActiveTimers == timers + 1);
        server.Time.Advance(LongestWait);
        Assert.Equal("HTTP/1.1 503 Service Unavailable", await next.StatusLineAsync());

        foreach (var sender in senders)
        {
            await sender.SendAsync(LargeBody);
            Assert.Equal("HTTP/1.1 200 OK", await sender.StatusLineAsync());
            sender.Dispose();
        }
    }

    [Fact]
    public async Task A_small_request_does_not_wait_behind_large_ones()
    {
        await using var server = await StartAsync(requestBytes: BudgetBytes);
        var senders = await HoldByPromisesAsync(server);
        using var next = await SniffedAsync(server);
        var timers = server.Time.ActiveTimers;
        await next.SendAsync(RawConnection.Head("ListStreams", LargeBytes));
        await UntilAsync("a large one waits for room", () => server.Time.ActiveTimers == timers + 1);
        (await server.CallAsync("ListStreams", new { })).Succeeded();
        senders.ForEach(sender => sender.Dispose());
    }

    [Fact]
    public async Task A_body_that_waits_is_served_as_soon_as_there_is_room()
    {
        await using var server = await StartAsync(requestBytes: BudgetBytes);
        var senders = await HoldByPromisesAsync(server);
        using var next = await SniffedAsync(server);
        var timers = server.Time.ActiveTimers;
        await next.SendAsync(RawConnection.Head("ListStreams", LargeBytes));
        await UntilAsync("the next one waits for room", () => server.Time.ActiveTimers == timers + 1);
        await senders[0].SendAsync(LargeBody);
        Assert.Equal("HTTP/1.1 200 OK", await senders[0].StatusLineAsync());
        await next.SendAsync(LargeBody);
        Assert.Equal("HTTP/1.1 200 OK", await next.StatusLineAsync());
        senders.ForEach(sender => sender.Dispose());
    }

    [Fact]
    public async Task A_client_that_promised_a_body_and_went_away_gives_its_share_back()
    {
        await using var server = await StartAsync(requestBytes: BudgetBytes);
        var senders = await HoldByPromisesAsync(server);
        senders.ForEach(sender => sender.Dispose());
        // Each waits, if it comes too early, until the server has noticed.
        var replies = await Task.WhenAll(Enumerable.Range(0, Holders).Select(_ => server.CallAsync("ListStreams", LargeBody)));
        Assert.All(replies, reply => reply.Succeeded());
    }

    [Fact]
    public async Task Many_large_bodies_at_once_are_all_served_in_their_turn()
    {
        await using var server = await StartAsync(requestBytes: BudgetBytes);
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.CallAsync("ListStreams", LargeBody)));
        Assert.All(replies, reply => reply.Succeeded());
    }

    [Fact]
    public async Task Readers_that_do_not_read_leave_half_of_the_room_to_bodies()
    {
        await using var server = await StartAsync(requestBytes: BudgetOfReadersBytes);
        var readers = await HoldByReadingSlowlyAsync(server);
        var replies = await Task.WhenAll(Enumerable.Range(0, Holders).Select(_ => server.CallAsync("ListStreams", LargeBody)));
        Assert.All(replies, reply => reply.Succeeded());
        readers.ForEach(reader => reader.Dispose());
    }

    [Fact]
    public async Task A_slow_reader_gives_its_share_back_when_it_has_read()
    {
        await using var server = await StartAsync(requestBytes: BudgetOfReadersBytes);
        var readers = await HoldByReadingSlowlyAsync(server);
        var iterator = await server.IteratorAsync("large");
        var waiting = server.CallAsync("GetRecords", new { ShardIterator = iterator });
        await UntilAsync("the response waits for room", async () => (await server.MetricsAsync()).Find("weir_server_budget_waiting_bytes") > 0);
        Assert.False(waiting.IsCompleted);
        await readers[0].DrainAsync(LargeBytes);
        (await waiting).Succeeded();
        readers.ForEach(reader => reader.Dispose());
    }

    [Fact]
    public async Task A_slow_reader_that_goes_away_gives_its_share_back()
    {
        await using var server = await StartAsync(requestBytes: BudgetOfReadersBytes);
        var readers = await HoldByReadingSlowlyAsync(server);
        readers.ForEach(reader => reader.Dispose());
        // Each waits, if it comes too early, until the server has noticed.
        var replies = await Task.WhenAll(Enumerable.Range(0, Holders).Select(async _ => await server.CallAsync("GetRecords", new { ShardIterator = await server.IteratorAsync("large") })));
        Assert.All(replies, reply => reply.Succeeded());
    }

    [Fact]
    public async Task A_response_too_many_is_told_503_however_small_its_request()
    {
        await using var server = await StartAsync(requestBytes: BudgetOfReadersBytes);
        var readers = await HoldByReadingSlowlyAsync(server);
        var iterator = await server.IteratorAsync("large");
        using var next = await SniffedAsync(server);
        var timers = server.Time.ActiveTimers;
        await next.SendAsync(RawConnection.Request("GetRecords", $$"""{"ShardIterator":"{{iterator}}"}"""));
        await UntilAsync("the response waits for room", () => server.Time.ActiveTimers == timers + 1);
        server.Time.Advance(LongestWait);
        Assert.Equal("HTTP/1.1 503 Service Unavailable", await next.StatusLineAsync());
        readers.ForEach(reader => reader.Dispose());
    }

    [Fact]
    public async Task A_response_that_waits_is_given_as_soon_as_there_is_room()
    {
        await using var server = await StartAsync(requestBytes: BudgetOfReadersBytes);
        var readers = await HoldByReadingSlowlyAsync(server);
        var iterator = await server.IteratorAsync("large");
        using var next = await SniffedAsync(server);
        var timers = server.Time.ActiveTimers;
        await next.SendAsync(RawConnection.Request("GetRecords", $$"""{"ShardIterator":"{{iterator}}"}"""));
        await UntilAsync("the response waits for room", () => server.Time.ActiveTimers == timers + 1);
        readers[0].Dispose();
        Assert.Equal("HTTP/1.1 200 OK", await next.StatusLineAsync());
        readers.ForEach(reader => reader.Dispose());
    }

    [Fact]
    public async Task With_little_room_a_page_is_short_and_goes_on_where_it_ended()
    {
        await using var server = await StartAsync(requestBytes: BudgetOfReadersBytes);
        await server.CreateStreamAsync("orders");
        var mebibyte = new string('x', 1_000_000);
        for (var i = 0; i < 9; i++)
            (await server.CallAsync("PutRecord", new { StreamName = "orders", PartitionKey = "k", Data = Bytes(i + mebibyte) })).Succeeded();
        var readers = await HoldByReadingSlowlyAsync(server);
        var texts = new List<string>();
        var pages = 0;
        for (string? iterator = await server.IteratorAsync("orders"); texts.Count < 9; pages++)
        {
            var page = await server.ReadAsync(iterator!);
            texts.AddRange(page.Texts.Select(text => text[..1]));
            iterator = page.Next;
        }

        Assert.Equal("012345678", string.Concat(texts));
        Assert.True(pages > 1, "The page was not cut.");
        readers.ForEach(reader => reader.Dispose());
    }

    // Clients that have promised large bodies, and got the server's word that it waits for them.
    private static async Task<List<RawConnection>> HoldByPromisesAsync(TestServer server)
    {
        var senders = new List<RawConnection>();
        for (var i = 0; i < Holders; i++)
        {
            var sender = await RawConnection.OpenAsync(server.Server.Endpoint);
            await sender.SendAsync(RawConnection.Head("ListStreams", LargeBytes, "Expect: 100-continue\r\n"));
            Assert.Equal("HTTP/1.1 100 Continue", await sender.StatusLineAsync());
            senders.Add(sender);
        }

        return senders;
    }

    // Clients that have asked for a record of 10 MiB, 13.3 MiB in JSON, and read its first bytes only.
    private static async Task<List<RawConnection>> HoldByReadingSlowlyAsync(TestServer server)
    {
        await server.CreateStreamAsync("large", maxRecordKib: 10_240);
        (await server.CallAsync("PutRecord", new { StreamName = "large", PartitionKey = "k", Data = new byte[(10 * 1024 * 1024) - 1] })).Succeeded();
        var request = RawConnection.Request("GetRecords", $$"""{"ShardIterator":"{{await server.IteratorAsync("large")}}"}""");
        var readers = new List<RawConnection>();
        for (var i = 0; i < Holders; i++)
        {
            var reader = await RawConnection.OpenAsync(server.Server.Endpoint, receiveBufferBytes: 4096);
            await reader.SendAsync(request);
            Assert.Equal("HTTP/1.1 200 OK", await reader.StatusLineAsync());
            readers.Add(reader);
        }

        return readers;
    }

    // A connection whose protocol is known already, so that only its requests are waited for.
    private static async Task<RawConnection> SniffedAsync(TestServer server)
    {
        var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
        await connection.SendAsync(RawConnection.Request("NoSuchOperation", "{}"));
        Assert.Equal("HTTP/1.1 400 Bad Request", await connection.StatusLineAsync());
        return connection;
    }
}
