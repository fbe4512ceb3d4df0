using System.Diagnostics;
using System.Diagnostics.Metrics;
using Weir.Protocol;

namespace Weir.Client.Telemetry;

/// <summary>
/// What the client tells of its calls: the meter and the activity source <c>Weir.Client</c>, in OpenTelemetry's words for calls of AWS services.
/// Thread-safe.
/// </summary>
/// <remarks>One for the process: instruments cost nothing while nobody listens, and clients come and go.</remarks>
internal static class ClientTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Weir.Client";

    /// <summary>The error of a call whose caller did not wait for its end.</summary>
    public const string Cancelled = "Cancelled";

    private static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    // Seconds, in the steps that OpenTelemetry recommends for calls.
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "rpc.client.duration",
        "s",
        "Time of a call, with its retries.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        });

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(
        "weir.client.attempts", "{attempt}", "Requests that were sent, by what came of them: every retry is one more.");

    /// <summary>Begins a call.</summary>
    public static Activity? Begin(KinesisOperation operation, Uri endpoint)
    {
        var activity = Activities.StartActivity($"Kinesis/{operation.Name}", ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("rpc.system", "aws-api");
            activity.SetTag("rpc.service", "Kinesis");
            activity.SetTag("rpc.method", operation.Name);
            activity.SetTag("server.address", endpoint.Host);
            activity.SetTag("server.port", endpoint.Port);
        }

        return activity;
    }

    /// <summary>An attempt has ended.</summary>
    /// <param name="operation">What was asked for.</param>
    /// <param name="errorCode">Why it did not succeed; null when it did.</param>
    public static void Attempted(KinesisOperation operation, string? errorCode)
    {
        if (Attempts.Enabled)
            Attempts.Add(1, new("rpc.method", operation.Name), new("error.type", errorCode));
    }

    /// <summary>A call has ended.</summary>
    /// <param name="operation">What was asked for.</param>
    /// <param name="activity">What <see cref="Begin"/> gave; ended here.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="attempts">How often it was sent.</param>
    /// <param name="errorCode">Why it did not succeed: the service's code, <see cref="Cancelled"/> or an exception's type; null when it did.</param>
    /// <param name="requestId">What the service called the last attempt that failed.</param>
    public static void Ended(KinesisOperation operation, Activity? activity, TimeSpan duration, int attempts, string? errorCode, string? requestId)
    {
        if (Durations.Enabled)
            Durations.Record(duration.TotalSeconds, new("rpc.system", "aws-api"), new("rpc.service", "Kinesis"), new("rpc.method", operation.Name), new("error.type", errorCode));
        if (activity is null)
            return;
        if (attempts > 1)
            activity.SetTag("weir.client.attempts", attempts);
        if (errorCode is not null)
        {
            activity.SetTag("error.type", errorCode);
            activity.SetTag("aws.request_id", requestId);
            activity.SetStatus(ActivityStatusCode.Error, errorCode);
        }

        activity.Dispose();
    }
}
