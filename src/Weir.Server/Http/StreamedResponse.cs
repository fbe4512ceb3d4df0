using Microsoft.AspNetCore.Http;

namespace Weir.Server.Http;

/// <summary>An answer that lasts: its length is not known when it begins, and it is sent message by message.</summary>
/// <param name="ContentType">Of the whole.</param>
/// <param name="SendAsync">Sends it. Owns what the operation has set up for it.</param>
internal sealed record StreamedResponse(string ContentType, Func<StreamedBody, Task> SendAsync);

/// <summary>Where a streamed answer goes.</summary>
/// <param name="http">The request that it answers.</param>
/// <param name="stopping">Cancelled when the server begins to stop.</param>
internal sealed class StreamedBody(HttpContext http, CancellationToken stopping)
{
    /// <summary>Cancelled when nobody listens any more.</summary>
    public CancellationToken ClientGone => http.RequestAborted;

    /// <summary>Cancelled when the server begins to stop: an answer without end has to find one.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>Sends a message and completes when all but a last piece of it has left: a slow reader is waited for here.</summary>
    /// <param name="message">Lent until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait; a part of the message may have left, so that only <see cref="Abort"/> can follow.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        for (var rest = message; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, KinesisEndpoint.PieceBytes)..])
        {
            await http.Response.BodyWriter.WriteAsync(rest[..Math.Min(rest.Length, KinesisEndpoint.PieceBytes)], cancellationToken)
                .ConfigureAwait(false);
        }

        // The next message is work of its own.
        await PoolThread.Enter();
    }

    /// <summary>Throws the answer away, so that the client does not take it for a whole one.</summary>
    public void Abort() => http.Abort();
}
