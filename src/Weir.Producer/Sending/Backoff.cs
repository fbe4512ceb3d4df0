namespace Weir.Producer.Sending;

/// <summary>How long to wait after failures: anything between nothing and a base that doubles ("full jitter"). Belongs to the send loop.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private const int MaxDoublings = 20;

    /// <param name="failures">How many there were in a row, from 1.</param>
    public TimeSpan After(int failures)
    {
        var limit = first * (1L << Math.Min(failures - 1, MaxDoublings));
        return (limit < longest ? limit : longest) * random.NextDouble();
    }
}
