using System.Net;
using Weir.Conformance.Peers;
using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>A column of the table of compatibility: one client in one encoding.</summary>
/// <param name="Encoding">JSON or CBOR.</param>
/// <param name="Client">What a reader calls the client.</param>
/// <param name="Peer">The foreign program, or null for requests of our own.</param>
/// <param name="Takes">Which steps of the tour this client takes.</param>
/// <param name="Open">Opens the client on a server; the folder holds the newest service model, for those who can read it.</param>
internal sealed record Column(
    string Encoding, string Client, Peer? Peer, Predicate<TourStep> Takes, Func<Uri, string, ITourClient> Open)
{
    public static Column RawJson { get; } = new(
        "JSON", "raw requests", null, _ => true, (endpoint, _) => new RawTourClient(endpoint, WireBody.Json, HttpVersion.Version11));

    public static Column RawCbor { get; } = new(
        "CBOR", "raw requests", null, _ => true, (endpoint, _) => new RawTourClient(endpoint, WireBody.Cbor, HttpVersion.Version20));

    public static Column Boto3 { get; } = new(
        "JSON", "boto3", Peer.Boto3 with { Script = "tour_boto3.py" }, _ => true,
        (endpoint, models) => new PeerTourClient(Boto3!.Peer!, Text(endpoint), models));

    // Every call is a process of its own and takes most of a second, so the command line goes the straight way: no refusals,
    // whose texts are the same for every client. It never learnt to subscribe, and Debian's is older than the recent operations.
    public static Column AwsCommandLine { get; } = new(
        "JSON", "AWS CLI", Peer.AwsCommandLine with { Script = "tour_aws_cli.py" },
        step => !step.Recent && step.Refused is null && step.ReadUntil is null,
        (endpoint, _) => new PeerTourClient(AwsCommandLine!.Peer!, Text(endpoint)));

    public static Column JavaScript { get; } = new(
        "JSON", "JS v3", Peer.JavaScriptSdk with { Script = "tour_sdk_js.cjs" }, _ => true,
        (endpoint, _) => new PeerTourClient(JavaScript!.Peer!, Text(endpoint)));

    /// <summary>In the table's order.</summary>
    public static IReadOnlyList<Column> All { get; } = [RawJson, Boto3, AwsCommandLine, JavaScript, RawCbor];

    public string Title => $"{Encoding}: {Client}";

    /// <summary>The operations that this client's tour comes by, in the order of their names.</summary>
    public IEnumerable<string> Operations => Tour.OfCheckout.Steps.Where(step => Takes(step)).Select(step => step.Operation).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The same column whenever it is asked for, so that each tour runs once in a process.</summary>
    public Task<ColumnResult> ResultAsync() => Results[All.ToList().IndexOf(this)].Value;

    private static IReadOnlyList<Lazy<Task<ColumnResult>>> Results { get; } =
        [.. All.Select(column => new Lazy<Task<ColumnResult>>(() => ColumnResult.OfAsync(column)))];

    private static string Text(Uri endpoint) => endpoint.ToString().TrimEnd('/');
}
