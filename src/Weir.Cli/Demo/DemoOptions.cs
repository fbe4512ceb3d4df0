namespace Weir.Cli.Demo;

/// <summary>Settings of a demonstration.</summary>
internal sealed class DemoOptions
{
    /// <summary>Default of <see cref="Speed"/>: the 58 minutes of the trace in 58 seconds.</summary>
    public const int DefaultSpeed = 60;

    /// <summary>Most of <see cref="Speed"/>. What the shards' limits do not take is late then; it is never lost.</summary>
    public const int MaxSpeed = 10_000;

    /// <summary>How many times as fast as it happened the trace is replayed.</summary>
    /// <value>1 to 10,000; default 60.</value>
    public int Speed { get; init; } = DefaultSpeed;

    /// <summary>The server's port.</summary>
    /// <value>0 to 65535; 0, the default, takes a free one.</value>
    public int Port { get; init; }

    /// <summary>Whether the data directory stays.</summary>
    /// <value>Default false.</value>
    public bool Keep { get; init; }

    /// <summary>The trace.</summary>
    /// <value>Default: the one that ships with the program.</value>
    public string TraceFile { get; init; } = Demo.TraceFile.Shipped;
}
