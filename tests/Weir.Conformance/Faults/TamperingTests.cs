using Weir.Conformance.Http;
using Weir.Conformance.Server;

namespace Weir.Conformance.Faults;

/// <summary>Somebody deletes, changes or cuts a sealed segment under a running server, and the server is started on what is left.</summary>
public sealed class TamperingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public enum Harm
    {
        Delete,
        Change,
        Cut,
    }

    [Theory]
    [InlineData(Harm.Delete)]
    [InlineData(Harm.Change)]
    [InlineData(Harm.Cut)]
    public async Task Readers_of_a_harmed_segment_fail_others_go_on_and_with_the_file_put_back_all_is_well(Harm harm)
    {
        WeirServer.Require();
        using var data = new TemporaryFolder();
        await FilledStream.FillAsync(data.Path);
        var segment = FilledStream.Segments(data.Path)[0];
        var whole = segment + ".whole";
        File.Copy(segment, whole);
        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            await http.CreateStreamAsync("other");
            Do(harm, segment);
            FilledStream.AssertFailed(await FilledStream.ReadOldestAsync(http));
            await FilledStream.ToldAsync(server, segment);
            (await FilledStream.PutAsync(http)).Succeeded();
            (await FilledStream.PutAsync(http, "other")).Succeeded();
            Assert.Single(await http.ReadAllAsync("other"));
            Assert.Equal(0, await server.TerminateAsync());
        }

        // A start reads headers and footers only: it does not see a changed byte between them, nor that the oldest file of all is gone,
        // as it goes by retention. (One in the middle is missed: the log's own tests.)
        if (harm == Harm.Cut)
        {
            var start = await ChildProcess.RunAsync(Repository.WeirProgram, ["server", "--port", "0", "--data", data.Path], Patience);
            Assert.True(start.ExitCode == 1, start.ToString());
            Assert.Contains($"{segment} is corrupt at offset", start.Error, StringComparison.Ordinal);
            Assert.Contains("backup", start.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", start.Error, StringComparison.Ordinal);
        }

        File.Move(whole, segment, overwrite: true);
        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            (await FilledStream.ReadOldestAsync(http)).Succeeded();
            Assert.Equal(0, await server.TerminateAsync());
        }
    }

    private static void Do(Harm harm, string segment)
    {
        if (harm == Harm.Delete)
        {
            File.Delete(segment);
            return;
        }

        using var file = new FileStream(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (harm == Harm.Cut)
        {
            file.SetLength(1000);
            return;
        }

        file.Position = 500;
        var old = file.ReadByte();
        file.Position = 500;
        file.WriteByte((byte)(old ^ 4));
    }
}
