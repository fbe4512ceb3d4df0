using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Weir.Producer.Tests.Samples;

/// <summary>samples/Weir.Samples.Producer as a process before a real server: its readings are in the stream, each once.</summary>
public sealed class ProducerSampleTests(LocalServer server) : IClassFixture<LocalServer>
{
    private const int Readings = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Its_readings_are_in_the_stream()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        await RunAsync(
            "--Kinesis:Endpoint", server.Endpoint.ToString(), "--Producer:StreamName", stream, "--Gauges:Readings", Readings.ToString(CultureInfo.InvariantCulture));

        var found = await server.UserRecordsAsync(stream);
        var numbers = found.Select(one =>
        {
            var reading = JsonDocument.Parse(one.Record.Data).RootElement;
            Assert.Equal(one.Record.PartitionKey, reading.GetProperty("gauge").GetString());
            return reading.GetProperty("number").GetInt32();
        });
        Assert.Equal(Enumerable.Range(0, Readings), numbers.Order());
        Assert.Contains(found, one => one.Index is not null);
    }

    private static async Task RunAsync(params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(Program(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            Assert.Fail($"The sample has not ended.\n{await output}\n{await error}");
        }

        Assert.True(process.ExitCode == 0, $"{await output}\n{await error}");
        Assert.Contains($"{Readings} readings are stored", await output, StringComparison.Ordinal);
    }

    // Beside this program, where the build puts them all.
    private static string Program()
    {
        const string name = "Weir.Samples.Producer";
        var program = Path.Combine(AppContext.BaseDirectory.Replace("Weir.Producer.Tests", name, StringComparison.Ordinal), name);
        Assert.True(File.Exists(program), $"{program} is not built.");
        return program;
    }
}
