using System.Net;

namespace Weir.Client.Http;

/// <summary>A request's body as HTTP sends it: borrowed for exactly as long as it is sent.</summary>
internal sealed class RequestContent(RequestBody body) : HttpContent
{
    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!body.TryHold())
            throw new IOException("The request has ended before it was sent.");
        try
        {
            await stream.WriteAsync(body.Memory, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            body.LetGo();
        }
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = body.Memory.Length;
        return true;
    }
}
