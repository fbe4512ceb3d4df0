using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Conformance.Peers;
using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>
/// A foreign client in a process of its own, which takes one request a line and gives one answer a line until its input ends
/// (<c>Peers/tour_lines.py</c> says what is in them).
/// </summary>
internal sealed class PeerTourClient : ITourClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _error;

    public PeerTourClient(Peer peer, params string[] arguments)
    {
        var start = ChildProcess.Describe(peer.Program, [Repository.PeerScript(peer.Script), .. arguments], peer.EnvironmentVariables, folder: null);
        _process = new Process { StartInfo = start };
        _process.Start();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public async Task<TourAnswer> CallAsync(TourCall call)
    {
        var request = new JsonObject
        {
            ["operation"] = call.Operation,
            ["input"] = call.Input,
            ["recent"] = call.Recent,
            ["until"] = call.ReadUntil,
        };
        await _process.StandardInput.WriteLineAsync(request.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var answer = JsonNode.Parse(await ReadLineAsync())!;
        if (answer["output"] is JsonObject output)
            return new TourAnswer.Output((JsonObject)output.DeepClone(), answer["newerModel"]?.GetValue<bool>() ?? false);
        return answer["refused"].Deserialize<TourAnswer.Refusal>(JsonSerializerOptions.Web)!;
    }

    /// <summary>Ends the process by the end of its input; one that does not end well, or not at all, fails the run.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            _process.StandardInput.Close();
            try
            {
                await _process.WaitForExitAsync().WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }

            if (_process.ExitCode != 0)
                throw new InvalidOperationException($"The client ended with exit code {_process.ExitCode}.\n{await _error}");
        }
    }

    private async Task<string> ReadLineAsync()
    {
        try
        {
            return await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience)
                ?? throw new InvalidDataException($"The client ended without an answer.\n{await _error}");
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            throw new InvalidDataException($"The client gave no answer in {Patience.TotalSeconds:0} s.\n{await _error}");
        }
    }
}
