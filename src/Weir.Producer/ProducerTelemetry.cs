using System.Diagnostics;
using Weir.Producer.Sending;

namespace Weir.Producer;

/// <summary>What a producer tells of its requests: the activity source <c>Weir.Producer</c>, in OpenTelemetry's words for messaging. Thread-safe.</summary>
/// <remarks>
/// A request carries records of many callers, so it is nobody's child: it is a trace of its own, with links to the activities in which its
/// records were put.
/// </remarks>
internal static class ProducerTelemetry
{
    /// <summary>The name of the activity source.</summary>
    public const string Name = "Weir.Producer";

    // What the OpenTelemetry SDK keeps of a span by default; a request can have many thousand records.
    private const int MaxLinks = 128;

    private static readonly ActivitySource Activities = new(Name);

    /// <summary>The activity in which a record is put; nothing while nobody listens.</summary>
    public static ActivityContext Origin => Activities.HasListeners() && Activity.Current is { } current ? current.Context : default;

    /// <summary>Begins a request.</summary>
    public static Activity? Begin(string stream, PutRequest request)
    {
        if (!Activities.HasListeners())
            return null;
        var activity = Activities.StartActivity(
            $"send {stream}", ActivityKind.Producer, parentContext: default, links: Links(request));
        activity?.SetTag("messaging.system", "aws_kinesis");
        activity?.SetTag("messaging.operation.type", "send");
        activity?.SetTag("messaging.destination.name", stream);
        activity?.SetTag("messaging.batch.message_count", request.Records.Count);
        return activity;
    }

    private static List<ActivityLink> Links(PutRequest request)
    {
        var links = new List<ActivityLink>();
        var seen = new HashSet<ActivitySpanId>();
        foreach (var record in request.Records)
        {
            for (var i = 0; i < record!.Count && links.Count < MaxLinks; i++)
            {
                var origin = record[i].Origin;
                if (origin != default && seen.Add(origin.SpanId))
                    links.Add(new ActivityLink(origin));
            }
        }

        return links;
    }
}
