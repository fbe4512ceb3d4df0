using Weir.Log;

namespace Weir.TestKit;

/// <summary>What the contract suites of <see cref="ILogStore"/> have in common: a store of the engine under test, in virtual time.</summary>
public abstract class LogStoreSuite : IAsyncLifetime
{
    /// <summary>The log that most facts use.</summary>
    protected static readonly LogId Id = new(1);

    private readonly List<ILogStore> _opened = [];

    /// <summary>Stamps the records; stands still unless a fact moves it.</summary>
    protected ManualTimeProvider Time { get; } = new();

    /// <summary>False for an engine whose records end with the store.</summary>
    protected virtual bool SurvivesReopen => true;

    /// <summary>Segments as small as the engine allows, so that a fact crosses many.</summary>
    protected static LogOptions SmallSegments => new() { SegmentBytes = 4096, TailBytes = 0 };

    /// <summary>Opens a store on the same place each time within one fact.</summary>
    protected abstract ILogStore OpenStore(LogOptions options);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
            await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected Task<IRecordLog> OpenAsync(LogOptions? options = null) =>
        Open(options ?? new LogOptions()).OpenAsync(Id, TestContext.Current.CancellationToken);

    /// <summary>Closes the store in good order and opens it again on the same place.</summary>
    protected async Task<IRecordLog> ReopenAsync(IRecordLog log, LogOptions? options = null)
    {
        await log.DisposeAsync();
        foreach (var store in _opened)
            await store.DisposeAsync();
        _opened.Clear();
        return await OpenAsync(options);
    }

    /// <summary>Opens a store that the suite disposes at the end of the fact.</summary>
    protected ILogStore Open(LogOptions options)
    {
        var store = OpenStore(options);
        _opened.Add(store);
        return store;
    }
}
