using Microsoft.Extensions.Logging;
using Weir.Log.Format;
using Weir.TestKit;

namespace Weir.Log.Tests.Faults;

/// <summary>A log on a simulated disk, driven step by step, with what it acknowledged: the base of the tests of faults.</summary>
internal sealed class FaultyLog : IAsyncDisposable
{
    public static readonly LogId Id = new(1);

    private readonly Dictionary<int, List<ReadRecord>> _acknowledged = [];
    private readonly LogOptions _options;
    private readonly Messages _messages = new();
    private StepwiseCommitScheduler _scheduler = new();
    private SegmentedLogStore? _store;
    private DateTimeOffset _trimmedBefore = DateTimeOffset.MinValue;
    private int _texts;

    /// <param name="seed">Of the disk.</param>
    /// <param name="segmentBytes">Small, so that a handful of appends rolls.</param>
    public FaultyLog(int seed = 0, long segmentBytes = 4096)
    {
        Disk = new SimulatedDirectory(seed);
        // No tail in memory: every read goes to a file.
        _options = new LogOptions { SegmentBytes = segmentBytes, TailBytes = 0 };
    }

    public SimulatedDirectory Disk { get; }

    public ManualTimeProvider Time { get; } = new();

    public IRecordLog Log { get; private set; } = null!;

    /// <summary>The log's own directory.</summary>
    public SimulatedDirectory Files => (SimulatedDirectory)Disk.OpenDirectory(Id.ToString());

    /// <summary>What is given up and not gone yet: files, and directories of deleted logs.</summary>
    public IReadOnlyList<string> Discarded => Disk.ListDirectories().Contains(DiscardedName.Directory) ? [.. DiscardedFiles.ListFiles(), .. DiscardedFiles.ListDirectories()] : [];

    public SimulatedDirectory DiscardedFiles => (SimulatedDirectory)Disk.OpenDirectory(DiscardedName.Directory);

    /// <summary>The log's directory after it was deleted.</summary>
    public SimulatedDirectory DiscardedLog => (SimulatedDirectory)DiscardedFiles.OpenExistingDirectory(Id.ToString());

    /// <summary>What operators were told: event id and text.</summary>
    public IReadOnlyList<(int Id, string Text)> Told => _messages.Told;

    public async Task OpenAsync()
    {
        _scheduler = new StepwiseCommitScheduler();
        _store = new SegmentedLogStore(Disk, _options, Time, _messages, _scheduler);
        Log = await _store.OpenAsync(Id, CancellationToken.None);
    }

    /// <summary>Puts a record of 900 bytes; what is acknowledged is noted.</summary>
    public async Task<AppendOutcome> AppendAsync(int shard)
    {
        var acknowledged = AcknowledgedBy(shard);
        var text = $"{_texts++}:{new string((char)('a' + (_texts % 26)), 900)}";
        var append = Log.AppendAsync(shard, text);
        await _scheduler.RunUntil(append);
        var block = await append;
        if (block.Outcome == AppendOutcome.Appended)
            acknowledged.Add(new ReadRecord(block.FirstIndex, text, block.Time));
        return block.Outcome;
    }

    public async Task CloseShardAsync(int shard) => await _scheduler.RunUntil(Log.CloseShardAsync(shard));

    public async Task TrimAsync(DateTimeOffset horizon)
    {
        _trimmedBefore = horizon > _trimmedBefore ? horizon : _trimmedBefore;
        await _scheduler.RunUntil(Log.TrimAsync(horizon, CancellationToken.None));
    }

    /// <summary>Gives back room until there is nothing to do, or something fails.</summary>
    public void Release() => _scheduler.RunSteps();

    /// <summary>One step of that.</summary>
    public TimeSpan? ReleaseStep() => _scheduler.RunStep();

    /// <summary>Deletes the log, which is closed.</summary>
    public Task DeleteAsync() => _store!.DeleteAsync(Id, CancellationToken.None);

    /// <summary>Closes the log and leaves the store open.</summary>
    public async Task CloseLogAsync() => await _scheduler.RunUntil(Log.DisposeAsync().AsTask());

    public async Task CloseAsync() => await _scheduler.RunUntil(_store!.DisposeAsync().AsTask());

    /// <summary>Everything acknowledged is readable, but for what was trimmed; and behind it at most what was never answered.</summary>
    /// <param name="uncertain">How many records may be there that nobody was told of.</param>
    public void AssertNothingLost(int uncertain = 0)
    {
        foreach (var (shard, acknowledged) in _acknowledged)
        {
            var read = Log.ReadAll(shard);
            var first = read.Count > 0 ? read[0].Index : Log.GetShard(shard).NextIndex;
            Assert.All(acknowledged.Where(record => record.Index < first), lost => Assert.True(lost.Time < _trimmedBefore, $"{lost} is lost."));
            var expected = acknowledged.Where(record => record.Index >= first).ToList();
            Assert.Equal(expected, read.Take(expected.Count));
            Assert.InRange(read.Count - expected.Count, 0, uncertain);
        }
    }

    /// <summary>What survived counts as acknowledged from now on.</summary>
    public void TakeAsAcknowledged()
    {
        foreach (var shard in _acknowledged.Keys.ToArray())
            _acknowledged[shard] = Log.ReadAll(shard);
    }

    /// <summary>A failed log says so at once, without a commit and without touching the disk.</summary>
    public async Task AssertRefusesAtOnceAsync()
    {
        var changes = Disk.Changes;
        var append = Log.AppendAsync(1, "refused");
        Assert.True(append.IsCompleted, "A failed log keeps the caller waiting.");
        var failed = await Assert.ThrowsAsync<LogFailedException>(() => append);
        Assert.Same(Log.Failure, failed.InnerException);
        Assert.Contains("restart the server", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LogFailedException>(() => Log.CloseShardAsync(1));
        Assert.Equal(changes, Disk.Changes);
        Assert.Contains(Told, told => told.Id == 1004 && told.Text.Contains("restart the server", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        Disk.HealAll();
        Disk.IsReadOnly = false;
        if (_store is not null)
            await CloseAsync();
        _messages.Dispose();
    }

    private List<ReadRecord> AcknowledgedBy(int shard)
    {
        if (!_acknowledged.TryGetValue(shard, out var records))
            _acknowledged[shard] = records = [];
        return records;
    }

    private sealed class Messages : ILoggerFactory, ILogger
    {
        private readonly List<(int, string)> _told = [];

        public IReadOnlyList<(int, string)> Told
        {
            get
            {
                lock (_told)
                    return [.. _told];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("These tests listen themselves.");

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_told)
                _told.Add((eventId.Id, formatter(state, exception)));
        }

        public void Dispose()
        {
        }
    }
}
