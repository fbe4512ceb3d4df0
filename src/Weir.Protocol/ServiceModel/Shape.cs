namespace Weir.Protocol;

/// <summary>What kind of value a shape of the service model describes.</summary>
public enum ShapeKind
{
    /// <summary>Text, with length, pattern or a set of values.</summary>
    String,

    /// <summary>A 32-bit integer.</summary>
    Integer,

    /// <summary>A 64-bit integer.</summary>
    Long,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Bytes.</summary>
    Blob,

    /// <summary>A point in time, in milliseconds.</summary>
    Timestamp,

    /// <summary>A sequence of <see cref="Shape.Element"/>.</summary>
    List,

    /// <summary>Text keys of <see cref="Shape.Key"/> to values of <see cref="Shape.Element"/>.</summary>
    Map,

    /// <summary>Named members.</summary>
    Structure,
}

/// <summary>One shape of the service model: a type and its constraints. Immutable once loaded, so safe to share.</summary>
public sealed class Shape
{
    internal Shape(string name, ShapeKind kind)
    {
        Name = name;
        Kind = kind;
    }

    /// <summary>The model's name, for example <c>PutRecordInput</c>.</summary>
    public string Name { get; }

    /// <summary>What the shape describes.</summary>
    public ShapeKind Kind { get; }

    /// <summary>
    /// Lower bound: of the value for numbers; of the length in UTF-16 units, bytes or entries for the rest. Null when
    /// unbounded.
    /// </summary>
    public long? Min { get; internal init; }

    /// <summary>Upper bound, inclusive; counted as <see cref="Min"/> is. Null when unbounded.</summary>
    public long? Max { get; internal init; }

    /// <summary>What the whole text must match, or null.</summary>
    public ShapePattern? Pattern { get; internal init; }

    /// <summary>The permitted texts in the model's order; empty when any text will do.</summary>
    public IReadOnlyList<string> EnumValues { get; internal init; } = [];

    /// <summary>A structure's members in the order of declaration; empty for every other kind.</summary>
    public IReadOnlyList<ShapeMember> Members { get; internal set; } = [];

    /// <summary>The shape of a list's elements or of a map's values, else null.</summary>
    public Shape? Element { get; internal set; }

    /// <summary>The shape of a map's keys, else null.</summary>
    public Shape? Key { get; internal set; }

    /// <summary>Whether the structure is an error that operations name.</summary>
    public bool IsException { get; internal init; }

    /// <summary>Whether the structure travels as the frames of an event stream rather than inside a body.</summary>
    public bool IsEventStream { get; internal init; }
}

/// <summary>A named member of a structure.</summary>
/// <param name="Name">The name on the wire, for example <c>StreamARN</c>.</param>
/// <param name="Path">The name in validation messages: its first letter in lower case, for example <c>streamARN</c>.</param>
/// <param name="Shape">The member's shape.</param>
/// <param name="IsRequired">Whether the member may not be absent.</param>
public sealed record ShapeMember(string Name, string Path, Shape Shape, bool IsRequired);

/// <summary>An operation of the service.</summary>
/// <param name="Name">For example <c>PutRecord</c>.</param>
/// <param name="Type">
/// The model's operation type, which decides the account-based host that clients choose (spec section 1.3).
/// </param>
/// <param name="Input">The structure of the request.</param>
/// <param name="Output">The structure of the response, or null when the body of a success is empty.</param>
/// <param name="Errors">Short names of the errors that the model lists.</param>
public sealed record OperationShape(string Name, OperationType Type, Shape Input, Shape? Output, IReadOnlyList<string> Errors);

/// <summary>The model's static context parameter OperationType.</summary>
public enum OperationType
{
    /// <summary>Not given: the operation has no account-based host.</summary>
    None,

    /// <summary>Control plane.</summary>
    Control,

    /// <summary>Data plane.</summary>
    Data,
}
