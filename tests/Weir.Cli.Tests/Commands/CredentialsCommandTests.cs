using System.Text.Json;
using Weir.Server.Security.Credentials;

namespace Weir.Cli.Tests.Commands;

/// <summary><c>weir credentials</c>. What the keys do at a server is shown in the conformance tests.</summary>
public sealed class CredentialsCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weir-cli-tests-");

    private string FilePath => Path.Combine(_directory.FullName, "credentials.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_new_key_is_printed_as_the_variables_that_clients_read()
    {
        var (code, output, error) = await RunAsync("add");

        Assert.Equal(0, code);
        Assert.Matches("^AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}\nAWS_SECRET_ACCESS_KEY=[A-Za-z0-9]{40}\n$", output);
        Assert.Contains("The secret is shown only now.", error, StringComparison.Ordinal);
        (_, output, _) = await RunAsync("add", "--expires", "2h");
        Assert.Matches("^AWS_ACCESS_KEY_ID=ASIA[A-Z2-7]{16}\nAWS_SECRET_ACCESS_KEY=[A-Za-z0-9]{40}\nAWS_SESSION_TOKEN=[A-Za-z0-9]{64}\n$", output);
    }

    [Fact]
    public async Task Keys_are_listed_without_their_secrets_until_they_are_removed()
    {
        var key = await AddAsync("--user", "ann", "--account-id", "123456789012");
        var secret = key.GetProperty("secretAccessKey").GetString()!;
        var id = key.GetProperty("accessKeyId").GetString()!;

        var (_, table, _) = await RunAsync("list");
        Assert.Matches($"(?m)^{id} +123456789012 +ann +[-0-9T:Z ]+ +never$", table);
        var (_, json, _) = await RunAsync("list", "--json");
        Assert.Equal("ann", JsonDocument.Parse(json).RootElement[0].GetProperty("user").GetString());
        Assert.DoesNotContain(secret, table + json + await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("remove", id)).Code);
        var (code, output, error) = await RunAsync("remove", id);
        Assert.Equal((1, "", $"weir: There is no access key {id} in {FilePath}.\n"), (code, output, error));
        Assert.Equal((0, "", $"No access keys in {FilePath}.\n"), await RunAsync("list"));
    }

    [Theory]
    [InlineData(new[] { "kinesis:*" }, new[] { "*" })]
    [InlineData(new[] { "kinesis:PutRecord", "kinesis:Get*" }, new[] { "*" }, "--allow", "PutRecord, kinesis:Get*")]
    [InlineData(new[] { "*" }, new[] { "*" }, "--allow", "*")]
    [InlineData(new[] { "kinesis:Describe*", "kinesis:Get*", "kinesis:List*", "kinesis:SubscribeToShard" }, new[] { "*" }, "--read-only")]
    [InlineData(
        new[] { "kinesis:*" },
        new[] { "arn:aws*:kinesis:*:*:stream/a", "arn:aws*:kinesis:*:*:stream/a/consumer/*", "arn:aws*:kinesis:*:*:stream/b-*", "arn:aws*:kinesis:*:*:stream/b-*/consumer/*" },
        "--streams", "a,b-*")]
    [InlineData(
        new[] { "kinesis:*" }, new[] { "arn:aws*:kinesis:*:123456789012:stream/a", "arn:aws*:kinesis:*:123456789012:stream/a/consumer/*" },
        "--streams", "a", "--account-id", "123456789012")]
    public async Task Options_become_a_policy(string[] actions, string[] resources, params string[] options)
    {
        await AddAsync(options);

        using var policy = JsonDocument.Parse(new CredentialsFile(FilePath).List()[0].Policy);
        var statement = policy.RootElement.GetProperty("Statement")[0];
        Assert.Equal("Allow", statement.GetProperty("Effect").GetString());
        Assert.Equal(actions, statement.GetProperty("Action").EnumerateArray().Select(action => action.GetString()));
        Assert.Equal(resources, statement.GetProperty("Resource").EnumerateArray().Select(resource => resource.GetString()));
    }

    [Fact]
    public async Task A_policy_of_one_s_own_is_taken_whole()
    {
        var file = Path.Combine(_directory.FullName, "policy.json");
        await File.WriteAllTextAsync(file, """{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}""", TestContext.Current.CancellationToken);
        await AddAsync("--policy", file);
        Assert.Contains("\"Deny\"", new CredentialsFile(FilePath).List()[0].Policy, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, """{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kinesis:Fly","Resource":"*"}}""", TestContext.Current.CancellationToken);
        var (code, output, error) = await RunAsync("add", "--policy", file);
        Assert.Equal((1, "", "weir: The policy cannot be used: 'kinesis:Fly' names no action of Kinesis.\n"), (code, output, error));
        Assert.Equal(1, (await RunAsync("add", "--policy", file + ".none")).Code);
        Assert.Single(new CredentialsFile(FilePath).List());
    }

    [Theory]
    [InlineData("--policy", "x", "--read-only")]
    [InlineData("--policy", "x", "--allow", "PutRecord")]
    [InlineData("--policy", "x", "--streams", "a")]
    [InlineData("--read-only", "--allow", "PutRecord")]
    [InlineData("--expires", "0s")]
    [InlineData("--expires", "soon")]
    [InlineData("--streams", "a/b")]
    [InlineData("--streams", ",")]
    public async Task What_makes_no_sense_together_is_wrong_usage(params string[] options)
    {
        Assert.Equal(2, (await RunAsync(["add", .. options])).Code);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public async Task The_environment_names_the_file_and_the_sealing_key()
    {
        var key = Convert.ToBase64String(new byte[32]);
        using var run = new CommandRun(variables: new Dictionary<string, string> { ["WEIR_CREDENTIALS"] = FilePath, ["WEIR_CREDENTIALS_KEY"] = key });

        Assert.Equal(0, await run.RunAsync("credentials", "add"));

        Assert.Single(new CredentialsFile(FilePath, key).List());
        Assert.False(File.Exists(FilePath + ".key"));
    }

    [Theory]
    [InlineData("weir: {0} does not exist. Make an access key with: weir credentials add --file {0}\n")]
    [InlineData("weir: CredentialsFile is {0}, so every request has to be signed, but AllowAnonymous is on.\n", "--allow-anonymous")]
    public async Task A_server_does_not_start_with_credentials_that_it_cannot_use(string error, params string[] options)
    {
        using var run = new CommandRun();

        Assert.Equal(1, await run.RunAsync(["server", "--port", "0", "--memory", "--credentials", FilePath, .. options]));

        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, error, FilePath), run.Error);
        Assert.Equal("", run.Output);
    }

    private async Task<JsonElement> AddAsync(params string[] options)
    {
        var (code, output, error) = await RunAsync(["add", "--json", .. options]);
        Assert.True(code == 0, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var run = new CommandRun();
        var code = await run.RunAsync(["credentials", arguments[0], "--file", FilePath, .. arguments[1..]]);
        return (code, run.Output, run.Error);
    }
}
