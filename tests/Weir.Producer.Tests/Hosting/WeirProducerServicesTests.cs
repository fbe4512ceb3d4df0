using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Client;

namespace Weir.Producer.Tests.Hosting;

/// <summary>An application with producers: they come with their options, and what they hold is stored before the application has stopped.</summary>
public sealed class WeirProducerServicesTests(LocalServer server) : IClassFixture<LocalServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_buffered_is_stored_when_the_application_stops()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        var other = await server.CreateStreamAsync(shards: 1);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(server.Client);
        builder.Services.AddWeirProducer(options =>
        {
            options.StreamName = stream;
            options.MaxBufferedTime = TimeSpan.FromSeconds(20);
        });
        builder.Services.AddWeirProducer("other", options =>
        {
            options.StreamName = other;
            options.MaxBufferedTime = TimeSpan.FromSeconds(20);
        });
        builder.Services.AddHealthChecks().AddWeirProducer().AddWeirProducer("other");
        using var host = builder.Build();
        await host.StartAsync(Token);
        var puts = new List<Task<PutResult>>();
        for (var i = 0; i < 10; i++)
        {
            puts.Add(host.Services.GetRequiredService<KinesisProducer>().PutAsync($"{i}", new byte[10], cancellationToken: Token).AsTask());
            puts.Add(host.Services.GetRequiredKeyedService<KinesisProducer>("other").PutAsync($"{i}", new byte[10], cancellationToken: Token).AsTask());
        }

        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        Assert.Equal(["producer", "producer-other"], health.Entries.Keys.Order());
        Assert.Equal(HealthStatus.Healthy, health.Status);
        await host.StopAsync(Token);
        Assert.All(await Task.WhenAll(puts), result => Assert.True(result.IsStored));
        Assert.Equal((10, 10), ((await server.UserRecordsAsync(stream)).Count, (await server.UserRecordsAsync(other)).Count));
    }

    [Fact]
    public void An_option_out_of_range_is_named()
    {
        var services = new ServiceCollection();
        services.AddWeirProducer(options => options.StreamName = "not a name");
        using var provider = services.BuildServiceProvider();
        var failure = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptionsMonitor<ProducerOptions>>().Get(Options.DefaultName));
        Assert.Contains("StreamName is 'not a name'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metrics_have_the_KPLs_names()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Weir.Producer")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        await using var producer = new KinesisProducer(server.Client, new ProducerOptions { StreamName = stream });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => producer.PutAsync($"{i}", new byte[10], cancellationToken: Token).AsTask()));
        listener.RecordObservableInstruments();
        lock (seen)
        {
            Assert.Equal(20, seen["UserRecordsReceived"]);
            Assert.Equal(20, seen["UserRecordsPut"]);
            Assert.Equal(200, seen["UserRecordsDataPut"]);
            // One, unless the machine takes its time between two of the puts.
            Assert.InRange(seen["KinesisRecordsPut"], 1, 20);
            Assert.Equal(20, seen["UserRecordsPerKinesisRecord"]);
            Assert.Equal(20, seen["UserRecordsPerPutRecordsRequest"]);
            Assert.Equal(seen["KinesisRecordsPut"], seen["KinesisRecordsPerPutRecordsRequest"]);
            Assert.Equal(0, seen["UserRecordsPending"]);
            Assert.Equal(0, seen["RetriesPerRecord"]);
            Assert.True(seen["KinesisRecordsDataPut"] > 200 && seen["RequestTime"] > 0 && seen["BufferingTime"] > 0);
        }

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag.Key != "StreamName" || (string?)tag.Value != stream)
                    continue;
                lock (seen)
                    seen[instrument.Name] = seen.GetValueOrDefault(instrument.Name) + value;
            }
        }
    }
}
