using Microsoft.Extensions.Logging;
using Weir.Server.Security.Credentials;

namespace Weir.Server.Tests.Security.Credentials;

/// <summary>A running server follows its credentials file, and a broken one takes nothing away.</summary>
public sealed class CredentialsWatchTests
{
    private const string InvalidToken = "The security token included in the request is invalid.";

    [Fact]
    public async Task A_key_works_within_a_second_of_being_added_and_not_after_it_was_removed()
    {
        await using var server = await SecureServer.StartAsync();
        var added = SecureServer.Key(server.Credentials.Add(new NewAccessKey { Policy = SecureServer.Everything }, server.Time));
        (await server.CallAsync(added, "ListStreams", "{}")).AssertRefused("UnrecognizedClientException", InvalidToken);

        await server.UntilAsync("the key works", async () => (await server.CallAsync(added, "ListStreams", "{}")).Text.StartsWith("{\"StreamNames\"", StringComparison.Ordinal));
        server.Credentials.Remove(added.Id);
        await server.UntilAsync("the key is refused", async () => (await server.CallAsync(added, "ListStreams", "{}")).Text.Contains(InvalidToken, StringComparison.Ordinal));
        (await server.CallAsync(server.Owner, "ListStreams", "{}")).Succeeded();
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_changes_nothing_and_is_complained_about_once()
    {
        using var directory = new TemporaryDirectory();
        var time = new TestKit.ManualTimeProvider(TestServer.Begin);
        var log = new CountingLogger();
        var file = new CredentialsFile(Path.Combine(directory.Path, "credentials.json"));
        var first = file.Add(new NewAccessKey { Policy = SecureServer.Everything }, time).Key.AccessKeyId;
        await using var watch = CredentialsWatch.Start(file, TestServer.Account, time, log);
        var good = ProtectedFile.Read(file.FilePath);

        await File.WriteAllTextAsync(file.FilePath, "{", TestContext.Current.CancellationToken);
        await UntilAsync("the complaint", () => log.Errors == 1);
        Assert.NotNull(watch.Current.Find(first));
        File.Delete(file.FilePath);
        await UntilAsync("the complaint about the missing file", () => log.Errors == 2);
        for (var i = 0; i < 10; i++)
            await TickAsync();
        Assert.Equal(2, log.Errors);
        Assert.NotNull(watch.Current.Find(first));

        ProtectedFile.Write(file.FilePath, good);
        var second = file.Add(new NewAccessKey { Policy = SecureServer.Everything }, time).Key.AccessKeyId;
        await UntilAsync("the second key", () => watch.Current.Find(second) is not null);
        Assert.Equal(2, log.Errors);

        Task UntilAsync(string what, Func<bool> reached) => TestServer.UntilAsync(what, async () =>
        {
            await TickAsync();
            return reached();
        });

        async Task TickAsync()
        {
            time.Advance(CredentialsWatch.Interval);
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_server_does_not_start_with_a_file_that_it_cannot_use()
    {
        var options = new WeirServerOptions { Port = 0, DataDirectory = null, CredentialsFile = "/does/not/exist" };

        var exception = await Assert.ThrowsAsync<CredentialsFileException>(() => WeirServer.StartAsync(options, TestContext.Current.CancellationToken));

        Assert.StartsWith("/does/not/exist does not exist.", exception.Message, StringComparison.Ordinal);
    }

    private sealed class CountingLogger : ILogger
    {
        private int _errors;

        public int Errors => Volatile.Read(ref _errors);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
                Interlocked.Increment(ref _errors);
        }
    }
}
