using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Storage;
using Weir.TestKit;

namespace Weir.Log.Tests;

public sealed class SegmentedLogStoreOnDiskTests : LogStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override ILogStore OpenStore(LogOptions options) =>
        new SegmentedLogStore(new PhysicalDirectory(_directory.Path), options, Time, NullLoggerFactory.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}

public sealed class MemoryLogStoreTests : LogStoreContract
{
    protected override bool SurvivesReopen => false;

    protected override ILogStore OpenStore(LogOptions options) => new MemoryLogStore(options, Time);
}

public sealed class SegmentedLogStoreOnSimulatedDiskTests : LogStoreContract
{
    private readonly SimulatedDirectory _directory = new();

    protected override ILogStore OpenStore(LogOptions options) => new SegmentedLogStore(_directory, options, Time, NullLoggerFactory.Instance);
}
