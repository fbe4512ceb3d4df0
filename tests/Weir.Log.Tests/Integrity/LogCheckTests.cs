using Weir.Log.Format;
using Weir.Log.Integrity;
using Weir.TestKit;

namespace Weir.Log.Tests.Integrity;

public sealed class LogCheckTests
{
    [Fact]
    public async Task A_whole_log_has_no_findings_and_is_described()
    {
        var stored = await StoredLog.BuildAsync();
        var facts = stored.Check();
        Assert.Empty(facts.Findings);
        Assert.Equal(stored.Names.Length, facts.Segments.Count);
        Assert.All(facts.Segments.SkipLast(1), segment => Assert.True(segment.IsSealed));
        Assert.False(facts.Segments[^1].IsSealed);
        Assert.Equal(stored.Acknowledged.Values.Sum(list => list.Count), facts.Segments.Sum(segment => segment.Records));
        foreach (var shard in facts.Shards)
            Assert.Equal((1, stored.Acknowledged[shard.Shard].Count + 1, shard.Shard == 2), (shard.FirstIndex, shard.NextIndex, shard.ClosedAt is not null));
    }

    [Fact]
    public async Task The_survey_says_the_same_without_reading_the_frames()
    {
        var stored = await StoredLog.BuildAsync();
        var survey = LogSurvey.Run(stored.Root, StoredLog.Id, CancellationToken.None);
        var check = stored.Check();
        Assert.Equal(check.Segments, survey.Segments);
        Assert.Equal(check.Shards, survey.Shards);
    }

    // Goal: nothing that is stored changes unseen. Method: every byte of every file, one after the other, with one of its bits flipped.
    [Fact]
    public async Task Every_changed_byte_of_a_closed_log_is_damage_in_that_file_at_or_before_that_byte()
    {
        var stored = await StoredLog.BuildAsync(commits: 24);
        var facts = stored.Check();
        foreach (var segment in facts.Segments)
        {
            var name = Path.GetFileName(segment.File);
            // Nothing vouches for the very last frame, the checkpoint of an orderly end.
            var end = segment.IsSealed ? segment.FileBytes : segment.FramesEnd - RecordFrame.HeaderBytes;
            for (var offset = 0L; offset < end; offset++)
            {
                stored.Files.FlipBit(name, offset, (int)(offset % 8));
                var found = stored.Check().Findings;
                stored.Files.FlipBit(name, offset, (int)(offset % 8));
                Assert.True(
                    found.Any(finding => finding.Kind == FindingKind.Damage && finding.File.EndsWith(name, StringComparison.Ordinal)),
                    $"A flip at {offset} of {name} went unnoticed.");
            }
        }

        Assert.Empty(stored.Check().Findings);
    }

