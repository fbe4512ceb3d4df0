using System.Globalization;
using System.Text;

namespace Weir.Conformance.Compatibility;

/// <summary>
/// docs/compatibility.md: the table that a run of the tours comes to, and the choices. Everything in it is made here, so that it can
/// be compared with what stands in the checkout.
/// </summary>
internal static class CompatibilityDocument
{
    private const string Opening = """
        # Compatibility

        <!-- Written by the conformance tests: WEIR_ACCEPT_COMPATIBILITY=1 makes them write it anew. Do not edit it by hand. -->

        Every operation of the Amazon Kinesis Data Streams API, through every client that can be installed where the tests run. A field that says
        **yes** is a passing test of its own: the client walks one tour through the API (`tests/Weir.Conformance/Compatibility/tour.json`), and all
        steps of the operation were answered as the tour says, the successes member by member, the refusals by type and text. The tests compare
        this page with what they saw and fail when it says something else.

        - *Raw requests* are written and read by the tests themselves, with the service model as the only authority: every member of an answer is
          in the model and of its type. JSON goes over HTTP/1.1 and CBOR over HTTP/2.
        - *boto3* and *AWS CLI* are Debian's, over HTTP/1.1; *JS v3* is `@aws-sdk/client-kinesis`, over HTTP/2.
        - **yes, newer model**: Debian's boto3 is older than the operation or one of its members. The same boto3 made the call with this repository's
          service model in its `AWS_DATA_PATH`.
        - **not taken**: the AWS CLI walks the straight way, without refusals; it cannot subscribe, and Debian's is older than the operation.
        - **sends no CBOR**: these clients speak JSON only. The SDKs that send CBOR to Kinesis are Java's, version 1 and 2, and with them the KCL; they
          are in none of the package registries that the tests can use (Debian, npm, NuGet). The raw requests encode what they would send.
        - **missing**: this server answers the operation as unknown.


        """;

    private const string Libraries = """

        ## Consumer libraries

        The **KCL** cannot be run by the tests: it is a Java program (the KCLs of other languages start it), and no registry that they can use has it.
        The one library with leases of its own that can be installed is **lifion-kinesis** for Node.js (npm, 1.3.3), with its table in dynalite. The tests
        let two processes of it share the shards of a stream while a producer writes and a shard is split and its children are merged again; every
        record arrives, polling as well as with enhanced fan-out, and in its key's order but for the merge (see below).

        Polling, it runs as it is. With fan-out three of its faults are corrected from outside (`tests/Weir.Conformance/Peers/lifion_consumer.cjs`), for
        with them it loses its place against any server:

        - SubscribeToShard goes to `kinesis.<region>.amazonaws.com` whatever `endpoint` says (lifion/lifion-kinesis#746).
        - Its parser of event streams (lifion-aws-event-stream 1.0.7) takes one message from every read. Two that come together bring it out of step; when
          the second is the last of a shard, it waits for ever.
        - `stopConsumer()` throws as soon as one shard has been read to its end.

        What is left, and a user of it should know: an event without ContinuationSequenceNumber is the end of the shard to it, and records in
        that event are lost; it stores a checkpoint before it hands the records over, so a crash in between loses them; after a merge it waits for
        the lower parent only, so keys of the upper one may go on in the child before their older records have come; and with `LATEST`, the children of
        a shard from which nothing was read begin at `LATEST` too.
        """;

    private const string Silent = "sends no CBOR";

    /// <summary>The whole page.</summary>
    /// <param name="cellOf">What to write in a field.</param>
    public static string Write(Func<Column, string, string> cellOf)
    {
        var text = new StringBuilder(Opening);
        text.AppendLine("## Operations").AppendLine();
        Row(text, ["Operation", .. Column.All.Select(column => column.Title), "CBOR: boto3, AWS CLI", "CBOR: JS v3", "Our choices"]);
        Row(text, Enumerable.Repeat("---", Column.All.Count + 4));
        foreach (var operation in ServiceShapes.OfCheckout.Operations)
            Row(text, [operation, .. Column.All.Select(column => cellOf(column, operation)), Silent, Silent, ChoicesOf(operation)]);
        text.AppendLine(Libraries);
        WriteChoices(text);
        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The fields of a written page, by the column's title and the operation.</summary>
    public static IReadOnlyDictionary<(string Title, string Operation), string> Read(string page)
    {
        var rows = page.Split('\n').SkipWhile(line => line != "## Operations").Where(line => line.StartsWith('|'))
            .TakeWhile(line => !line.StartsWith("| # ", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(field => field.Trim()).ToList()).ToList();
        if (rows.Count == 0)
            return new Dictionary<(string, string), string>();
        var titles = rows[0];
        return rows.Skip(2).SelectMany(row => row.Skip(1).Select((field, index) => (Title: titles[index + 1], Operation: row[0], Field: field)))
            .ToDictionary(field => (field.Title, field.Operation), field => field.Field);
    }

    /// <summary>What a verdict is called on the page.</summary>
    public static string Text(Cell cell) => cell switch
    {
        Cell.Passes => "yes",
        Cell.PassesWithNewerModel => "yes, newer model",
        Cell.NotTaken => "not taken",
        Cell.Missing => "missing",
        Cell.Fails => "**fails**",
        _ => throw new ArgumentOutOfRangeException(nameof(cell), cell, "No such verdict."),
    };

    private static void WriteChoices(StringBuilder text)
    {
        text.AppendLine().AppendLine("## Our choices").AppendLine();
        text.AppendLine("What no documentation, recording or user's report decides. Anyone who can make one call to the service can settle one of these.");
        text.AppendLine().AppendLine("| # | Operations | What is open | Our choice | Held by |").AppendLine("| --- | --- | --- | --- | --- |");
        foreach (var (number, choice) in Choice.OfCheckout.Index())
        {
            var operations = choice.Operations is [Choice.Everywhere] ? "all" : string.Join(", ", choice.Operations);
            Row(text, [Number(number), operations, choice.Open, choice.TheChoice, choice.Test is null ? "no test yet" : $"`{choice.Test}`"]);
        }
    }

    private static string ChoicesOf(string operation) => string.Join(", ", Choice.OfCheckout.Index()
        .Where(entry => entry.Item.Operations.Contains(operation)).Select(entry => Number(entry.Index)));

    private static string Number(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);

    private static void Row(StringBuilder text, IEnumerable<string> fields) => text.Append("| ").AppendJoin(" | ", fields).AppendLine(" |");
}
