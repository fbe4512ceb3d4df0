namespace Weir.Client;

/// <summary>No such stream, shard or consumer.</summary>
public sealed class KinesisResourceNotFoundException : KinesisException
{
    internal KinesisResourceNotFoundException(KinesisFailure failure, string message)
        : base(failure, message)
    {
    }
}

/// <summary>The stream or consumer exists already, or is in a state that forbids the operation.</summary>
public sealed class KinesisResourceInUseException : KinesisException
{
    internal KinesisResourceInUseException(KinesisFailure failure, string message)
        : base(failure, message)
    {
    }
}

/// <summary>A shard takes or gives no more at present.</summary>
public sealed class KinesisThroughputExceededException : KinesisException
{
    internal KinesisThroughputExceededException(KinesisFailure failure, string message)
        : base(failure, message)
    {
    }
}

/// <summary>A control-plane rate or a count is at its limit.</summary>
public sealed class KinesisLimitExceededException : KinesisException
{
    internal KinesisLimitExceededException(KinesisFailure failure, string message)
        : base(failure, message)
    {
    }
}

/// <summary>The shard iterator is older than five minutes: get a new one after the last sequence number seen.</summary>
public sealed class KinesisExpiredIteratorException : KinesisException
{
    internal KinesisExpiredIteratorException(KinesisFailure failure, string message)
        : base(failure, message)
    {
    }
}

/// <summary>The caller may not do this, or is not who the signature says.</summary>
public sealed class KinesisAccessDeniedException : KinesisException
{
    internal KinesisAccessDeniedException(KinesisFailure failure, string message)
        : base(failure, message)
    {
    }
}

/// <summary>The client's own surroundings are wrong: a malformed variable, or no credentials for an endpoint that wants some.</summary>
public sealed class KinesisConfigurationException : KinesisException
{
    internal KinesisConfigurationException(string message, Exception? innerException = null)
        : base(new KinesisFailure("Configuration"), message, innerException)
    {
    }
}
