namespace Weir.Streams.Encryption;

/// <summary>Whether a key can be used. Local keys always can; the other states are what tests of a client want to see.</summary>
public enum KeyState
{
    /// <summary>It can.</summary>
    Usable = 0,

    /// <summary>The caller may not use it.</summary>
    AccessDenied,

    /// <summary>It is switched off.</summary>
    Disabled,

    /// <summary>It is in a state that does not allow this, such as waiting for its deletion.</summary>
    InvalidState,

    /// <summary>There is no such key.</summary>
    NotFound,

    /// <summary>The account has not subscribed to the key service.</summary>
    OptInRequired,

    /// <summary>The key service gets more requests than it takes.</summary>
    Throttled,
}
