using Weir.Conformance.Http;
using Weir.Conformance.Server;

namespace Weir.Conformance.Lifecycle;

/// <summary>
/// A disk fills up under the server. Puts are refused with an error, what was acknowledged stays readable, and once there is
/// room again puts work again, in the same process. A ballast file stands for what an operator deletes.
/// </summary>
public sealed class FullDiskTests
{
    private const int DiskMebibytes = 192;
    private const int BallastMebibytes = 96;
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_full_disk_refuses_puts_serves_reads_and_recovers_without_a_restart()
    {
        WeirServer.Require();
        await using var disk = await SmallDisk.MountAsync(DiskMebibytes);
        var ballast = disk.PutBallast(BallastMebibytes);
        var data = Path.Combine(disk.Path, "data");
        var acknowledged = new List<string>();
        await using (var server = await WeirServer.StartAsync("--data", data, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            await http.CreateStreamAsync("full");

            var refusal = await FillAsync(http, acknowledged);
            // An error of the service, not of the caller: SDKs retry a 5xx, and an operator finds it in the metrics.
            Assert.True((int)refusal.Status is 500 or 503, refusal.ToString());
            Assert.NotEmpty(acknowledged);
            Assert.Equal(acknowledged, await SequenceNumbersAsync(http));
            (await http.CallAsync("DescribeStream", """{"StreamName":"full"}""")).Succeeded();
            Assert.False(server.HasExited);

            File.Delete(ballast);
            var first = await Polling.UntilAsync<string>("a put succeeds after space was freed", RecoveryPatience, async () =>
            {
                var reply = await PutAsync(http, acknowledged.Count);
                return (int)reply.Status == 200 ? reply.Json.GetProperty("SequenceNumber").GetString() : null;
            });
            acknowledged.Add(first);
            Assert.Equal(acknowledged, await SequenceNumbersAsync(http));
            Assert.Equal(0, await server.TerminateAsync());
        }

        await using (var server = await WeirServer.StartAsync("--data", data, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            Assert.Equal(acknowledged, await SequenceNumbersAsync(http));
            Assert.Equal(0, await server.TerminateAsync());
        }
    }

    /// <summary>Puts until one is refused; more puts than fit mean that nothing was stored where it should be.</summary>
    private static async Task<KinesisReply> FillAsync(KinesisHttp http, List<string> acknowledged)
    {
        for (var i = 0; i < DiskMebibytes * 2; i++)
        {
            var reply = await PutAsync(http, i);
            if ((int)reply.Status != 200)
                return reply;
            acknowledged.Add(reply.Json.GetProperty("SequenceNumber").GetString()!);
        }

        throw new InvalidOperationException($"{DiskMebibytes * 2} MiB were acknowledged on a disk of {DiskMebibytes} MiB.");
    }

    private static Task<KinesisReply> PutAsync(KinesisHttp http, int number)
    {
        var data = new byte[1000 * 1000];
        BitConverter.TryWriteBytes(data, number);
        return http.CallAsync("PutRecord", new { StreamName = "full", PartitionKey = "k", Data = data });
    }

    private static async Task<IEnumerable<string?>> SequenceNumbersAsync(KinesisHttp http) =>
        (await http.ReadAllAsync("full")).Select(record => record.GetProperty("SequenceNumber").GetString());
}
