using Weir.Protocol;

namespace Weir.Server.Operations;

/// <summary>
/// CreateChannel, DescribeChannel, UpdateChannel, DeleteChannel and ListChannels (spec section 7.12): this server delivers nothing to S3,
/// and says so to every request that is right in all else. Errors: Validation.
/// </summary>
/// <remarks>A request that is wrong by the model is told that first, so a client's own mistakes show here as they would on AWS.</remarks>
internal static class Channels
{
    public static async ValueTask<KinesisError?> RefuseAsync(OperationCall call)
    {
        if (call.Read(out var input) is { } invalid)
            return invalid;
        return await call.AdmitAsync(RequestTarget.Of(call.Context, input)).ConfigureAwait(false) ?? KinesisErrors.ChannelsNotSupported;
    }
}
