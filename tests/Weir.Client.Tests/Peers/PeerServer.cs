using System.Diagnostics;
using Weir.Protocol.Messages;

namespace Weir.Client.Tests.Peers;

/// <summary>Another server of the API, as a process on this machine: what works with AWS should work with those that people test against too.</summary>
/// <param name="name">The npm package.</param>
public abstract class PeerServer(string name) : IAsyncLifetime
{
    private const string Announcement = "listening on port ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private Process? _process;
    private Uri? _endpoint;
    private int _streams;

    /// <summary>Where it listens. Skips the calling test where the server is not installed; with CI=true it fails.</summary>
    public Uri Endpoint
    {
        get
        {
            var reason = $"node with {name} (npm) is not installed; ./test.sh installs it.";
            if (_endpoint is null && Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(reason);
            Assert.SkipUnless(_endpoint is not null, reason);
            return _endpoint!;
        }
    }

    /// <summary>A client as a program would make it: only the endpoint is another.</summary>
    public KinesisClient Connect(KinesisEncoding encoding = KinesisEncoding.Json) =>
        new(new KinesisClientOptions { Endpoint = Endpoint, Region = "us-east-1", Encoding = encoding });

    /// <summary>A name that no other test uses.</summary>
    public string NewName() => $"stream-{Interlocked.Increment(ref _streams)}";

    /// <summary>A stream that no other test uses, ready.</summary>
    public async Task<string> CreateStreamAsync(KinesisClient client, int shards)
    {
        var stream = NewName();
        await client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = shards }, TestContext.Current.CancellationToken);
        await ActiveAsync(client, stream);
        return stream;
    }

    /// <summary>Waits until nothing changes any more.</summary>
    public static async Task ActiveAsync(KinesisClient client, string stream)
    {
        while ((await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, TestContext.Current.CancellationToken))
            .StreamDescriptionSummary!.StreamStatus != "ACTIVE")
            await Task.Yield();
    }

    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled())
            return;
        _process = Process.Start(NodePeer.Start(Path.Combine(NodePeer.Root, "tests/Weir.Client.Tests/Peers/peer_server.cjs"), name))!;
        var error = _process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (!line.StartsWith(Announcement, StringComparison.Ordinal))
                continue;
            _endpoint = new Uri($"http://127.0.0.1:{line[Announcement.Length..]}");
            // Nobody reads what else it says, and it must not wait for that.
            _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return;
        }

        throw new InvalidOperationException($"{name} does not start: {await error}");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private bool IsInstalled()
    {
        try
        {
            using var probe = Process.Start(NodePeer.Start("-e", $"require.resolve('{name}/package.json')"))!;
            probe.StandardInput.Close();
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no node.
            return false;
        }
    }
}


/// <summary>kinesalite: a server in JavaScript, the oldest of them.</summary>
public sealed class Kinesalite() : PeerServer("kinesalite");

/// <summary>kinesis-local: kinesis-mock, a server in Scala, as JavaScript.</summary>
public sealed class KinesisLocal() : PeerServer("kinesis-local");
