namespace Weir.Client.Signing;

/// <summary>How far the server's clock is from ours, as far as a refused signature has told us. Thread-safe.</summary>
/// <param name="time">Our clock.</param>
internal sealed class ClockSkew(TimeProvider time)
{
    // The service accepts five minutes either way (spec section 4.2). A smaller difference is not why it refused.
    private static readonly TimeSpan Tolerated = TimeSpan.FromMinutes(4);

    private static readonly HashSet<string> Codes = new(StringComparer.Ordinal)
    {
        "InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture", "AuthFailure",
    };

    // Ticks that the server is ahead of us. Written by whichever request finds a difference; the last one wins.
    private long _aheadTicks;

    /// <summary>The server's time, as well as we know it.</summary>
    public DateTimeOffset Now => time.GetUtcNow() + new TimeSpan(Volatile.Read(ref _aheadTicks));

    /// <summary>Takes the server's clock when the refusal can be due to ours.</summary>
    /// <returns>Whether signing again makes sense.</returns>
    public bool TryCorrect(KinesisFailure failure)
    {
        if (failure.ServerTime is not { } serverTime || !Codes.Contains(failure.Code) || (serverTime - Now).Duration() < Tolerated)
            return false;
        Volatile.Write(ref _aheadTicks, (serverTime - time.GetUtcNow()).Ticks);
        return true;
    }
}
