using System.Globalization;

namespace Weir.Protocol;

// Signature Version 4. Spec sections 4.1 and 4.2. The status is 400, as production was seen to answer.
public static partial class KinesisErrors
{
    /// <summary>The request is signed in the header and in the query. Spec section 4.1, check 1.</summary>
    public static KinesisError SignedTwice { get; } = InvalidSignature(
        $"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");

    /// <summary>The request is not signed. Spec section 4.1, check 2.</summary>
    public static KinesisError NotSigned { get; } = new(ErrorCodes.MissingAuthenticationToken, "Missing Authentication Token");

    /// <summary>Parts of the <c>Authorization</c> header are missing. Spec section 4.1, check 3.</summary>
    /// <param name="authorization">The header's value.</param>
    /// <param name="parameters">The parameters that it lacks, in the order that the service looks for them.</param>
    /// <param name="date">Whether the request has neither <c>X-Amz-Date</c> nor <c>Date</c>.</param>
    public static KinesisError AuthorizationIncomplete(string authorization, IEnumerable<string> parameters, bool date) => IncompleteSignature(
        $"{string.Concat(parameters.Select(name => $"Authorization header requires '{name}' parameter. "))}{(date ? "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " : "")}Authorization={authorization}");

    /// <summary>Parts of a query's signature are missing. Spec section 4.1, check 4.</summary>
    /// <param name="parameters">The parameters that it lacks, in the order that the service looks for them.</param>
    public static KinesisError QuerySignatureIncomplete(IEnumerable<string> parameters) => IncompleteSignature(
        $"{string.Concat(parameters.Select(name => $"AWS query-string parameters must include '{name}'. "))}Re-examine the query-string parameters.");

    /// <summary>The algorithm is not AWS4-HMAC-SHA256. Spec section 4.2, check 1.</summary>
    public static KinesisError AlgorithmNotSupported(string algorithm) => IncompleteSignature($"Unsupported AWS 'algorithm': '{algorithm}'");

    /// <summary>The credential has not the five parts that it should have. Spec section 4.2, check 2.</summary>
    public static KinesisError CredentialMalformed(string credential) => IncompleteSignature(
        $"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'");

    /// <summary>The time of the request cannot be read. Between checks 2 and 3 of spec section 4.2, which need it; AWS's wording.</summary>
    public static KinesisError SignatureTimeMalformed(string time) => IncompleteSignature(
        $"Date must be in ISO-8601 'basic format'. Got '{time}'. See http://en.wikipedia.org/wiki/ISO_8601");

    /// <summary>The life of a presigned request is no number of seconds within its range. Text ours.</summary>
    public static KinesisError PresignedLifetimeOutOfRange(string seconds, int max) => InvalidSignature(
        $"X-Amz-Expires must be a whole number of seconds from 1 to {max}, not '{seconds}'.");

    /// <summary>The scope of the credential is not right. Spec section 4.2, check 3.</summary>
    /// <param name="faults">Texts of <see cref="ScopeOfNoRegion"/> and its neighbours, in this order.</param>
    public static KinesisError ScopeWrong(string faults) => new(ErrorCodes.InvalidSignature, faults);

    /// <summary>The scope names no region. Spec section 4.2, check 3.</summary>
    public static string ScopeOfNoRegion(string region) => Text($"Credential should be scoped to a valid region, not '{region}'. ");

    /// <summary>The scope names another service. Spec section 4.2, check 3.</summary>
    public static string ScopeOfOtherService => "Credential should be scoped to correct service: 'kinesis'. ";

    /// <summary>The scope ends otherwise than it must. Spec section 4.2, check 3.</summary>
    public static string ScopeOfOtherTerminator(string terminator) =>
        Text($"Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'. ");

    /// <summary>The scope is of another day than the request. Spec section 4.2, check 3.</summary>
    public static string ScopeOfOtherDay(string scopeDate, string requestTime) => Text(
        $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scopeDate}' != '{requestTime[..8]}', from '{requestTime}'.");

    /// <summary>The signature is too old. Spec section 4.2, check 4.</summary>
    /// <param name="signed">When the request says that it was signed.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="window">How old it may be.</param>
    public static KinesisError SignatureExpired(DateTimeOffset signed, DateTimeOffset now, TimeSpan window) => InvalidSignature(
        $"Signature expired: {Basic(signed)} is now earlier than {Basic(now - window)} ({Basic(now)} - {Minutes(window)} min.)");

    /// <summary>The signature is of the future. Spec section 4.2, check 4.</summary>
    /// <param name="signed">When the request says that it was signed.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="window">How far the client's clock may be ahead.</param>
    public static KinesisError SignatureNotYetCurrent(DateTimeOffset signed, DateTimeOffset now, TimeSpan window) => InvalidSignature(
        $"Signature not yet current: {Basic(signed)} is still later than {Basic(now + window)} ({Basic(now)} + {Minutes(window)} min.)");

    /// <summary>Nobody has this access key, or the session token is not the one that belongs to it. Spec section 4.2, checks 5 and 6.</summary>
    public static KinesisError UnrecognizedClient { get; } =
        new(ErrorCodes.UnrecognizedClient, "The security token included in the request is invalid.");

    /// <summary>The temporary credentials are past their end. Spec section 4.2, check 6.</summary>
    public static KinesisError TokenExpired { get; } =
        new(ErrorCodes.ExpiredToken, "The security token included in the request is expired");

    /// <summary>A header that decides what the request means is not among the signed ones. AWS's wording for the host.</summary>
    /// <param name="header">The header's name as the text shows it, with its quotes.</param>
    public static KinesisError HeaderNotSigned(string header) => InvalidSignature($"{header} must be a 'SignedHeader' in the AWS Authorization.");

    /// <summary>The signature is not the one that the secret makes of this request. Spec section 4.2, check 7.</summary>
    public static KinesisError SignatureMismatch { get; } = InvalidSignature(
        $"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");

    private static KinesisError InvalidSignature(FormattableString text) => new(ErrorCodes.InvalidSignature, Text(text));

    private static KinesisError IncompleteSignature(FormattableString text) => new(ErrorCodes.IncompleteSignature, Text(text));

    private static string Basic(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    // 5 for five minutes; a presigned request may live for 90 seconds, which is 1.5.
    private static string Minutes(TimeSpan window) => window.TotalMinutes.ToString("0.###", CultureInfo.InvariantCulture);
}
