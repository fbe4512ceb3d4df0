namespace Weir.Ladder;

/// <summary>One operation on one rung.</summary>
/// <param name="Rung">device, log, engine, protocol or http.</param>
/// <param name="Operation">What it does, by the name of the API's action that needs it.</param>
/// <param name="Wire">json or cbor; empty below the protocol.</param>
public readonly record struct StepName(string Rung, string Operation, string Wire)
{
    /// <inheritdoc />
    public override string ToString() => Wire.Length == 0 ? $"{Rung} {Operation}" : $"{Rung} {Operation} {Wire}";
}

/// <summary>A step that can be taken again and again.</summary>
/// <param name="Name">Which.</param>
/// <param name="RunAsync">Does the operation once and checks that it was done. One caller at a time.</param>
public sealed record Step(StepName Name, Func<ValueTask> RunAsync);

/// <summary>A rung with everything that its steps need.</summary>
public interface IRung : IAsyncDisposable
{
    /// <summary>Its steps.</summary>
    IReadOnlyList<Step> Steps { get; }
}
