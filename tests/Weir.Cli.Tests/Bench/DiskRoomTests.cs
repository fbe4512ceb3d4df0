using Weir.Cli.Bench;

namespace Weir.Cli.Tests.Bench;

public sealed class DiskRoomTests
{
    // 10 GB with an eighth or so for frames and indexes, and an active segment of 64 MiB for each of 20 logs.
    private const long Needed = 11_500_000_000 + (20 * 64L * 1024 * 1024);

    [Fact]
    public void Enough_room_is_no_refusal() => Assert.Null(DiskRoom.Refusal(10_000_000_000, logs: 20, free: Needed));

    [Fact]
    public void A_byte_too_little_is_refused_with_what_is_needed() => Assert.Equal(
        "This needs 12.8 GB of disk for 10.0 GB of data, and there are 12.8 GB", DiskRoom.Refusal(10_000_000_000, logs: 20, free: Needed - 1));
}
