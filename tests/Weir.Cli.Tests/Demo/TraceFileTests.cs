using System.Security.Cryptography;
using Weir.Cli.Demo;

namespace Weir.Cli.Tests.Demo;

public sealed class TraceFileTests
{
    private const string Heading = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

    [Fact]
    public void Rows_are_numbered_from_one_and_keep_their_hundred_nanoseconds()
    {
        var rows = Read(Heading + "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951691,396,109");

        Assert.Equal(
            [
                new TraceRow(1, new DateTime(2023, 11, 16, 18, 15, 46, DateTimeKind.Utc).AddTicks(6_805_900), 374, 44),
                new TraceRow(2, new DateTime(2023, 11, 16, 18, 15, 50, DateTimeKind.Utc).AddTicks(9_951_691), 396, 109),
            ],
            rows);
        Assert.All(rows, row => Assert.Equal(DateTimeKind.Utc, row.Time.Kind));
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("time,a,b\n", "line 1")]
    [InlineData(Heading, "no rows")]
    [InlineData(Heading + "2023-11-16 18:15:46.6805900,374\n", "line 2")]
    [InlineData(Heading + "2023-11-16 18:15:46.6805900,374,44,1\n", "line 2")]
    [InlineData(Heading + "2023-11-16 18:15:46,374,44\n", "line 2")]
    [InlineData(Heading + "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:47.0000000,-1,44\n", "line 3")]
    [InlineData(Heading + "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:46.6805899,374,44\n", "line 3")]
    public void A_line_that_is_not_a_row_is_named(string text, string where) =>
        Assert.Contains(where, Assert.Throws<InvalidDataException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_shipped_trace_is_the_unchanged_original()
    {
        Assert.Equal(
            "2f1e5b666d4e3055fdbba98598ce2ec307767b9064e03e2fa46676dbcc7d0bf8",
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(TraceFile.Shipped))));
        Assert.Equal(19_366, TraceFile.Read(TraceFile.Shipped).Count);
    }

    [Fact]
    public void The_shipped_trace_has_a_hundred_tenants_of_uneven_size()
    {
        var sizes = TraceFile.Read(TraceFile.Shipped).CountBy(row => row.Tenant).Select(tenant => tenant.Value).Order().ToList();

        Assert.Equal((100, 77, 644), (sizes.Count, sizes[0], sizes[^1]));
    }

    [Fact]
    public void A_record_says_what_the_row_says()
    {
        foreach (var row in TraceFile.Read(TraceFile.Shipped).Take(500))
            Assert.Equal(row, DemoRecord.Decode(DemoRecord.Encode(row)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"row":"1","time":"2023-11-16T18:15:46Z","contextTokens":1,"generatedTokens":1}""")]
    [InlineData("""{"row":1,"time":"yesterday","contextTokens":1,"generatedTokens":1}""")]
    public void Data_that_is_no_row_is_refused(string data) =>
        Assert.Throws<InvalidDataException>(() => DemoRecord.Decode(System.Text.Encoding.UTF8.GetBytes(data)));

    private static IReadOnlyList<TraceRow> Read(string text) => TraceFile.Read(new StringReader(text), "trace");
}
