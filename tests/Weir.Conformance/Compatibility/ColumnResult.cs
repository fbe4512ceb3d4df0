using System.Net;
using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>What one client's tour came to.</summary>
/// <param name="Column">The client.</param>
/// <param name="Outcomes">Step by step; null where the client is not on this machine.</param>
internal sealed record ColumnResult(Column Column, IReadOnlyList<StepOutcome>? Outcomes)
{
    // The file's place below a folder of models is botocore's convention, and so are the names of the folders.
    private const string ModelPath = "kinesis/2013-12-02/service-2.json";

    /// <summary>Runs the tour of a column on a fresh server without rate limits.</summary>
    public static async Task<ColumnResult> OfAsync(Column column)
    {
        if (column.Peer is not null && !await column.Peer.IsInstalledAsync())
            return new ColumnResult(column, Outcomes: null);
        using var data = new TemporaryFolder();
        using var models = new TemporaryFolder();
        var model = Path.Combine(models.Path, ModelPath);
        Directory.CreateDirectory(Path.GetDirectoryName(model)!);
        File.Copy(ServiceShapes.File, model);
        await using var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off");
        IReadOnlySet<string> missing;
        await using (var raw = new RawTourClient(server.Endpoint, WireBody.Json, HttpVersion.Version11))
            missing = await raw.MissingOperationsAsync();
        IReadOnlyList<StepOutcome> outcomes;
        await using (var client = column.Open(server.Endpoint, models.Path))
            outcomes = await new TourRun(client, Tour.OfCheckout, column.Takes, missing).WalkAsync();
        Assert.Equal(0, await server.TerminateAsync());
        return new ColumnResult(column, outcomes);
    }

    /// <summary>The verdict on one operation: all its steps that could be taken went as expected, and at least one could.</summary>
    public Cell CellOf(string operation)
    {
        var outcomes = Outcomes!.Where(outcome => outcome.Step.Operation == operation).ToList();
        if (outcomes.Count == 0)
            return Cell.NotTaken;
        if (outcomes.Any(outcome => outcome.Difference is not null))
            return Cell.Fails;
        var taken = outcomes.Where(outcome => outcome.MissingOperation is null).ToList();
        return taken.Count == 0 ? Cell.Missing : taken.Any(outcome => outcome.NewerModel) ? Cell.PassesWithNewerModel : Cell.Passes;
    }

    /// <summary>Every difference in the steps of one operation, for a failure's message.</summary>
    public string DifferencesOf(string operation) => string.Join('\n', Outcomes!
        .Where(outcome => outcome.Step.Operation == operation && outcome.Difference is not null)
        .Select(outcome => $"{outcome.Step}\n  {outcome.Difference}"));
}

/// <summary>What stands in a field of the table.</summary>
internal enum Cell
{
    /// <summary>The client has no such call, or its tour leaves the operation out.</summary>
    NotTaken,

    /// <summary>The server answers the operation, or one that all its steps need, as unknown.</summary>
    Missing,

    /// <summary>At least one step was not answered as expected.</summary>
    Fails,

    /// <summary>Every step was answered as expected.</summary>
    Passes,

    /// <summary>Likewise, but a step needed a newer service model than the client comes with.</summary>
    PassesWithNewerModel,
}
