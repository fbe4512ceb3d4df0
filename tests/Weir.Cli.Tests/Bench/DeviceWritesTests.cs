using Weir.Cli.Bench;

namespace Weir.Cli.Tests.Bench;

public sealed class DeviceWritesTests
{
    [Fact]
    public void A_write_counts_as_one_request_with_all_its_records_and_only_its_own_time()
    {
        var plan = new LoadPlan
        {
            Stream = "s", Region = "us-east-1", Connections = 1, RecordBytes = 100, Batch = 50, RecordsPerSecond = 0, Keys = 1,
            Duration = TimeSpan.FromMilliseconds(20), Warmup = TimeSpan.Zero,
        };
        using var device = new DeviceWrites(plan, seed: 1, TimeProvider.System);

        var result = device.Run(TestContext.Current.CancellationToken);

        Assert.True(result.Requests > 0);
        Assert.Equal(result.Requests, result.Latency.Count);
        Assert.Equal((result.Requests * 50, result.Requests * 5000), (result.Records, result.Bytes));
        Assert.True(result.Measured >= plan.Duration);
    }
}
