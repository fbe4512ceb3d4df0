using System.Buffers.Text;
using System.Globalization;

namespace Weir.Cli.Bench;

/// <summary>What a request was answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Failed">Entries of a PutRecords that were refused.</param>
/// <param name="Error">The error's name, if it failed.</param>
internal readonly record struct LoadAnswer(int Status, int Failed, string? Error)
{
    /// <summary>Reads what matters of an answer, in JSON or CBOR.</summary>
    /// <param name="answer">Head and body.</param>
    /// <exception cref="IOException">It is no answer.</exception>
    public static LoadAnswer Read(ReadOnlySpan<byte> answer)
    {
        var status = StatusOf(answer);
        if (status != 200)
            return new LoadAnswer(status, 0, ErrorOf(status, answer));
        var failed = (int)(WireMembers.Number(WireMembers.Behind(answer, "FailedRecordCount"u8)) ?? 0);
        return new LoadAnswer(status, failed, failed == 0 ? null : WireMembers.Text(WireMembers.Behind(answer, "ErrorCode"u8)));
    }

    /// <summary>The status in the first line of a head.</summary>
    /// <exception cref="IOException">It is no answer.</exception>
    public static int StatusOf(ReadOnlySpan<byte> head) =>
        head.Length >= 12 && Utf8Parser.TryParse(head[9..], out int status, out _) ? status : throw new IOException("An answer that is no HTTP.");

    /// <summary>The name of the error in the body of a refusal, or its status when it names none.</summary>
    public static string ErrorOf(int status, ReadOnlySpan<byte> body) =>
        WireMembers.Text(WireMembers.Behind(body, "__type"u8)) ?? string.Create(CultureInfo.InvariantCulture, $"HTTP {status}");
}
