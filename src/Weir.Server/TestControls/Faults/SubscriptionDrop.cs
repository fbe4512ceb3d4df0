namespace Weir.Server.TestControls.Faults;

/// <summary>When a subscription breaks off: after so many events or so much time, whichever comes first.</summary>
/// <param name="AfterEvents">Events that are sent, the empty ones too, before it breaks off in place of the next; null for any number.</param>
/// <param name="After">Time on the server's clock since the subscription began; null for any.</param>
internal sealed record SubscriptionDrop(long? AfterEvents, TimeSpan? After)
{
    /// <summary>Whether the subscription must break off in place of the event that is due; a timer sees to <see cref="After"/>.</summary>
    /// <param name="eventsSent">Events that were sent, the empty ones too.</param>
    public bool ShouldDrop(long eventsSent) => eventsSent >= AfterEvents;
}
