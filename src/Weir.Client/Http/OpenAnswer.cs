using Weir.Protocol;

namespace Weir.Client.Http;

/// <summary>An answer whose head has come and whose body is still to be read, and how to say what goes wrong with it.</summary>
internal sealed class OpenAnswer(
    HttpResponseMessage response, Stream body, KinesisOperation operation, Uri endpoint, string? requestId, TimeProvider time) : IDisposable
{
    /// <summary>The body as it comes.</summary>
    public Stream Body => body;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>An exception or an error of the service inside the body.</summary>
    public KinesisException Refused(string code, string? message) =>
        RefusalReader.Typed(
            new KinesisFailure(code, (int)response.StatusCode, requestId, operation, IsRetryable: true), message ?? $"{operation} has ended with {code}.");

    /// <summary>The body is nothing that Kinesis sends.</summary>
    public KinesisConnectionException NotKinesis(string what, Exception? inner) => Broken(KinesisConnectionFailure.NotKinesis, what, inner);

    /// <summary>The way to the server ended.</summary>
    public KinesisConnectionException Broken(KinesisConnectionFailure reason, string what, Exception? inner) => new(
        new KinesisFailure(reason.ToString(), null, requestId, operation, IsRetryable: reason != KinesisConnectionFailure.NotKinesis),
        reason,
        endpoint,
        $"{endpoint.ToString().TrimEnd('/')} {what}, in an answer to {operation}.",
        inner);

    /// <summary>Ends the request, whether or not its answer has.</summary>
    public void Dispose() => response.Dispose();
}
