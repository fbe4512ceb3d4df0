using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Weir.Cli.Tests;

public sealed class TelemetryVariablesTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Fact]
    public void Nothing_is_sent_without_somewhere_to_send_to() => Assert.Null(Of(("OTEL_SERVICE_NAME", "x"), (Endpoint, "")));

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "True")]
    [InlineData("OTEL_METRICS_EXPORTER", "none")]
    public void Nothing_is_sent_when_a_variable_says_so(string name, string value) => Assert.Null(Of((Endpoint, "http://127.0.0.1:1"), (name, value)));

    [Fact]
    public void What_is_set_and_of_use_is_handed_on() => Assert.Equal(
        new Dictionary<string, string> { [Endpoint] = "http://127.0.0.1:1", ["OTEL_EXPORTER_OTLP_METRICS_HEADERS"] = "a=b" },
        Of((Endpoint, "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=b"), ("OTEL_TRACES_SAMPLER", "always_on")));

    [Fact]
    public async Task A_server_sends_its_metrics_to_where_the_environment_says()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        var output = new Pipe();
        using var lines = new StreamReader(output.Reader.AsStream());
        using var run = new CommandRun(
            variables: new Dictionary<string, string>
            {
                ["WEIR_PORT"] = "0",
                ["WEIR_MEMORY"] = "1",
                [Endpoint] = $"http://{collector.LocalEndpoint}",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            },
            outputStream: output.Writer.AsStream());
        var serving = run.RunAsync("server");
        await lines.ReadLineAsync(TestContext.Current.CancellationToken);
        run.Interrupt();
        using (var connection = await collector.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            using var request = new StreamReader(connection.GetStream());
            Assert.Equal("POST /v1/metrics HTTP/1.1", await request.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, await serving);
    }

    private static IReadOnlyDictionary<string, string>? Of(params (string Name, string Value)[] variables)
    {
        var known = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        using var shell = new Shell
        {
            In = Stream.Null,
            Out = Stream.Null,
            OutText = TextWriter.Null,
            Error = TextWriter.Null,
            Variable = name => known.GetValueOrDefault(name),
        };
        return TelemetryVariables.Of(shell);
    }
}
