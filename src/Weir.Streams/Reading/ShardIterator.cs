using Weir.Log;
using Weir.Model;

namespace Weir.Streams.Reading;

/// <summary>A read position in a shard, as clients carry it.</summary>
/// <param name="StreamId">The incarnation of the stream; a stream re-created under the same name is another.</param>
/// <param name="Stream">Names the stream in errors after it is gone.</param>
/// <param name="Shard">The shard.</param>
/// <param name="Index">The next record is the first with at least this index that is not beyond retention; 0 is TRIM_HORIZON.</param>
/// <param name="IssuedAt">Start of its five minutes, in milliseconds.</param>
public sealed record ShardIterator(LogId StreamId, StreamName Stream, ShardId Shard, long Index, DateTimeOffset IssuedAt)
{
    /// <summary>The opaque text, 1 to 512 characters.</summary>
    public string Seal(TokenSeal seal)
    {
        var body = new TokenBody();
        body.Write(StreamId.Value);
        body.Write(Shard.Number);
        body.Write(Index);
        body.Write(IssuedAt.ToUnixTimeMilliseconds());
        body.Write(Stream);
        return seal.Seal(TokenKind.ShardIterator, body.Written);
    }

    /// <summary>Opens what <see cref="Seal"/> made; one pair of double quotes around it is taken off, since shells pass it so.</summary>
    /// <returns>Null when the text is no iterator of this server.</returns>
    public static ShardIterator? Open(TokenSeal seal, string text)
    {
        if (text.Length >= 2 && text[0] == '"' && text[^1] == '"')
            text = text[1..^1];
        if (seal.Open(TokenKind.ShardIterator, text) is not { } bytes)
            return null;
        var body = new TokenBody.Reader(bytes);
        var id = new LogId(body.ReadInt64());
        var shard = new ShardId((int)body.ReadInt64());
        var index = body.ReadInt64();
        var issued = DateTimeOffset.FromUnixTimeMilliseconds(body.ReadInt64());
        return new ShardIterator(id, body.ReadStreamName(), shard, index, issued);
    }
}
