using System.Globalization;
using Amazon.Runtime;

namespace Weir.Client;

/// <summary>What a <see cref="KinesisClient"/> needs to know. Every option has a working default.</summary>
/// <remarks>The client reads the options once, when it is made; later changes have no effect. It refuses values out of range with an <see cref="ArgumentException"/>.</remarks>
public sealed class KinesisClientOptions
{
    /// <summary>Default of <see cref="MaxAttempts"/>, as in the AWS SDKs' standard retry mode.</summary>
    public const int DefaultMaxAttempts = 3;

    /// <summary>Default of <see cref="MaxConnections"/>.</summary>
    public const int DefaultMaxConnections = 64;

    /// <summary>Default of <see cref="AttemptTimeout"/>.</summary>
    public static readonly TimeSpan DefaultAttemptTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Default of <see cref="ConnectTimeout"/>.</summary>
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Default of <see cref="MaxRetryDelay"/>, as in the AWS SDKs' standard retry mode.</summary>
    public static readonly TimeSpan DefaultMaxRetryDelay = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    /// <summary>Where requests go.</summary>
    /// <value>
    /// An absolute http or https address. Default null: <c>AWS_ENDPOINT_URL_KINESIS</c>, then <c>AWS_ENDPOINT_URL</c>, then the
    /// AWS endpoint of the region.
    /// </value>
    public Uri? Endpoint { get; set; }

    /// <summary>Whether the environment's endpoint variables are passed over, so that without <see cref="Endpoint"/> AWS itself is meant.</summary>
    /// <value>Default false.</value>
    public bool IgnoreConfiguredEndpoints { get; set; }

    /// <summary>The region that requests are signed for, and that names the AWS endpoint.</summary>
    /// <value>
    /// For example <c>eu-west-1</c>. Default null: <c>AWS_REGION</c>, then <c>AWS_DEFAULT_REGION</c>, then the profile's region,
    /// then <c>us-east-1</c>.
    /// </value>
    public string? Region { get; set; }

    /// <summary>Who signs. Temporary credentials refresh themselves.</summary>
    /// <value>
    /// Default null: the AWS default chain. For an endpoint on this machine only environment variables and keys of a profile are
    /// looked at, and without those a made-up key signs: the metadata service of a cloud machine is never asked.
    /// </value>
    public AWSCredentials? Credentials { get; set; }

    /// <summary>How often a request is sent at most: the first attempt and its retries.</summary>
    /// <value>1 to 100; default 3. 1 means no retries.</value>
    public int MaxAttempts { get; set; } = DefaultMaxAttempts;

    /// <summary>How long one attempt may take, from connecting to the last byte of the answer.</summary>
    /// <value>10 ms to 1 h; default 30 s.</value>
    public TimeSpan AttemptTimeout { get; set; } = DefaultAttemptTimeout;

    /// <summary>How long opening a connection may take. Has no effect together with <see cref="MessageHandler"/>.</summary>
    /// <value>10 ms to 1 h; default 5 s.</value>
    public TimeSpan ConnectTimeout { get; set; } = DefaultConnectTimeout;

    /// <summary>The longest wait before a retry.</summary>
    /// <value>0 to 1 h; default 20 s.</value>
    public TimeSpan MaxRetryDelay { get; set; } = DefaultMaxRetryDelay;

    /// <summary>
    /// Connections that the client opens at most; further requests wait for one. Has no effect together with <see cref="MessageHandler"/>.
    /// </summary>
    /// <value>1 to 65,536; default 64.</value>
    public int MaxConnections { get; set; } = DefaultMaxConnections;

    /// <summary>
    /// Whether a plain http endpoint is spoken to in HTTP/2 without asking first. Weir understands it; most other servers do not.
    /// An https endpoint negotiates HTTP/2 by itself.
    /// </summary>
    /// <value>Default false: HTTP/1.1.</value>
    public bool UseHttp2OnPlainText { get; set; }

    /// <summary>How requests are written. Answers are read in whichever encoding they come.</summary>
    /// <value>Default JSON.</value>
    public KinesisEncoding Encoding { get; set; } = KinesisEncoding.Json;

    /// <summary>The clock: signatures, timeouts and waits.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Chance, for the jitter of the waits. Used under a lock, so any instance will do; must not be used elsewhere meanwhile.</summary>
    /// <value>Default null: one of the client's own.</value>
    public Random? Random { get; set; }

    /// <summary>Sends the HTTP requests in place of the client's own connections. Belongs to the caller: the client does not dispose it.</summary>
    /// <value>Default null.</value>
    public HttpMessageHandler? MessageHandler { get; set; }

    internal void Validate()
    {
        if (Endpoint is { } endpoint && !IsHttp(endpoint))
            throw new ArgumentException($"{nameof(Endpoint)} is '{endpoint}'; it must be an absolute http or https address.");
        if (Region is { } region && !IsRegion(region))
            throw new ArgumentException($"{nameof(Region)} is '{region}'; it must be a name such as us-east-1.");
        Check(MaxAttempts, 1, 100, nameof(MaxAttempts));
        Check(MaxConnections, 1, 65_536, nameof(MaxConnections));
        Check(AttemptTimeout, TimeSpan.FromMilliseconds(10), nameof(AttemptTimeout));
        Check(ConnectTimeout, TimeSpan.FromMilliseconds(10), nameof(ConnectTimeout));
        Check(MaxRetryDelay, TimeSpan.Zero, nameof(MaxRetryDelay));
        if (!Enum.IsDefined(Encoding))
            throw new ArgumentException($"{nameof(Encoding)} is {Encoding}; it must be {KinesisEncoding.Json} or {KinesisEncoding.Cbor}.");
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }

    internal static bool IsHttp(Uri uri) => uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);

    internal static bool IsRegion(string region) =>
        region.Length is > 0 and <= 64 && region.All(character => char.IsAsciiLetterOrDigit(character) || character == '-');

    private static void Check(int value, int min, int max, string option)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"{option} is {value}; it must be between {min} and {max}."));
        }
    }

    private static void Check(TimeSpan value, TimeSpan min, string option)
    {
        if (value < min || value > MaxTimeout)
            throw new ArgumentException($"{option} is {value}; it must be between {min} and {MaxTimeout}.");
    }
}
