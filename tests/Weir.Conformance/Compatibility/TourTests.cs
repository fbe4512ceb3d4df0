using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>
/// The table of compatibility, a test a field: the goal is that every operation works through every client that can call it.
/// Each client walks the tour once, on a server of its own; a field passes when all of the operation's steps went as expected.
/// </summary>
public abstract class TourTests
{
    private protected static async Task WorksAsync(Column column, string operation)
    {
        WeirServer.Require();
        var result = await column.ResultAsync();
        if (result.Outcomes is null)
            Missing.Report($"{column.Peer!.Name} is not installed.");
        var cell = result.CellOf(operation);
        Assert.SkipWhen(cell == Cell.Missing, $"The server does not have {operation} yet, or an operation that all its steps need.");
        Assert.True(cell != Cell.Fails, result.DifferencesOf(operation));
    }
}

/// <summary>Our own requests in JSON, over HTTP/1.1.</summary>
public sealed class RawJsonTourTests : TourTests
{
    public static TheoryData<string> Operations => [.. Column.RawJson.Operations];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Raw_JSON_works(string operation) => WorksAsync(Column.RawJson, operation);

    [Fact]
    public void The_tour_comes_by_every_operation_of_the_model() => Assert.Equal(ServiceShapes.OfCheckout.Operations, Column.RawJson.Operations);
}

/// <summary>Our own requests in CBOR, over HTTP/2.</summary>
public sealed class RawCborTourTests : TourTests
{
    public static TheoryData<string> Operations => [.. Column.RawCbor.Operations];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Raw_CBOR_works(string operation) => WorksAsync(Column.RawCbor, operation);
}

/// <summary>Debian's boto3.</summary>
public sealed class Boto3TourTests : TourTests
{
    public static TheoryData<string> Operations => [.. Column.Boto3.Operations];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Boto3_works(string operation) => WorksAsync(Column.Boto3, operation);
}

/// <summary>Debian's AWS command line.</summary>
public sealed class AwsCommandLineTourTests : TourTests
{
    public static TheoryData<string> Operations => [.. Column.AwsCommandLine.Operations];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task The_AWS_command_line_works(string operation) => WorksAsync(Column.AwsCommandLine, operation);
}

/// <summary>The JavaScript SDK.</summary>
public sealed class JavaScriptTourTests : TourTests
{
    public static TheoryData<string> Operations => [.. Column.JavaScript.Operations];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task The_JavaScript_SDK_works(string operation) => WorksAsync(Column.JavaScript, operation);
}
