namespace Weir.Protocol.Wire;

/// <summary>A structure of the service model that can be read from and written to any encoding.</summary>
/// <typeparam name="TSelf">The structure itself.</typeparam>
public interface IWireMessage<TSelf>
    where TSelf : class, IWireMessage<TSelf>
{
    /// <summary>Reads the structure. Unknown members are ignored; a member of the wrong kind reads as absent.</summary>
    static abstract TSelf Read(WireValue map);

    /// <summary>Writes the structure as a map. Absent members are left out.</summary>
    void Write(WireWriter writer);
}

/// <summary>The input of an operation.</summary>
/// <typeparam name="TSelf">The request itself.</typeparam>
/// <typeparam name="TResponse">What a success answers.</typeparam>
public interface IKinesisRequest<TSelf, TResponse> : IWireMessage<TSelf>
    where TSelf : class, IKinesisRequest<TSelf, TResponse>
    where TResponse : class, IWireMessage<TResponse>
{
    /// <summary>The operation that the request belongs to.</summary>
    static abstract KinesisOperation Operation { get; }
}
