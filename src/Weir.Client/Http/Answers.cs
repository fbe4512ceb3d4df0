using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Client.Http;

/// <summary>Reads an answer's body.</summary>
/// <returns>Null when it is no Kinesis response.</returns>
internal delegate T? AnswerReader<T>(WireCodec codec, ReadOnlySpan<byte> body)
    where T : class;

/// <summary>How the answers of a kind are read.</summary>
internal static class Answers<T>
    where T : class, IWireMessage<T>
{
    /// <summary>The reader. Thread-safe.</summary>
    public static AnswerReader<T> Reader { get; } = typeof(T) == typeof(PutRecordsResponse) ? ReadPutRecords : Read;

    private static T? Read(WireCodec codec, ReadOnlySpan<byte> body) =>
        body.IsEmpty ? T.Read(WireValue.EmptyMap) : codec.TryReadAnswer(body, out var value) ? T.Read(value) : null;

    // By far the most records come back this way.
    private static T? ReadPutRecords(WireCodec codec, ReadOnlySpan<byte> body) => codec.TryReadPutRecordsAnswer(body) as T ?? Read(codec, body);
}
