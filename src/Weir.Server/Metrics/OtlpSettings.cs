namespace Weir.Server.Metrics;

/// <summary>The settings of the OpenTelemetry SDK that a server understands, by the names of their environment variables.</summary>
internal static class OtlpSettings
{
    /// <summary>Where everything is sent: the SDK adds the path of metrics.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Where metrics are sent; wins over <see cref="Endpoint"/> and is taken as it is.</summary>
    public const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    private const string General = "OTEL_EXPORTER_OTLP_";
    private const string OfMetrics = "OTEL_EXPORTER_OTLP_METRICS_";

    // What there is for all signals and, winning, for metrics alone.
    private static readonly string[] OfBoth = ["PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION"];

    /// <summary>The settings as one exporter reads them: it knows the names for all signals only, where others add those for each.</summary>
    public static Dictionary<string, string?> ForExporter(IReadOnlyDictionary<string, string> settings)
    {
        var merged = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value);
        foreach (var name in OfBoth)
        {
            if (settings.TryGetValue(OfMetrics + name, out var value))
                merged[General + name] = value;
        }

        return merged;
    }

    /// <summary>Checks that there is somewhere to send to.</summary>
    /// <exception cref="ArgumentException">There is not: the message says which setting is missing or wrong.</exception>
    public static void Validate(IReadOnlyDictionary<string, string> settings)
    {
        var given = new[] { MetricsEndpoint, Endpoint }.Where(settings.ContainsKey).ToArray();
        if (given.Length == 0)
            throw new ArgumentException($"OpenTelemetry is set, but has neither {Endpoint} nor {MetricsEndpoint}.");
        foreach (var name in given)
        {
            if (!Uri.TryCreate(settings[name], UriKind.Absolute, out var endpoint) || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps))
                throw new ArgumentException($"{name} is '{settings[name]}'; it must be an http or https URL.");
        }
    }
}
