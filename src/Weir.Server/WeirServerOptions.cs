using System.Net;
using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Log.Integrity;
using Weir.Server.Http;
using Weir.Server.Metrics;
using Weir.Server.Security.Credentials;
using Weir.Streams;

namespace Weir.Server;

/// <summary>Settings of a server. The command line and the environment are read elsewhere; this is what they come to.</summary>
public sealed class WeirServerOptions
{
    /// <summary>The port of <see cref="Port"/> when nothing else is said.</summary>
    public const int DefaultPort = 4567;

    /// <summary>The account of every request when nothing else is said.</summary>
    public const string DefaultAccountId = "000000000000";

    /// <summary>Address to listen on: an IP address or <c>localhost</c>.</summary>
    /// <value>Default 127.0.0.1. Anything but loopback needs <see cref="CredentialsFile"/> or <see cref="AllowAnonymous"/>.</value>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port.</summary>
    /// <value>0 to 65535; 0 takes a free one. Default 4567.</value>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Where streams are kept.</summary>
    /// <value>A directory, made when it does not exist; null keeps everything in memory. Default <c>./weir-data</c>.</value>
    public string? DataDirectory { get; init; } = "./weir-data";

    /// <summary>When a record counts as stored.</summary>
    /// <value>Default: after its fsync.</value>
    public Durability Durability { get; init; } = Durability.Fsync;

    /// <summary>Whether the rates of Kinesis are enforced: those of each shard, and those of control operations.</summary>
    /// <value>Default true.</value>
    public bool EnforceLimits { get; init; } = true;

    /// <summary>The account of access keys that name none, and of every request to a server without credentials.</summary>
    /// <value>Twelve digits. Default 000000000000.</value>
    public string AccountId { get; init; } = DefaultAccountId;

    /// <summary>Whether the server may listen beyond loopback although it checks no signatures.</summary>
    /// <value>Default false; not together with <see cref="CredentialsFile"/>.</value>
    public bool AllowAnonymous { get; init; }

    /// <summary>Who may call: a file that <c>weir credentials</c> makes.</summary>
    /// <value>A file, which may change while the server runs; null lets everybody call and believes every signature. Default null.</value>
    public string? CredentialsFile { get; init; }

    /// <summary>The key that the secrets in <see cref="CredentialsFile"/> are sealed with.</summary>
    /// <value>32 bytes in base64; null reads it from the file beside, <c>FILE.key</c>. Default null.</value>
    public string? CredentialsKey { get; init; }

    /// <summary>Whether a test may move the server's clock at <c>/_weir/clock</c>, and let requests fail at <c>/_weir/faults</c>.</summary>
    /// <value>Default false. Only on loopback: anybody who reaches the server can use them. docs/test-controls.md says what they do.</value>
    public bool TestControls { get; init; }

    /// <summary>Whether to speak TLS, for HTTP/1.1 and HTTP/2 alike.</summary>
    /// <value>
    /// Default false. Without <see cref="TlsCertificateFile"/> the server signs a certificate itself and keeps it in the data directory as
    /// <c>weir-certificate.pem</c>, for clients to trust.
    /// </value>
    public bool Tls { get; init; }

    /// <summary>The certificate, with its chain, in PEM.</summary>
    /// <value>A file; only with <see cref="Tls"/> and <see cref="TlsKeyFile"/>. Default null.</value>
    public string? TlsCertificateFile { get; init; }

    /// <summary>The certificate's private key in PEM, not encrypted.</summary>
    /// <value>A file; only with <see cref="Tls"/> and <see cref="TlsCertificateFile"/>. Default null.</value>
    public string? TlsKeyFile { get; init; }

    /// <summary>How long CREATING, UPDATING and DELETING last at least.</summary>
    /// <value>Zero to one hour. Default zero.</value>
    public TimeSpan TransitionDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How often each sealed segment of the data directory is checked in the background.</summary>
    /// <value>One minute to 30 days; zero checks nothing. Default seven days.</value>
    public TimeSpan ScrubInterval { get; init; } = SegmentScrub.DefaultInterval;

    /// <summary>What the process may have resident, whatever the load. Every other bound of memory is derived from it.</summary>
    /// <value>
    /// Bytes, at least 256 MiB. Default null: half of what the machine or the container has, but between 256 MiB and 2 GiB, and at least twice
    /// <see cref="MemoryBytes"/> when that is given. A server that shares its process holds to its own part of it; the heap of the process is
    /// bounded only by <see cref="ProcessMemory.Bound"/>, which is for programs that are nothing but a server. docs/operations/memory.md says how
    /// it is divided.
    /// </value>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>Bytes that requests and responses may hold together.</summary>
    /// <value>
    /// At least 64 MiB. Default null: a twelfth of <see cref="MemoryLimitBytes"/>, at least 32 MiB. Answers may have half. A value that is given is taken, and counts beside the limit for
    /// as much as it is larger than that.
    /// </value>
    public int? RequestBytes { get; init; }

