using Weir.Protocol;
using Weir.Server.Security;
using Weir.Server.TestControls.Faults;

namespace Weir.Server.Operations;

/// <summary>What stands between a valid request and its operation: steps 12 and 13 of spec section 2.5, in their order.</summary>
/// <param name="rates">How often control operations may be called; null when rates are off.</param>
/// <remarks>Thread-safe. One for the whole server; a part that is not configured costs nothing.</remarks>
/// <param name="faults">What fails on purpose; null without the test controls.</param>
internal sealed class Admission(ControlRates? rates, FaultList? faults = null)
{
    /// <summary>Lets everything in.</summary>
    public static Admission Open { get; } = new(rates: null);

    /// <summary>What fails on purpose, among the requests that are let in. Null when nothing does.</summary>
    public FaultList? Faults => faults is { IsEmpty: false } ? faults : null;

    /// <summary>Examines a request.</summary>
    /// <param name="operation">What it wants to do.</param>
    /// <param name="context">For whom.</param>
    /// <param name="target">With what.</param>
    /// <returns>Null, or the refusal.</returns>
    public KinesisError? Examine(KinesisOperation operation, OperationContext context, RequestTarget target) =>
        Authorization.Check(operation, context, target) ?? rates?.Examine(operation, context, target);
}
