using System.Collections.Concurrent;
using System.Net;
using Weir.Conformance.Http;
using Weir.Conformance.Server;

namespace Weir.Conformance.Lifecycle;

/// <summary>
/// SIGTERM in the middle of a load: the server ends with 0, answers no request with a server error that it did not cause
/// itself, and every record it acknowledged is there after a restart, each once. Writers count only what they saw answered.
/// </summary>
public sealed class ShutdownTests
{
    private const int Writers = 16;
    private const int AcknowledgedBeforeStop = 500;

    [Theory, MemberData(nameof(HttpVersions.Both), MemberType = typeof(HttpVersions))]
    public async Task A_stop_under_load_drains(string version)
    {
        using var data = new TemporaryFolder();
        var acknowledged = new ConcurrentDictionary<string, int>();
        var faults = new ConcurrentQueue<string>();
        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = HttpVersions.Connect(server.Endpoint, version);
            await http.CreateStreamAsync("drained");
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var writers = Enumerable.Range(0, Writers)
                .Select(writer => WriteUntilClosedAsync(http, writer, acknowledged, faults, enough)).ToArray();
            await Task.WhenAny(enough.Task, Task.WhenAll(writers));

            Assert.Equal(0, await server.TerminateAsync());
            await Task.WhenAll(writers);
        }

        Assert.Empty(faults);
        Assert.True(acknowledged.Count >= AcknowledgedBeforeStop, $"Only {acknowledged.Count} puts succeeded before the stop.");
        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            var read = (await http.ReadAllAsync("drained"))
                .ToDictionary(record => record.GetProperty("SequenceNumber").GetString()!, record => BitConverter.ToInt32(record.GetProperty("Data").GetBytesFromBase64()));
            foreach (var (number, value) in acknowledged)
                Assert.Equal(value, read[number]);
            Assert.Equal(0, await server.TerminateAsync());
        }
    }

    [Fact]
    public async Task Idle_and_half_open_connections_do_not_keep_it_alive()
    {
        using var data = new TemporaryFolder();
        await using var server = await WeirServer.StartAsync("--data", data.Path);
        using var idle = await RawConnection.OpenAsync(server.Endpoint);
        await idle.SendAsync(RawConnection.Post("ListStreams", "{}"));
        (await idle.ReceiveAsync()).Succeeded();
        using var halfSent = await RawConnection.OpenAsync(server.Endpoint);
        await halfSent.SendAsync("PRI * HT");
        using var halfBody = await RawConnection.OpenAsync(server.Endpoint);
        var request = RawConnection.Post("ListStreams", "{ }");
        await halfBody.SendAsync(request.AsMemory(0, request.Length - 1));
        Assert.Equal(0, await server.TerminateAsync());
    }

    private static async Task WriteUntilClosedAsync(
        KinesisHttp http, int writer, ConcurrentDictionary<string, int> acknowledged, ConcurrentQueue<string> faults, TaskCompletionSource enough)
    {
        for (var i = 0; ; i++)
        {
            var value = (writer << 24) | i;
            try
            {
                var reply = await http.CallAsync(
                    "PutRecord", new { StreamName = "drained", PartitionKey = $"writer-{writer}", Data = BitConverter.GetBytes(value) });
                if (reply.Status == HttpStatusCode.OK)
                {
                    acknowledged[reply.Json.GetProperty("SequenceNumber").GetString()!] = value;
                    if (acknowledged.Count >= AcknowledgedBeforeStop)
                        enough.TrySetResult();
                }
                else if (reply.Status != HttpStatusCode.ServiceUnavailable)
                {
                    // 503 is the documented word for "not now"; anything else blames the client or claims a fault.
                    faults.Enqueue(reply.ToString());
                    return;
                }
                else
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // The connection is gone: the record may or may not be there, and nobody was told that it is.
                return;
            }
        }
    }
}
