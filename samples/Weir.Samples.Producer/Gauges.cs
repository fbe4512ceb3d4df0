using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Producer;

namespace Weir.Samples.Producer;

/// <summary>Puts the readings of some river gauges, and stops the program when all are stored.</summary>
internal sealed partial class Gauges(
    KinesisProducer producer, IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<Gauges> logger) : BackgroundService
{
    private static readonly string[] Names = ["rhine", "elbe", "weser", "oder", "danube"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var readings = configuration.GetValue("Gauges:Readings", 1000);
        var puts = new List<Task<PutResult>>();
        for (var i = 0; i < readings && !stoppingToken.IsCancellationRequested; i++)
        {
            var gauge = Names[i % Names.Length];
            var data = JsonSerializer.SerializeToUtf8Bytes(new { gauge, number = i, centimetres = 300 + (i % 40) });
            // Waits when the producer has all it may hold: so the program is no faster than the stream.
            puts.Add(producer.PutAsync(gauge, data, cancellationToken: stoppingToken).AsTask());
        }

        var results = await Task.WhenAll(puts);
        var records = results.Select(result => (result.ShardId, result.SequenceNumber)).Distinct().Count();
        LogStored(results.Length, records, results.Select(result => result.ShardId).Distinct().Count());
        lifetime.StopApplication();
    }

    [LoggerMessage(LogLevel.Information, "{Readings} readings are stored, in {Records} records of {Shards} shards")]
    private partial void LogStored(int readings, int records, int shards);
}
