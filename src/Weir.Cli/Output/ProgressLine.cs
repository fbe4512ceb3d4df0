namespace Weir.Cli.Output;

/// <summary>A line on a person's standard error that says how far we are, again and again in the same place. Dispose wipes it.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const string Wipe = "\r\u001b[2K";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Shell _shell;
    private readonly Func<string> _describe;
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _shown;

    /// <summary>Begins, if a person reads standard error.</summary>
    public ProgressLine(Shell shell, Func<string> describe)
    {
        _shell = shell;
        _describe = describe;
        if (shell.ErrorIsTerminal)
            _timer = shell.Time.CreateTimer(_ => Show(), null, Interval, Interval);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            if (_shown)
                _shell.Error.Write(Wipe);
            _shown = false;
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            if (_timer is null)
                return;
            _shell.Error.Write(Wipe + _describe());
            _shown = true;
        }
    }
}
