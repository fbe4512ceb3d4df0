namespace Weir.Cli.Put;

/// <summary>How long nothing may get through while records wait. Not thread-safe.</summary>
/// <param name="length">That long.</param>
/// <param name="time">The clock.</param>
internal sealed class Patience(TimeSpan length, TimeProvider time)
{
    /// <summary>What <c>weir put</c> has: a server that is started anew needs less.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    private long _since = time.GetTimestamp();
    private long _settled;

    /// <summary>That long.</summary>
    public TimeSpan Length => length;

    /// <summary>Looks whether it is over.</summary>
    /// <param name="settled">Records that have got through so far.</param>
    /// <param name="areWaiting">Whether there are others.</param>
    public bool IsOver(long settled, bool areWaiting)
    {
        if (settled > _settled || !areWaiting)
        {
            _settled = Math.Max(settled, _settled);
            _since = time.GetTimestamp();
        }

        return time.GetElapsedTime(_since) > length;
    }
}
