using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Weir.Log;

/// <summary>Assertions that stay on in Release, for the places where bytes cross between memory and disk.</summary>
internal static class Invariant
{
    public static void Check([DoesNotReturnIf(false)] bool holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        if (!holds)
            Break(what);
    }

    [DoesNotReturn]
    private static void Break(string what) => throw new InvalidOperationException($"A bug in the log: it does not hold that {what}.");
}
