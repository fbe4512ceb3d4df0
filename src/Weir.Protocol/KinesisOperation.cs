using System.Diagnostics.CodeAnalysis;

namespace Weir.Protocol;

/// <summary>
/// An operation of the API, as clients name it in <c>X-Amz-Target</c>. Costs nothing until <see cref="Shape"/> is asked for.
/// </summary>
public sealed partial class KinesisOperation
{
    /// <summary>What stands before the operation's name in a target.</summary>
    public const string TargetPrefix = "Kinesis_20131202";

    private KinesisOperation(string name)
    {
        Name = name;
        Target = $"{TargetPrefix}.{name}";
    }

    /// <summary>For example <c>PutRecord</c>.</summary>
    public string Name { get; }

    /// <summary>The value of <c>X-Amz-Target</c>, for example <c>Kinesis_20131202.PutRecord</c>.</summary>
    public string Target { get; }

    /// <summary>What the service model says of the operation. The first call loads the model.</summary>
    public OperationShape Shape => ServiceModel.Kinesis.Operations[Name];

    /// <summary>
    /// Reads a target. Service and operation are compared with their case; what follows a second dot is ignored (spec section
    /// 2.1).
    /// </summary>
    /// <returns>False when the service or the operation is unknown.</returns>
    public static bool TryParseTarget(ReadOnlySpan<char> target, [NotNullWhen(true)] out KinesisOperation? operation)
    {
        operation = null;
        var dot = target.IndexOf('.');
        if (dot < 0 || !target[..dot].SequenceEqual(TargetPrefix))
            return false;
        var name = target[(dot + 1)..];
        var secondDot = name.IndexOf('.');
        if (secondDot >= 0)
            name = name[..secondDot];
        return Index.ByName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out operation);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    // Nested, so that it is made after the generated list of operations, whatever the order of the partial files.
    private static class Index
    {
        public static readonly Dictionary<string, KinesisOperation> ByName =
            All.ToDictionary(operation => operation.Name, StringComparer.Ordinal);
    }
}
