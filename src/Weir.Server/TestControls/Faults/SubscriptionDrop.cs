namespace Weir.Server.TestControls.Faults;

/// <summary>When a subscription breaks off: after so many events or so much time, whichever comes first.</summary>
/// <param name="AfterEvents">Events that are still sent; null for any number.</param>
/// <param name="After">Time on the server's clock since the subscription began; null for any.</param>
internal sealed record SubscriptionDrop(long? AfterEvents, TimeSpan? After)
{
    /// <summary>Whether the subscription must break off now.</summary>
    /// <param name="eventsSent">Events that have left, the empty ones too.</param>
    /// <param name="age">Time on the server's clock since the subscription began.</param>
    public bool ShouldDrop(long eventsSent, TimeSpan age) => eventsSent >= AfterEvents || age >= After;
}
