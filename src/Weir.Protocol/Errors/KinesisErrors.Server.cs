namespace Weir.Protocol;

public static partial class KinesisErrors
{
    /// <summary>Channels deliver records to S3, which this server does not do. Spec section 7.12; text ours.</summary>
    public static KinesisError ChannelsNotSupported { get; } = Invalid($"Channels are not supported by this server.");

    /// <summary>The disk is full: puts are refused until there is room again. An InternalFailureException, which the model lists for puts.</summary>
    public static KinesisError StorageFull { get; } = new(
        "InternalFailureException", "The server's storage is full; the record was not stored.", Status: 500);

    /// <summary>The same for one entry of PutRecords: the code is the modelled one of spec section 7.3, the text says what to do about it.</summary>
    public static KinesisError StorageFullOfEntry { get; } = new(ErrorCodes.InternalFailure, StorageFull.Message, Status: 500);

    /// <summary>The server holds as many bytes of requests and responses as it may; the client retries. Spec section 2.10.</summary>
    public static KinesisError ServiceUnavailable { get; } = new("ServiceUnavailable", "The server is overloaded.", Status: 503);

    /// <summary>The body did not come in time. Spec section 2.10.</summary>
    public static KinesisError RequestTimeout { get; } = new("RequestTimeoutException", "The request's body was not received in time.", Status: 408);
}
