using Microsoft.Extensions.Logging;

namespace Weir.Server.Security.Credentials;

/// <summary>The access keys in force, kept in step with their file while the server runs. Thread-safe.</summary>
/// <remarks>
/// Reads the file once a second and compares it whole: it is small, and a poll sees every kind of change on every file system, which
/// notifications do not. A file that cannot be used changes nothing: the last good keys stay in force, and the log says so, once for each fault.
/// </remarks>
internal sealed partial class CredentialsWatch : IAsyncDisposable
{
    /// <summary>The longest that a removed key can still be used.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CredentialsFile _file;
    private readonly string _account;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _watching;

    // Replaced by the watching loop only; a request works with the one that it found.
    private volatile AccessKeySet _current;

    // The watching loop's own.
    private CredentialsBytes? _seen;
    private string? _fault;

    private CredentialsWatch(CredentialsFile file, string account, TimeProvider time, ILogger logger)
    {
        (_file, _account, _logger) = (file, account, logger);
        _seen = file.ReadBytes();
        _current = file.Load(_seen, account);
        _timer = new PeriodicTimer(Interval, time);
        _watching = WatchAsync();
    }

    /// <summary>The keys in force now.</summary>
    public AccessKeySet Current => _current;

    /// <summary>Reads a file and starts to watch it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="account">The account of the keys that name none.</param>
    /// <param name="time">The clock of the poll.</param>
    /// <param name="logger">Takes what happens later.</param>
    /// <exception cref="CredentialsFileException">The file cannot be used: a server does not start with it.</exception>
    public static CredentialsWatch Start(CredentialsFile file, string account, TimeProvider time, ILogger logger) => new(file, account, time, logger);

    /// <summary>Ends the watch.</summary>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _watching.ConfigureAwait(false);
    }

    private async Task WatchAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
            Look();
    }

    private void Look()
    {
        try
        {
            var bytes = _file.ReadBytes();
            _fault = null;
            if (bytes.IsSame(_seen))
                return;
            // Seen, whatever comes of it: bytes that cannot be used are complained about once.
            _seen = bytes;
            _current = _file.Load(bytes, _account);
            Log.Changed(_logger, _file.FilePath, _current.Count);
        }
        catch (Exception exception)
        {
            // Whatever it is, the watch goes on: a server that stopped looking would never learn of a removed key.
            if (exception.Message == _fault)
                return;
            _fault = exception.Message;
            Log.Unusable(_logger, _file.FilePath, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3020, LogLevel.Information, "{File} has changed: {Count} access keys are in force.")]
        public static partial void Changed(ILogger logger, string file, int count);

        [LoggerMessage(3021, LogLevel.Error, "{File} has changed and cannot be used; the access keys before the change stay in force. {Reason}")]
        public static partial void Unusable(ILogger logger, string file, string reason);
    }
}