    [Fact]
    public async Task A_damaged_frame_is_named_with_the_records_that_it_held_and_all_others_are_checked()
    {
        var stored = await StoredLog.BuildAsync();
        var name = stored.Names[1];
        var bytes = stored.Files.ReadFile(name);
        var (at, frame) = FramesOf(bytes).Where(entry => entry.Frame.Kind == FrameKind.Records).ElementAt(2);
        stored.Files.FlipBit(name, at + 100, 3);
        var facts = stored.Check();
        var finding = Assert.Single(facts.Findings);
        Assert.Equal((FindingKind.Damage, at), (finding.Kind, finding.Offset));
        var lost = Assert.Single(finding.Affected);
        Assert.Equal((frame.Shard, frame.FirstIndex, frame.FirstIndex + frame.Count - 1), (lost.Shard, lost.FirstIndex, lost.LastIndex));
        Assert.InRange(frame.TimeMs, lost.NotBefore.ToUnixTimeMilliseconds(), lost.NotAfter!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(stored.Acknowledged.Values.Sum(list => list.Count) - frame.Count, facts.Segments.Sum(segment => segment.Records));
    }

    [Fact]
    public async Task The_records_of_frames_at_the_end_of_a_segment_are_told_by_its_footer()
    {
        var stored = await StoredLog.BuildAsync();
        var name = stored.Names[1];
        var bytes = stored.Files.ReadFile(name);
        var last = FramesOf(bytes).Where(entry => entry.Frame.Kind == FrameKind.Records).TakeLast(3).ToArray();
        foreach (var (at, _) in last)
            stored.Files.FlipBit(name, at + 70, 0);
        var affected = stored.Check().Findings.SelectMany(finding => finding.Affected).ToArray();
        foreach (var (_, frame) in last)
            Assert.Contains(affected, records => records.Shard == frame.Shard && records.FirstIndex <= frame.FirstIndex && records.LastIndex >= frame.FirstIndex);
    }

    [Fact]
    public async Task A_torn_tail_is_a_note_and_damage_that_a_later_frame_disproves_is_not()
    {
        var stored = await StoredLog.BuildAsync(close: false);
        var name = stored.Names[^1];
        var frames = FramesOf(stored.Files.ReadFile(name)).ToArray();
        Assert.True(frames.Length > 3);
        stored.Files.FlipBit(name, frames[^1].At + 80, 0);
        var note = Assert.Single(stored.Check().Findings);
        Assert.Equal((FindingKind.Note, frames[^1].At), (note.Kind, note.Offset));
        stored.Files.FlipBit(name, frames[^1].At + 80, 0);
        stored.Files.FlipBit(name, frames[^3].At + 80, 0);
        var damage = Assert.Single(stored.Check().Findings);
        Assert.Equal((FindingKind.Damage, frames[^3].At), (damage.Kind, damage.Offset));
        Assert.Equal(frames[^3].Frame.FirstIndex, Assert.Single(damage.Affected).FirstIndex);
    }

    [Fact]
    public async Task A_missing_segment_and_a_foreign_one_are_damage_and_a_trimmed_beginning_is_not()
    {
        var stored = await StoredLog.BuildAsync();
        var names = stored.Names;
        stored.Files.Delete(names[0]);
        Assert.Empty(stored.Check().Findings);
        var bytes = stored.Files.ReadFile(names[2]);
        stored.Files.Delete(names[2]);
        Assert.Contains(stored.Check().Findings, finding => finding.Expected.Contains(names[2], StringComparison.Ordinal));
        var other = stored.Files.ReadFile(names[3]);
        other.AsSpan(0, Math.Min(bytes.Length, other.Length)).CopyTo(bytes);
        stored.Files.WriteFile(names[2], bytes);
        Assert.Contains(stored.Check().Findings, finding => finding.Kind == FindingKind.Damage && finding.File.EndsWith(names[2], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_index_names_the_records_that_cannot_be_found_and_cutting_the_footer_off_brings_them_back()
    {
        var stored = await StoredLog.BuildAsync();
        var name = stored.Names[1];
        var segment = stored.Check().Segments[1];
        stored.Files.FlipBit(name, segment.FramesEnd + 20, 1);
        var finding = Assert.Single(stored.Check().Findings);
        Assert.Equal(segment.FramesEnd, finding.Offset);
        var affected = Assert.Single(finding.Affected);
        await using (var store = stored.Open())
        {
            var log = await store.OpenAsync(StoredLog.Id, CancellationToken.None);
            Assert.Throws<LogCorruptException>(() => log.ReadAll(affected.Shard));
        }

        Assert.Contains($"cut it to {segment.FramesEnd} bytes", finding.Advice, StringComparison.Ordinal);
        using (var file = stored.Files.Open(name))
            file.Truncate(segment.FramesEnd);
        Assert.Equal(FindingKind.Note, Assert.Single(stored.Check().Findings).Kind);
        await using var repaired = stored.Open();
        var read = await repaired.OpenAsync(StoredLog.Id, CancellationToken.None);
        foreach (var (shard, records) in stored.Acknowledged)
            Assert.Equal(records, read.ReadAll(shard).Texts());
    }

    [Fact]
    public async Task A_log_that_is_being_written_has_no_damage()
    {
        using var directory = new TemporaryDirectory();
        var root = new Weir.Log.Storage.PhysicalDirectory(directory.Path);
        await using var store = new SegmentedLogStore(
            root, new LogOptions { SegmentBytes = 64 * 1024 }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var log = await store.OpenAsync(StoredLog.Id, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                await log.AppendAsync(i % 5, new string((char)('a' + (i % 26)), i % 3000));
        }, TestContext.Current.CancellationToken);
        var segments = 0;
        while (segments < 8)
        {
            var facts = LogCheck.Run(root, StoredLog.Id, checkedBytes: null, CancellationToken.None);
            Assert.DoesNotContain(facts.Findings, finding => finding.Kind == FindingKind.Damage);
            segments = facts.Segments.Count;
        }

        await stop.CancelAsync();
        await writing;
    }

    private static IEnumerable<(long At, RecordFrame Frame)> FramesOf(byte[] bytes)
    {
        for (long at = SegmentHeader.Bytes; RecordFrame.TryReadHeader(bytes.AsSpan((int)at), out var frame); at += frame.FrameBytes)
            yield return (at, frame);
    }
}
