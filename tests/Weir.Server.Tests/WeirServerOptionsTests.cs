using System.Net;

namespace Weir.Server.Tests;

/// <summary>A bad option is refused before anything is touched, in a sentence that names the option, its value and its range.</summary>
public sealed class WeirServerOptionsTests
{
    public static TheoryData<string, WeirServerOptions, string[]> Bad => new()
    {
        { "port below", new() { Port = -1 }, ["Port", "-1", "0", "65535"] },
        { "port above", new() { Port = 65_536 }, ["Port", "65536", "0", "65535"] },
        { "account short", new() { AccountId = "12345678901" }, ["AccountId", "'12345678901'", "twelve digits"] },
        { "account long", new() { AccountId = "1234567890123" }, ["AccountId", "'1234567890123'", "twelve digits"] },
        { "account letters", new() { AccountId = "12345678901a" }, ["AccountId", "'12345678901a'", "twelve digits"] },
        { "account other digits", new() { AccountId = "12345678901\u0661" }, ["AccountId", "twelve digits"] },
        { "request bytes", new() { RequestBytes = (64 * 1024 * 1024) - 1 }, ["RequestBytes", "67108863", "64 MiB"] },
        { "memory limit", new() { MemoryLimitBytes = (256L << 20) - 1 }, ["MemoryLimitBytes", "268435455", "at least", "268435456"] },
        { "memory bytes of the limit", new() { DataDirectory = null, MemoryLimitBytes = 1L << 30, MemoryBytes = (1L << 29) + 1 }, ["MemoryBytes", "536870913", "536870912"] },
        { "no connection", new() { MaxConnections = 0 }, ["MaxConnections", "0", "between 1 and 1000000"] },
        { "connections above", new() { MaxConnections = 1_000_001 }, ["MaxConnections", "1000001", "between 1 and 1000000"] },
        { "memory bytes", new() { MemoryBytes = 1023 }, ["MemoryBytes", "1023", "1024", "1099511627776"] },
        { "memory bytes above", new() { MemoryBytes = (1L << 40) + 1 }, ["MemoryBytes", "1099511627777", "1024", "1099511627776"] },
        { "delay below", new() { TransitionDelay = TimeSpan.FromTicks(-1) }, ["TransitionDelay", "-00:00:00.0000001", "zero", "one hour"] },
        { "scrub below", new() { ScrubInterval = TimeSpan.FromSeconds(59) }, ["scrub interval", "00:00:59", "zero", "30 days"] },
        { "delay above", new() { TransitionDelay = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) }, ["TransitionDelay", "01:00:00.0000001", "zero", "one hour"] },
        { "host name", new() { Host = "example.com" }, ["Host", "'example.com'", "IP address", "localhost"] },
        { "host empty", new() { Host = "" }, ["Host", "''", "IP address", "localhost"] },
    };

    [Theory, MemberData(nameof(Bad))]
    public void A_value_out_of_range_is_named_with_its_range(string _, WeirServerOptions options, string[] parts)
    {
        var message = Assert.ThrowsAny<ArgumentException>(options.Validate).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("::")]
    public void An_address_that_others_reach_needs_a_word_of_consent(string host)
    {
        var message = Assert.Throws<ArgumentException>(new WeirServerOptions { Host = host }.Validate).Message;
        Assert.Contains(host, message, StringComparison.Ordinal);
        Assert.Contains("--allow-anonymous", message, StringComparison.Ordinal);
        Assert.Equal(IPAddress.Parse(host), new WeirServerOptions { Host = host, AllowAnonymous = true }.Validate().Address);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    public void Test_controls_stay_on_loopback_whatever_else_is_allowed(string host)
    {
        var message = Assert.Throws<ArgumentException>(new WeirServerOptions { Host = host, AllowAnonymous = true, TestControls = true }.Validate).Message;
        Assert.All(["Host", host, "TestControls", "loopback"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        new WeirServerOptions { Host = "::1", TestControls = true }.Validate();
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.8.8.8", "127.8.8.8")]
    [InlineData("::1", "::1")]
    public void Loopback_needs_none(string host, string address) =>
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 1), new WeirServerOptions { Host = host, Port = 1 }.Validate());

    [Fact]
    public void The_bounds_themselves_are_in_range()
    {
        new WeirServerOptions
        {
            Port = 0,
            RequestBytes = 64 * 1024 * 1024,
            MemoryLimitBytes = 256L << 20,
            MemoryBytes = 1024,
            MaxConnections = 1,
            TransitionDelay = TimeSpan.Zero,
        }.Validate();
        new WeirServerOptions
        {
            Port = 65_535,
            RequestBytes = int.MaxValue,
            MemoryBytes = 1L << 40,
            MaxConnections = 1_000_000,
            TransitionDelay = TimeSpan.FromHours(1),
        }.Validate();
    }

    [Fact]
    public async Task A_bad_option_leaves_nothing_behind()
    {
        using var directory = new TemporaryDirectory();
        var data = Path.Combine(directory.Path, "data");
        foreach (var options in new WeirServerOptions[]
        {
            new() { DataDirectory = data, TransitionDelay = TimeSpan.FromHours(2) },
            new() { DataDirectory = data, MemoryBytes = 0 },
            new() { DataDirectory = data, AccountId = "" },
        })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => WeirServer.StartAsync(options, TestContext.Current.CancellationToken));
            Assert.False(Directory.Exists(data));
        }
    }
}
