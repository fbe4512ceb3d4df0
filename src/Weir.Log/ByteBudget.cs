namespace Weir.Log;

/// <summary>A count of bytes with a bound, shared by many takers.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ByteBudget(long maxBytes)
{
    private long _taken;

    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes the bytes, unless that exceeds the bound.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="oversizedAlone">True to let pass what is larger than the bound when nothing else is taken: it would never pass otherwise.</param>
    public bool TryTake(long bytes, bool oversizedAlone)
    {
        var after = Interlocked.Add(ref _taken, bytes);
        if (after <= maxBytes || (oversizedAlone && after == bytes))
            return true;
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
