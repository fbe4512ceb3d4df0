using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Integrity;

namespace Weir.Log.Tests.Integrity;

public sealed class SegmentScrubTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Every_sealed_segment_is_checked_once_in_an_interval_at_a_bounded_pace()
    {
        var stored = await StoredLog.BuildAsync();
        await using var store = stored.Open();
        await store.OpenAsync(StoredLog.Id, CancellationToken.None);
        var sealedFiles = stored.Check().Segments.Where(segment => segment.IsSealed).ToArray();
        using var counted = new Counted();
        await using var scrub = Start(store, stored, TimeSpan.FromHours(1));
        stored.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, counted["weir.log.scrub.segments"]);
        var began = stored.Time.GetTimestamp();
        await AdvanceUntilAsync(stored, TimeSpan.FromMilliseconds(1), () => counted["weir.log.scrub.segments"] == sealedFiles.Length);
        Assert.Equal(sealedFiles.Sum(segment => segment.FileBytes) - (64 * sealedFiles.Length), counted["weir.log.scrub.size"]);
        // One second of the first pause was left. The pause behind the last segment is over before the segment counts.
        var least = TimeSpan.FromSeconds(1 + (sealedFiles.Sum(segment => segment.FileBytes + SegmentScrub.SegmentCostBytes - 64) / (double)SegmentScrub.BytesPerSecond));
        Assert.InRange(stored.Time.GetElapsedTime(began), least, least * 1.1);
        Assert.Empty(scrub.Damaged);
        await AdvanceUntilAsync(stored, TimeSpan.FromMinutes(1), () => counted["weir.log.scrub.segments"] >= 2 * sealedFiles.Length);
        Assert.InRange(stored.Time.GetElapsedTime(began), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(90));
    }

    [Fact]
    public async Task Damage_is_listed_until_the_segment_is_whole_again_or_gone()
    {
        var stored = await StoredLog.BuildAsync();
        await using var store = stored.Open();
        var log = await store.OpenAsync(StoredLog.Id, CancellationToken.None);
        var damaged = stored.Check().Segments[1];
        var name = Path.GetFileName(damaged.File);
        // In the index: a check that took the segment for an active one would not look there.
        stored.Files.FlipBit(name, damaged.FramesEnd + 30, 2);
        await using var scrub = Start(store, stored, TimeSpan.FromHours(1));
        await AdvanceUntilAsync(stored, TimeSpan.FromMinutes(1), () => scrub.Damaged.Count == 1);
        Assert.Equal((damaged.File, damaged.FramesEnd), (Assert.Single(scrub.Damaged).Key, scrub.Damaged[damaged.File].Offset));
        stored.Files.FlipBit(name, damaged.FramesEnd + 30, 2);
        await AdvanceUntilAsync(stored, TimeSpan.FromMinutes(1), () => scrub.Damaged.Count == 0);
        stored.Files.FlipBit(name, damaged.FramesEnd - 30, 2);
        await AdvanceUntilAsync(stored, TimeSpan.FromMinutes(1), () => scrub.Damaged.Count == 1);
        await log.TrimAsync(stored.Time.GetUtcNow() + TimeSpan.FromDays(1), CancellationToken.None);
        await AdvanceUntilAsync(stored, TimeSpan.FromMinutes(1), () => scrub.Damaged.Count == 0);
    }

    [Fact]
    public async Task It_stops_in_the_middle_and_an_interval_of_zero_checks_nothing()
    {
        var stored = await StoredLog.BuildAsync();
        await using var store = stored.Open();
        await store.OpenAsync(StoredLog.Id, CancellationToken.None);
        await using (Start(store, stored, TimeSpan.Zero))
            Assert.Equal(0, stored.Time.ActiveTimers);
        var scrub = Start(store, stored, TimeSpan.FromMinutes(1));
        Assert.Equal(1, stored.Time.ActiveTimers);
        await scrub.DisposeAsync();
        Assert.Equal(0, stored.Time.ActiveTimers);
        Assert.Throws<ArgumentOutOfRangeException>(() => Start(store, stored, TimeSpan.FromSeconds(59)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Start(store, stored, TimeSpan.FromDays(31)));
    }

    private SegmentScrub Start(SegmentedLogStore store, StoredLog stored, TimeSpan interval) =>
        SegmentScrub.Start(store, interval, stored.Time, NullLoggerFactory.Instance, _services.GetRequiredService<IMeterFactory>());

    // The loop goes on by itself between two moves of the clock, so the state is waited for and not the number of moves.
    private static async Task AdvanceUntilAsync(StoredLog stored, TimeSpan step, Func<bool> reached)
    {
        for (var i = 0; !reached(); i++)
        {
            Assert.True(i < 1_000_000, "The state was never reached.");
            if (stored.Time.ActiveTimers > 0)
                stored.Time.Advance(step);
            await Task.Yield();
        }
    }

    /// <summary>Adds up the counters of the log's meter.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _sums = new();
        private readonly MeterListener _listener = new();

        public Counted()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("weir.log.scrub", StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
            _listener.Start();
        }

        public long this[string name] => _sums.GetValueOrDefault(name);

        public void Dispose() => _listener.Dispose();
    }
}
