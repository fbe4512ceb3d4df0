namespace Weir.Oracle;

/// <summary>A shape of the service model, as the file has it.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Type">The model's word: <c>string</c>, <c>integer</c>, <c>long</c>, <c>boolean</c>, <c>blob</c>, <c>timestamp</c>, <c>list</c>, <c>map</c>, <c>structure</c>.</param>
public sealed record ModelShape(string Name, string Type)
{
    public long? Min { get; init; }

    public long? Max { get; init; }

    public JavaPattern? Pattern { get; init; }

    public IReadOnlyList<string> Enum { get; init; } = [];

    /// <summary>A structure's members in the order of the file.</summary>
    public IReadOnlyList<ModelMember> Members { get; set; } = [];

    /// <summary>Of a list's elements or a map's values.</summary>
    public ModelShape? Element { get; set; }

    /// <summary>Of a map's keys.</summary>
    public ModelShape? Key { get; set; }
}

/// <summary>A member of a structure.</summary>
public sealed record ModelMember(string Name, ModelShape Shape, bool IsRequired)
{
    /// <summary>The name as error messages write it.</summary>
    public string Path { get; } = char.ToLowerInvariant(Name[0]) + Name[1..];
}

/// <summary>An operation and the structure of its requests.</summary>
public sealed record ModelOperation(string Name, ModelShape Input)
{
    public override string ToString() => Name;
}