    /// <summary>Bytes that records may take with <see cref="DataDirectory"/> null.</summary>
    /// <value>1 KiB to 1 TiB, and at most half of a <see cref="MemoryLimitBytes"/> that is given. Default null: half of it.</value>
    public long? MemoryBytes { get; init; }

    /// <summary>How many connections of HTTP/1.1 clients may have open; one of HTTP/2 counts as five. One more is closed as soon as it is made.</summary>
    /// <value>1 to 1,000,000. Default null: as many as three sixteenths of <see cref="MemoryLimitBytes"/> have room for, 8,192 for 2 GiB, and at most three quarters of the process's file handles.</value>
    public int? MaxConnections { get; init; }

    /// <summary>Sends the server's metrics by OTLP: settings of the OpenTelemetry SDK by the names of its environment variables.</summary>
    /// <value>
    /// With at least <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> or <c>OTEL_EXPORTER_OTLP_METRICS_ENDPOINT</c>. Default null: nothing is sent. The
    /// environment is never read here; whoever embeds a server and wants it to count hands it over.
    /// </value>
    public IReadOnlyDictionary<string, string>? OpenTelemetry { get; init; }

    /// <summary>Least level of what is logged to standard error.</summary>
    /// <value>Default <see cref="LogLevel.Warning"/>.</value>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>The clock. With <see cref="TestControls"/> streams and records live by one of their own, which runs with this until it is changed.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The part that authentication works by; null without credentials.</summary>
    internal CredentialsFile? Credentials => CredentialsFile is null ? null : new CredentialsFile(CredentialsFile, CredentialsKey);

    /// <summary>The part that the log store works by.</summary>
    internal LogOptions Logs
    {
        get
        {
            var plan = MemoryPlan.Of(this);
            return new()
            {
                Durability = Durability,
                MemoryBytes = plan.StoreBytes,
                QueueBytes = plan.QueueBytes,
                TotalQueueBytes = plan.TotalQueueBytes,
                TailBytes = plan.TailBytes,
            };
        }
    }

    /// <summary>The part that the engine works by.</summary>
    internal StreamsOptions Streams => new() { EnforceRates = EnforceLimits, TransitionDelay = TransitionDelay, AnswersInPlace = true };

    /// <summary>The address to bind. Everything is checked here, before a start touches anything.</summary>
    /// <exception cref="ArgumentException">An option is out of its range: the message names it, its value and the range.</exception>
    internal IPEndPoint Validate()
    {
        if (Port is < 0 or > 65535)
            throw new ArgumentException($"Port is {Port}; it must be between 0 and 65535.");
        if (AccountId.Length != 12 || AccountId.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw new ArgumentException($"AccountId is '{AccountId}'; it must be twelve digits.");
        if (RequestBytes < 64 * 1024 * 1024)
            throw new ArgumentException($"RequestBytes is {RequestBytes}; it must be at least 64 MiB, room for a few of the largest requests.");
        MemoryPlan.Validate(this);
        Logs.Validate();
        Streams.Validate();
        SegmentScrub.Validate(ScrubInterval);
        if (OpenTelemetry is not null)
            OtlpSettings.Validate(OpenTelemetry);
        if (TlsCertificateFile is null != TlsKeyFile is null)
            throw new ArgumentException($"{(TlsKeyFile is null ? "TlsKeyFile" : "TlsCertificateFile")} is missing; a certificate and its key come together.");
        if (TlsCertificateFile is not null && !Tls)
            throw new ArgumentException($"TlsCertificateFile is {TlsCertificateFile}, but Tls is off.");
        var address = Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(Host, out var parsed) ? parsed
            : throw new ArgumentException($"Host is '{Host}'; it must be an IP address or localhost.");
        if (CredentialsFile is not null && AllowAnonymous)
            throw new ArgumentException($"CredentialsFile is {CredentialsFile}, so every request has to be signed, but AllowAnonymous is on.");
        if (CredentialsKey is not null && CredentialsFile is null)
            throw new ArgumentException("CredentialsKey is given, but there is no CredentialsFile.");
        if (!IPAddress.IsLoopback(address) && TestControls)
            throw new ArgumentException($"Host is {Host}, which other machines can reach, and TestControls is on; test controls need a loopback address such as 127.0.0.1.");
        if (!IPAddress.IsLoopback(address) && !AllowAnonymous && CredentialsFile is null)
        {
            throw new ArgumentException(
                $"Host is {Host}, which other machines can reach, and the server checks no signatures. Make an access key with `weir credentials add` and start with --credentials, listen on 127.0.0.1, or allow it with --allow-anonymous.");
        }

        return new IPEndPoint(address, Port);
    }
}
