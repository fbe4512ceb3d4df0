using Weir.Log;
using Weir.Model;
using Weir.Streams.Reading;

namespace Weir.Streams.Listing;

/// <summary>The NextToken of ListStreamConsumers: the stream and where the last page ended.</summary>
public sealed record ConsumerListingToken(LogId StreamId, StreamName Stream, string After, DateTimeOffset IssuedAt)
{
    /// <summary>The opaque text.</summary>
    public string Seal(TokenSeal seal)
    {
        var body = new TokenBody();
        body.Write(StreamId.Value);
        body.Write(IssuedAt.ToUnixTimeMilliseconds());
        body.Write(Stream);
        body.Write(After);
        return seal.Seal(TokenKind.ListConsumers, body.Written);
    }

    /// <summary>Opens what <see cref="Seal"/> made; null when the text is no token of this server.</summary>
    public static ConsumerListingToken? Open(TokenSeal seal, string text)
    {
        if (seal.Open(TokenKind.ListConsumers, text) is not { } bytes)
            return null;
        var body = new TokenBody.Reader(bytes);
        var id = new LogId(body.ReadInt64());
        var issued = DateTimeOffset.FromUnixTimeMilliseconds(body.ReadInt64());
        var stream = body.ReadStreamName();
        return new ConsumerListingToken(id, stream, body.ReadText(), issued);
    }
}
