using System.Globalization;
using Weir.Model;
using Weir.Protocol;

namespace Weir.Server.Security.Signatures;

/// <summary>When a request was signed, and whether that is near enough (spec section 4.2, check 4).</summary>
/// <param name="Moment">In whole seconds.</param>
/// <param name="Text">The same as the string to sign has it: <c>20260101T120000Z</c>.</param>
internal readonly record struct SignatureTime(DateTimeOffset Moment, string Text)
{
    private const string BasicForm = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>Reads the value of <c>X-Amz-Date</c>, or of <c>Date</c> in the form of HTTP.</summary>
    public static bool TryParse(string text, out SignatureTime time)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, BasicForm, CultureInfo.InvariantCulture, utc, out var moment))
        {
            time = new SignatureTime(moment, text);
            return true;
        }

        var isHttpDate = DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, utc, out moment);
        time = new SignatureTime(moment, moment.UtcDateTime.ToString(BasicForm, CultureInfo.InvariantCulture));
        return isHttpDate;
    }

    /// <summary>Compares the time with the server's clock.</summary>
    /// <param name="now">The server's time.</param>
    /// <param name="claim">Whether the request is presigned, and for how long.</param>
    public KinesisError? CheckSkew(DateTimeOffset now, in SignatureClaim claim)
    {
        var window = KinesisLimits.MaxClockSkew;
        if (claim.IsPresigned && claim.Lifetime is { } lifetime)
        {
            if (!int.TryParse(lifetime, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > KinesisLimits.MaxPresignedSeconds)
                return KinesisErrors.PresignedLifetimeOutOfRange(lifetime, KinesisLimits.MaxPresignedSeconds);
            window = TimeSpan.FromSeconds(seconds);
        }

        // The texts show whole seconds, so these are what is compared.
        now = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        if (Moment < now - window)
            return KinesisErrors.SignatureExpired(Moment, now, window);
        return Moment > now + KinesisLimits.MaxClockSkew ? KinesisErrors.SignatureNotYetCurrent(Moment, now, KinesisLimits.MaxClockSkew) : null;
    }
}
