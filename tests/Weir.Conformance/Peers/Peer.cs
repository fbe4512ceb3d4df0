using Weir.Conformance.Server;

namespace Weir.Conformance.Peers;

/// <summary>A foreign program that the tests run, and how to tell whether this machine has it.</summary>
/// <param name="Program">What runs the script.</param>
/// <param name="Script">A file of the folder Peers.</param>
/// <param name="Name">What a reader calls it.</param>
/// <param name="Probe">Arguments that succeed exactly when everything is installed.</param>
internal sealed record Peer(string Program, string Script, string Name, params string[] Probe)
{
    // Debian's modules belong to Debian's Python; another python3 may come first on the PATH.
    private const string DebianPython = "/usr/bin/python3";

    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(60);

    /// <summary>test.sh installs the SDK there and says so in the environment; run by hand, the usual place is tried.</summary>
    private static string NodeModules { get; } = Environment.GetEnvironmentVariable("WEIR_PEERS_NODE")
        ?? Path.Combine(Repository.Root, "artifacts/peers/node/node_modules");

    public static Peer Boto3 { get; } = new(DebianPython, "boto3_peer.py", "boto3 for /usr/bin/python3 (Debian: python3-boto3)", "-c", "import boto3");

    public static Peer AwsCommandLine { get; } = new(
        DebianPython, "aws_cli_peer.py", "/usr/bin/aws (Debian: awscli)",
        "-c", "import subprocess; subprocess.run(['/usr/bin/aws', '--version'], check=True)");

    public static Peer Curl { get; } = new("curl", "", "curl", "--version");

    public static Peer JavaScriptSdk { get; } = new(
        "node", "sdk_js_peer.cjs", "node with @aws-sdk/client-kinesis (npm)", "-e", "require('@aws-sdk/client-kinesis')");

    public static Peer LifionKinesis { get; } = new(
        "node", "lifion_peer.cjs", "node with lifion-kinesis, dynalite and @aws-sdk/client-kinesis (npm)",
        "-e", "require('lifion-kinesis'); require('dynalite'); require('@aws-sdk/client-kinesis')");

    /// <summary>Made-up credentials, a region, nothing from the machine's own AWS settings, and no pager.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentVariables { get; } = new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE",
        ["AWS_SECRET_ACCESS_KEY"] = "example-secret",
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_REGION"] = "us-east-1",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_CONFIG_FILE"] = "/dev/null",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
        ["AWS_PAGER"] = "",
        ["NODE_PATH"] = NodeModules,
        ["PYTHONDONTWRITEBYTECODE"] = "1",
        ["PYTHONIOENCODING"] = "utf-8",
    };

    /// <summary>Whether this machine has everything the peer needs.</summary>
    public async Task<bool> IsInstalledAsync()
    {
        try
        {
            return (await ChildProcess.RunAsync(Program, Probe, ProbePatience, EnvironmentVariables)).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // The program itself is not there.
            return false;
        }
    }

    /// <summary>Skips or fails the calling test when the peer is not on this machine.</summary>
    public async Task RequireAsync()
    {
        if (!await IsInstalledAsync())
            Missing.Report($"{Name} is not installed.");
    }
}
