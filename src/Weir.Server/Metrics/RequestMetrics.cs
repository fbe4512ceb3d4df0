using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Weir.Protocol;

namespace Weir.Server.Metrics;

/// <summary>What the server does with requests, by operation and error code: a few hundred series at most, whatever clients send.</summary>
/// <remarks>Thread-safe; measuring allocates nothing.</remarks>
internal sealed class RequestMetrics
{
    // Whatever else a request may have asked for: its text is the client's, and would be a series each time.
    private const string NoOperation = "none";

    private const string ClientGone = "ClientGone";

    private readonly TimeProvider _time;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private int _inFlight;

    /// <summary>Makes the instruments.</summary>
    public RequestMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(StreamMetrics.MeterName);
        _requests = meter.CreateCounter<long>("weir.server.requests", "{request}", "Requests that were answered, by operation and by the error's code when it was one.");
        _duration = meter.CreateHistogram(
            "weir.server.request.duration", "s", "Time from a request's head to the end of its answer, waiting for the byte budget and for the client included.", null,
            Buckets.RequestSeconds);
        meter.CreateObservableUpDownCounter("weir.server.requests.in_flight", () => Volatile.Read(ref _inFlight), "{request}", "Requests under way.");
    }

    /// <summary>A request has come. <see cref="End"/> has to follow.</summary>
    /// <returns>For <see cref="End"/>.</returns>
    public long Begin()
    {
        Interlocked.Increment(ref _inFlight);
        return _time.GetTimestamp();
    }

    /// <summary>A request came to its end.</summary>
    /// <param name="operation">What it wanted; null when that is nothing that we know.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="began">From <see cref="Begin"/>.</param>
    /// <param name="answered">Whether the answer was handed over; false when the client has gone.</param>
    public void End(KinesisOperation? operation, HttpResponse response, long began, bool answered)
    {
        Interlocked.Decrement(ref _inFlight);
        var name = operation?.Name ?? NoOperation;
        var error = answered ? ErrorOf(response) : ClientGone;
        if (error is null)
            _requests.Add(1, new KeyValuePair<string, object?>(SeriesTags.Operation, name));
        else
            _requests.Add(1, new(SeriesTags.Operation, name), new(SeriesTags.ErrorCode, error));
        _duration.Record(_time.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>(SeriesTags.Operation, name));
    }

    // Every refusal of the API says its code in this header; the few that are older than it have only a status.
    private static string? ErrorOf(HttpResponse response)
    {
        if (response.StatusCode < StatusCodes.Status400BadRequest)
            return null;
        var code = response.Headers["x-amzn-ErrorType"].ToString();
        if (code.Length > 0)
            return code;
        return response.StatusCode switch
        {
            StatusCodes.Status403Forbidden => "AccessDeniedException",
            StatusCodes.Status404NotFound => "UnknownOperationException",
            StatusCodes.Status413PayloadTooLarge => "RequestEntityTooLarge",
            _ => "BadRequest",
        };
    }
}
