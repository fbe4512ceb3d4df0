using Microsoft.AspNetCore.Http;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Validation;
using Weir.Protocol.Wire;
using Weir.Server.Http;
using Weir.Server.Metrics;
using Weir.Server.TestControls.Faults;

namespace Weir.Server.Operations;

/// <summary>One request on its way through an operation: the raw body in, the response's bytes out.</summary>
/// <remarks>Used by one request at a time. Kestrel makes the token of a client's going only when somebody asks for it: only who waits does.</remarks>
internal sealed class OperationCall(
    KinesisOperation operation, OperationContext context, WireCodec codec, ReadOnlyMemory<byte> body, ResponsePieces output, Admission admission, ServerMemory memory,
    ServerMetrics metrics, HttpContext http)
{
    // As much as a connection may cost anyway.
    private const int SmallAnswerBytes = 64 * 1024;

    private List<IDisposable>? _shares;

    /// <summary>Which operation.</summary>
    public KinesisOperation Operation => operation;

    /// <summary>What the request turned out to be about; <see cref="RequestTarget.None"/> until <see cref="AdmitAsync"/>.</summary>
    public RequestTarget Target { get; private set; }

    /// <summary>What fails on purpose; null when nothing does.</summary>
    public FaultList? Faults => admission.Faults;

    /// <summary>Whether the connection ends in place of the answer: a fault that a test asked for.</summary>
    public bool LosesAnswer { get; private set; }

    /// <summary>The engine, account and region.</summary>
    public OperationContext Context => context;

    /// <summary>The request's encoding, which is the response's too.</summary>
    public WireCodec Codec => codec;

    /// <summary>The request's body; valid until the operation completes.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>Where the operation tells what it moved. Its time is taken by whoever runs it.</summary>
    public ServerMetrics Metrics => metrics;

    /// <summary>Takes the response. Ignored after a refusal.</summary>
    public ResponsePieces Output => output;

    /// <summary>Set instead of writing a response, when the answer is to last: sent after the operation has succeeded.</summary>
    public StreamedResponse? Streamed { get; set; }

    /// <summary>The bounds of what the server holds in memory.</summary>
    public ServerMemory Memory => memory;

    /// <summary>Parses the body and checks it against the service model: steps 7, 10 and 11 of spec section 2.5.</summary>
    /// <returns>Null, or the exact error.</returns>
    public KinesisError? Read(out WireValue input) =>
        codec.TryRead(body.Span, out input) ? RequestValidation.Check(operation.Shape, input) : KinesisErrors.NotParsable;

    /// <summary>Asks whether the request may go on: steps 12 and 13. Every operation calls it once, before its own checks.</summary>
    /// <param name="target">What the request is about.</param>
    /// <returns>Null, or the refusal.</returns>
    public ValueTask<KinesisError?> AdmitAsync(RequestTarget target)
    {
        Target = target;
        var refused = admission.Examine(operation, context, target);
        // Faults come last: they happen to requests that would be served.
        return refused is null && Faults is { } faults ? FailOnPurposeAsync(faults) : ValueTask.FromResult(refused);
    }

    /// <summary>Asks the server's budget for room in the response.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="room">Grows by as much when it was granted.</param>
    public bool TryTakeShare(int bytes, ref int room)
    {
        if (memory.TryTakeForAnswer(bytes) is not { } share)
            return false;
        (_shares ??= []).Add(share);
        room += bytes;
        return true;
    }

    /// <summary>Asks for room in the response and waits for it, for the time that the budget allows.</summary>
    /// <returns>Whether it was granted.</returns>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask<bool> TakeShareAsync(int bytes)
    {
        if (await memory.TakeForAnswerAsync(bytes, http.RequestAborted).ConfigureAwait(false) is not { } share)
            return false;
        (_shares ??= []).Add(share);
        return true;
    }

    /// <summary>
    /// Covers an answer that is finished and has asked for nothing yet: a page of a listing may have MiB. What has changed something is
    /// answered in any case; its answer is smaller than the request.
    /// </summary>
    /// <returns>False when the server has no room for it, in which case it must not be sent.</returns>
    public bool TryCoverOutput()
    {
        var room = 0;
        return output.Length <= SmallAnswerBytes || _shares is not null
            || !(operation.Name.StartsWith("List", StringComparison.Ordinal) || operation.Name.StartsWith("Describe", StringComparison.Ordinal))
            || TryTakeShare(BufferPool.LengthFor((int)output.Length), ref room);
    }

    /// <summary>Gives back what the response took. After it was sent.</summary>
    public void ReleaseShares()
    {
        foreach (var share in _shares ?? [])
            share.Dispose();
        _shares = null;
    }

    private async ValueTask<KinesisError?> FailOnPurposeAsync(FaultList faults)
    {
        var outcome = await faults.ExamineAsync(operation, context, Target, http.RequestAborted).ConfigureAwait(false);
        LosesAnswer = outcome.LosesAnswer;
        return outcome.Error;
    }
}
