using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Format;
using Weir.Log.Integrity;
using Weir.Log.Storage;
using Weir.TestKit;

namespace Weir.Log.Tests.Integrity;

/// <summary>
/// A server trims or deletes what somebody else just looks at, and the files that they have opened are cut under them. Method: between the
/// opening of a file and its first byte everything that has expired is trimmed and its room given back.
/// </summary>
public sealed class TrimmedMeanwhileTests : IAsyncLifetime
{
    private readonly StepwiseCommitScheduler _scheduler = new();
    private StoredLog _stored = null!;
    private MeddledDirectory _root = null!;
    private int _openings;
    private int _trimAt = -1;
    private SegmentedLogStore _store = null!;
    private IRecordLog _log = null!;
    private LogFacts _before = null!;

    public async ValueTask InitializeAsync()
    {
        _stored = await StoredLog.BuildAsync();
        _before = _stored.Check();
        _root = new MeddledDirectory(_stored.Root, () =>
        {
            if (_openings++ == _trimAt)
                Trim();
        });
        _store = new SegmentedLogStore(
            _root, new LogOptions { TailBytes = 0, SegmentBytes = 4096 }, _stored.Time, NullLoggerFactory.Instance, _scheduler);
        _log = await _store.OpenAsync(StoredLog.Id, CancellationToken.None);
    }

    public async ValueTask DisposeAsync() => await _scheduler.RunUntil(_store.DisposeAsync().AsTask());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_check_takes_what_was_trimmed_under_it_for_no_damage(int opened)
    {
        var facts = LogCheck.Run(TrimAt(opened), StoredLog.Id, null, CancellationToken.None);
        Assert.Empty(facts.Findings);
        Assert.DoesNotContain(facts.Segments, segment => segment.File == _before.Segments[opened].File);
        Assert.Equal(_before.Segments.Skip(2), facts.Segments.SkipWhile(segment => segment.BaseOffset < _before.Segments[2].BaseOffset));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_survey_leaves_out_what_was_trimmed_under_it(int opened)
    {
        var facts = LogSurvey.Run(TrimAt(opened), StoredLog.Id, CancellationToken.None);
        Assert.DoesNotContain(facts.Segments, segment => segment.File == _before.Segments[opened].File);
        Assert.Equal(_before.Segments[^1].BaseOffset, facts.Segments[^1].BaseOffset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_copy_begins_behind_what_was_trimmed_under_it(int opened)
    {
        var copy = new SimulatedDirectory();
        var result = LogCopy.Run(TrimAt(opened), StoredLog.Id, copy, new CopyBoundary(_ => true, _ => true), null, CancellationToken.None);
        Assert.Equal((LogCopyOutcome.Copied, _before.Segments.Count - 2), (result.Outcome, result.Segments));
        var facts = LogCheck.Run(copy, StoredLog.Id, null, CancellationToken.None);
        Assert.Empty(facts.Findings);
        Assert.Equal(_before.Segments[2].BaseOffset, facts.Segments[0].BaseOffset);
    }

    [Fact]
    public async Task A_scrub_takes_what_was_trimmed_under_it_for_no_damage()
    {
        TrimAt(1);
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        await using var scrub = SegmentScrub.Start(
            _store, TimeSpan.FromMinutes(1), _stored.Time, NullLoggerFactory.Instance, services.GetRequiredService<IMeterFactory>());
        // Until the whole round is done, and the next, which forgets what the first said of a file that is gone.
        while (_openings < 2 * _before.Segments.Count)
        {
            if (_stored.Time.ActiveTimers > 0)
                _stored.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
            Assert.Empty(scrub.Damaged);
        }
    }

    private MeddledDirectory TrimAt(int opened)
    {
        _trimAt = _openings + opened;
        return _root;
    }

    // Two segments expire, leave the log, and lose their room.
    private void Trim()
    {
        Wait(_log.TrimAsync(_before.Segments[1].LastTime!.Value + TimeSpan.FromMilliseconds(1), CancellationToken.None));
        _scheduler.RunSteps();
        Assert.Empty(_stored.Root.OpenDirectory(DiscardedName.Directory).ListFiles());
    }

    private void Wait(Task task) => _scheduler.RunUntil(task).GetAwaiter().GetResult();

    /// <summary>Something happens between the opening of a file to look at it and its first byte.</summary>
    private sealed class MeddledDirectory(ILogDirectory inner, Action meddle) : ILogDirectory
    {
        private readonly ILogDirectory _inner = inner;

        public string Path => _inner.Path;

        public IReadOnlyList<string> ListDirectories() => _inner.ListDirectories();

        public IReadOnlyList<string> ListFiles() => _inner.ListFiles();

        public ILogDirectory OpenDirectory(string name) => new MeddledDirectory(_inner.OpenDirectory(name), meddle);

        public ILogDirectory OpenExistingDirectory(string name) => new MeddledDirectory(_inner.OpenExistingDirectory(name), meddle);

        public void DeleteDirectory(string name) => _inner.DeleteDirectory(name);

        public ILogFile Create(string name) => _inner.Create(name);

        public ILogFile Open(string name) => _inner.Open(name);

        public ILogFile OpenRead(string name, bool fromDisk)
        {
            var file = _inner.OpenRead(name, fromDisk);
            meddle();
            return file;
        }

        public void Delete(string name) => _inner.Delete(name);

        public void Move(string name, ILogDirectory to, string newName) => _inner.Move(name, ((MeddledDirectory)to)._inner, newName);

        public void MoveDirectory(string name, ILogDirectory to, string newName) => _inner.MoveDirectory(name, ((MeddledDirectory)to)._inner, newName);

        public long LengthOf(string name) => _inner.LengthOf(name);

        public void Sync() => _inner.Sync();
    }
}
