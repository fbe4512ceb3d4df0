using System.CommandLine;
using Weir.Client;

namespace Weir.Cli;

/// <summary>Where a command's requests go: <c>--endpoint</c> and <c>--region</c>, the same for every command that is a client.</summary>
internal sealed class Connection
{
    /// <summary>The server that <c>weir server</c> starts when nothing else is said.</summary>
    public const string Local = "http://127.0.0.1:4567";

    private const string Aws = "aws";

    private readonly Shell _shell;
    private readonly Setting<string?> _endpoint;
    private readonly Setting<string?> _region;

    /// <summary>Adds the options to a command.</summary>
    public Connection(Command command, Shell shell)
    {
        _shell = shell;
        _endpoint = Options.Value<string?>(
            "--endpoint",
            "URL|aws",
            $"The server; aws is AWS itself. Default {Local}. [AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL]",
            ReadEndpoint,
            fallback: null,
            shell);
        _region = Options.Value<string?>(
            "--region", "NAME", "The region to sign for. Default us-east-1, or the profile's. [AWS_REGION, AWS_DEFAULT_REGION]", ReadRegion, fallback: null, shell);
        command.Add(_endpoint);
        command.Add(_region);
    }

    /// <summary>How messages write an endpoint: without the path's slash.</summary>
    public static string Name(Uri endpoint) => endpoint.GetLeftPart(UriPartial.Authority);

    /// <summary>Makes the client.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="maxAttempts">How often a request is tried.</param>
    public KinesisClient Open(ParseResult result, int maxAttempts = KinesisClientOptions.DefaultMaxAttempts) => new(new KinesisClientOptions
    {
        Endpoint = Endpoint(result),
        IgnoreConfiguredEndpoints = true,
        Region = result.Get(_region),
        MaxAttempts = maxAttempts,
        TimeProvider = _shell.Time,
        Random = new Random(_shell.Seed),
    });

    /// <summary>The endpoint, or null for AWS.</summary>
    public Uri? Endpoint(ParseResult result)
    {
        if (result.Get(_endpoint) is { } given)
            return given == Aws ? null : new Uri(given);
        foreach (var name in (ReadOnlySpan<string>)["AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL"])
        {
            if (_shell.Variable(name) is not { Length: > 0 } address)
                continue;
            return Uri.TryCreate(address, UriKind.Absolute, out var uri) && IsHttp(uri)
                ? uri
                : throw new UsageException($"{name} is '{address}': expected an http or https address.");
        }

        return new Uri(Local);
    }

    /// <summary>Whether an endpoint was named at all.</summary>
    public bool IsGiven(ParseResult result) => _endpoint.IsGiven(result);

    private static string ReadEndpoint(string text) =>
        text == Aws || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsHttp(uri))
            ? text
            : throw new FormatException("expected an http or https address, or aws");

    private static string ReadRegion(string text) =>
        text.Length is > 0 and <= 64 && text.All(character => char.IsAsciiLetterOrDigit(character) || character == '-')
            ? text
            : throw new FormatException("expected a name such as us-east-1");

    private static bool IsHttp(Uri uri) => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps;
}
