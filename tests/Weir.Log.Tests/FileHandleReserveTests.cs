using Weir.Log.Storage;

namespace Weir.Log.Tests;

public sealed class FileHandleReserveTests
{
    [Theory]
    [InlineData(1024, 992)]
    [InlineData(256, 224)]
    [InlineData(80, 70)]
    [InlineData(0, 0)]
    public void The_last_32_of_a_limit_or_its_last_eighth_are_left_alone(int limit, int expected) =>
        Assert.Equal(expected, FileHandleReserve.BeginsAt(limit));

    [Fact]
    public void A_process_with_few_files_has_not_reached_it() => Assert.False(FileHandleReserve.IsReached || FileHandleReserve.IsTouched);
}
