using Weir.Protocol;

namespace Weir.Server.Operations;

/// <summary>What an operation comes to: a response or a refusal. Refusals are part of the protocol and never thrown.</summary>
internal readonly struct OperationResult<TResponse>
    where TResponse : class
{
    private OperationResult(TResponse? response, KinesisError? error)
    {
        Response = response;
        Error = error;
    }

    /// <summary>The response; null when refused.</summary>
    public TResponse? Response { get; }

    /// <summary>The refusal; null on success.</summary>
    public KinesisError? Error { get; }

    public static implicit operator OperationResult<TResponse>(TResponse response) => new(response, null);

    public static implicit operator OperationResult<TResponse>(KinesisError error) => new(null, error);
}
