using System.Text.Json;
using Weir.Server.Security.Credentials;
using Weir.TestKit;

namespace Weir.Server.Tests.Security;

/// <summary>A server with credentials, in virtual time and in memory, and clients that sign.</summary>
internal sealed class SecureServer : IAsyncDisposable
{
    /// <summary>A policy that allows everything.</summary>
    public const string Everything = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";

    private readonly TemporaryDirectory _directory;
    private readonly RequestConnection _connection;

    private SecureServer(TemporaryDirectory directory, CredentialsFile credentials, AwsKey owner, TestServer server)
    {
        (_directory, Credentials, Owner, Server) = (directory, credentials, owner, server);
        _connection = new RequestConnection(server.Server.Endpoint);
    }

    public TestServer Server { get; }

    public CredentialsFile Credentials { get; }

    /// <summary>A key of the server's account that may do everything.</summary>
    public AwsKey Owner { get; }

    public ManualTimeProvider Time => Server.Time;

    public DateTimeOffset Now => Time.GetUtcNow();

    public static async Task<SecureServer> StartAsync()
    {
        var directory = new TemporaryDirectory();
        var time = new ManualTimeProvider(TestServer.Begin);
        var credentials = new CredentialsFile(Path.Combine(directory.Path, "credentials.json"));
        var owner = Key(credentials.Add(new NewAccessKey { UserName = "owner", Policy = Everything }, time));
        return new SecureServer(directory, credentials, owner, await TestServer.StartAsync(time: time, credentialsFile: credentials.FilePath));
    }

    public static AwsKey Key(IssuedAccessKey issued) => new(issued.Key.AccessKeyId, issued.SecretAccessKey, issued.SessionToken);

    /// <summary>Makes an access key; the server knows it when this returns.</summary>
    public async Task<AwsKey> AddAsync(string policy = Everything, string? account = null, string? user = null, TimeSpan? lifetime = null)
    {
        var key = Key(Credentials.Add(new NewAccessKey { AccountId = account, UserName = user, Lifetime = lifetime, Policy = policy }, Time));
        await UntilAsync("the server knows the new key", async () => !(await CallAsync(key, "DescribeLimits", "{}")).Text.Contains("UnrecognizedClient", StringComparison.Ordinal));
        return key;
    }

    /// <summary>Lets virtual time go on, the interval of the watch at a time, until something is so.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> reached) => TestServer.UntilAsync(what, async () =>
    {
        Time.Advance(CredentialsWatch.Interval);
        return await reached();
    });

    public Task<KinesisReply> SendAsync(SignedRequest request) => _connection.SendAsync(request.Bytes());

    /// <summary>Calls an operation with a signature that is right, now.</summary>
    public Task<KinesisReply> CallAsync(AwsKey key, string operation, string json, string region = TestServer.Region) =>
        SendAsync(SignedRequest.Of(operation, json).Sign(key, Now, region));

    /// <inheritdoc cref="CallAsync(AwsKey, string, string, string)"/>
    public Task<KinesisReply> CallAsync(AwsKey key, string operation, object input, string region = TestServer.Region) =>
        CallAsync(key, operation, JsonSerializer.Serialize(input), region);

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await Server.DisposeAsync();
        _directory.Dispose();
    }
}
