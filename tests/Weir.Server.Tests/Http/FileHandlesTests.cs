using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

public sealed class FileHandlesTests
{
    private const string Head = "Limit                     Soft Limit           Hard Limit           Units     ";

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 768)]
    [InlineData("Max open files            1048576              1048576              files     ", 786_432)]
    [InlineData("Max open files            400                  400                  files     ", 144)]
    [InlineData("Max open files            1                    1                    files     ", 16)]
    [InlineData("Max open files            unlimited            unlimited            files     ", int.MaxValue)]
    [InlineData("Max open files            9223372036854775807  9223372036854775807  files     ", int.MaxValue)]
    [InlineData("Max processes             4096                 4096                 processes ", int.MaxValue)]
    public void Three_quarters_of_the_limit_are_for_connections_but_not_what_the_process_needs(string line, int expected) =>
        Assert.Equal(expected, FileHandles.ForConnectionsOf([Head, line]));

    [Fact]
    public void This_process_has_a_limit_on_Linux()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /proc.");
        Assert.InRange(FileHandles.ForConnections, 100, int.MaxValue);
    }
}
