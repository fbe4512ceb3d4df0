using Weir.Cli.Bench.Recovery;

namespace Weir.Cli.Tests.Bench.Recovery;

public sealed class LastSegmentsTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("weir-last-segments-");

    [Fact]
    public void Of_each_log_only_the_last_counts_and_of_it_only_what_was_written()
    {
        Write("logs/0000000001/00000000000000000000.segment", written: 5000, room: 0);
        Write("logs/0000000001/00000000000000005000.segment", written: 2_500_000, room: 1_000_000);
        Write("logs/0000000002/00000000000000000000.segment", written: 300, room: 4096);
        Write("logs/0000000003/00000000000000000000.segment", written: 0, room: 4096);
        Write("catalog.db", written: 999, room: 0);

        var last = LastSegments.Read(_data, TimeProvider.System);

        Assert.Equal((3, 2_500_300L), (last.Segments, last.Bytes));
    }

    public void Dispose() => _data.Delete(recursive: true);

    private void Write(string name, int written, int room)
    {
        var path = Path.Combine(_data.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = new byte[written + room];
        bytes.AsSpan(0, written).Fill(7);
        File.WriteAllBytes(path, bytes);
    }
}
