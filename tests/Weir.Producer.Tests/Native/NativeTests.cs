using System.Diagnostics;
using System.Globalization;
using Weir.Client.Tests.Peers;

namespace Weir.Producer.Tests.Native;

/// <summary>
/// A program with the client and the producer, trimmed and compiled to native code: that gives no warning, and the program works. The analyzers of an
/// ordinary build see a library at a time; this sees all of them with what they are made of. The compiler wants the machine for itself, and the other
/// tests want their time.
/// </summary>
[CollectionDefinition(nameof(NativeTests), DisableParallelization = true)]
[Collection(nameof(NativeTests))]
public sealed class NativeTests(LocalServer server) : IClassFixture<LocalServer>
{
    private const int Records = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Packages that are neither here nor to be had, and a missing linker: of these the libraries know nothing.
    private static readonly string[] NotHere = ["NU1100", "NU1101", "NU1102", "NU1301", "NETSDK1094", "NETSDK1203", "NETSDK1204", "NETSDK1207", "Platform linker"];

    [Fact]
    public async Task The_libraries_work_as_native_code()
    {
        var folder = Path.Combine(NodePeer.Root, "artifacts/native");
        var (published, said) = await RunAsync(
            "dotnet", "publish", Path.Combine(NodePeer.Root, "eng/Weir.NativeCheck"), "-c", "Release", "--use-current-runtime", "--artifacts-path", folder,
            "-nodeReuse:false", "--nologo", "-v", "quiet");
        Assert.SkipWhen(
            published != 0 && NotHere.Any(code => said.Contains(code, StringComparison.Ordinal)), $"What compiles to native code cannot be had here: {said}");
        Assert.True(published == 0, said);

        var stream = await server.CreateStreamAsync(shards: 2);
        var program = Assert.Single(Directory.GetFiles(Path.Combine(folder, "publish/Weir.NativeCheck"), "Weir.NativeCheck", SearchOption.AllDirectories));
        var (ended, output) = await RunAsync(program, server.Endpoint.ToString(), stream, Records.ToString(CultureInfo.InvariantCulture));
        Assert.True(ended == 0, output);
        Assert.Equal(
            [$"Json: {Records} records are stored", "Json: ResourceNotFoundException", $"Cbor: {Records} records are stored", "Cbor: ResourceNotFoundException"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2 * Records, (await server.UserRecordsAsync(stream)).Count);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["WEIR_NATIVE"] = "true";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} has not ended.\n{await output}\n{await error}");
        }

        return (process.ExitCode, await output + await error);
    }
}
