using System.Diagnostics;
using System.Diagnostics.Metrics;
using Weir.Client.Telemetry;
using Weir.Protocol.Messages;

namespace Weir.Client.Tests.Telemetry;

/// <summary>A call is one activity and one duration, however often it is sent; each attempt counts.</summary>
public sealed class ClientTelemetryTests
{
    [Fact]
    public async Task A_call_that_is_retried_is_one_activity_with_its_attempts()
    {
        var activities = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ClientTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (activities)
                    activities.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var root = new Activity("test").Start();
        var attempts = await CallAsync(ScriptedServer.Refused("InternalFailure", status: 500), ScriptedServer.Ok());
        Activity found;
        lock (activities)
            found = Assert.Single(activities, activity => activity.TraceId == root.TraceId);
        Assert.Equal(("Kinesis/ListStreams", ActivityKind.Client, ActivityStatusCode.Unset), (found.DisplayName, found.Kind, found.Status));
        Assert.Equal("aws-api", found.GetTagItem("rpc.system"));
        Assert.Equal("ListStreams", found.GetTagItem("rpc.method"));
        Assert.Equal(2, found.GetTagItem("weir.client.attempts"));
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task A_call_that_fails_says_why()
    {
        var failed = new List<object?>();
        using var listener = ListenToErrors(failed);
        await Assert.ThrowsAsync<KinesisResourceNotFoundException>(() => CallAsync(ScriptedServer.Refused("ResourceNotFoundException", "telemetry")));
        lock (failed)
            Assert.Contains("ResourceNotFoundException", failed);
    }

    [Fact]
    public async Task A_call_that_its_caller_gives_up_is_no_success()
    {
        var failed = new List<object?>();
        using var listener = ListenToErrors(failed);
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CallAsync(cancellation.Token, _ =>
        {
            cancellation.Cancel();
            throw new OperationCanceledException(cancellation.Token);
        }));
        lock (failed)
            Assert.Contains(ClientTelemetry.Cancelled, failed);
    }

    // Other tests of the process are heard as well.
    private static MeterListener ListenToErrors(List<object?> failed)
    {
        var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ClientTelemetry.Name && instrument.Name == "rpc.client.duration")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            lock (failed)
                failed.Add(tags.ToArray().Single(tag => tag.Key == "error.type").Value);
        });
        listener.Start();
        return listener;
    }

    private static Task<int> CallAsync(params Func<HttpRequestMessage, HttpResponseMessage>[] script) =>
        CallAsync(TestContext.Current.CancellationToken, script);

    private static async Task<int> CallAsync(CancellationToken cancellationToken, params Func<HttpRequestMessage, HttpResponseMessage>[] script)
    {
        using var server = new ScriptedServer(script);
        using var client = new KinesisClient(new KinesisClientOptions
        {
            Endpoint = new Uri("http://127.0.0.1:4567"),
            MessageHandler = server,
            TimeProvider = new HurryingTimeProvider(),
            AttemptTimeout = HurryingTimeProvider.Never,
        });
        await client.ListStreamsAsync(new ListStreamsRequest(), cancellationToken);
        return server.Requests.Count;
    }
}
