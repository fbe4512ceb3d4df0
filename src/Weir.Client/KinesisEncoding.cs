namespace Weir.Client;

/// <summary>How a client writes its requests.</summary>
public enum KinesisEncoding
{
    /// <summary>Text, with data in base64: a third larger on the wire, and readable in a capture.</summary>
    Json,

    /// <summary>Binary, with data as it is. AWS and Weir understand it; other servers may not.</summary>
    Cbor,
}
