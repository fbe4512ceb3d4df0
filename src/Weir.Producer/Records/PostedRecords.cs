namespace Weir.Producer.Records;

/// <summary>Learns what becomes of posted records, which nobody awaits. Thread-safe.</summary>
internal sealed class PostedRecords(Action<FailedPut>? failed, ProducerLog log) : IPutObserver
{
    /// <inheritdoc />
    public void Put(int index, in PutResult result)
    {
    }

    /// <inheritdoc />
    public void Failed(int index, in FailedPut failure)
    {
        try
        {
            failed?.Invoke(failure);
        }
        catch (Exception exception)
        {
            // A callback's fault must not end the producer.
            log.CallbackFailed(exception);
        }
    }
}
