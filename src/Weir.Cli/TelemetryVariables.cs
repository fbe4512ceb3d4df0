namespace Weir.Cli;

/// <summary>The environment variables of the OpenTelemetry SDK that have to do with metrics, handed on as they are.</summary>
internal static class TelemetryVariables
{
    private const string Disabled = "OTEL_SDK_DISABLED";
    private const string Exporter = "OTEL_METRICS_EXPORTER";

    // Without one of them there is nowhere to send to.
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    private static readonly string[] Others =
    [
        "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
        "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
        "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
        "OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT",
        "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES",
    ];

    /// <summary>The variables that are set; null when nothing is to be sent: no endpoint, or switched off by a variable.</summary>
    public static IReadOnlyDictionary<string, string>? Of(Shell shell)
    {
        if (!Endpoints.Any(name => IsSet(shell, name))
            || string.Equals(shell.Variable(Disabled), "true", StringComparison.OrdinalIgnoreCase)
            || string.Equals(shell.Variable(Exporter), "none", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return Endpoints.Concat(Others).Where(name => IsSet(shell, name)).ToDictionary(name => name, name => shell.Variable(name)!);
    }

    // An empty variable is the same as none, by OpenTelemetry's rules.
    private static bool IsSet(Shell shell, string name) => !string.IsNullOrEmpty(shell.Variable(name));
}
