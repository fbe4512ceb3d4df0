namespace Weir.Ladder;

/// <summary>A step that did not do its work must not look fast.</summary>
internal static class Check
{
    /// <exception cref="InvalidOperationException">It is not so.</exception>
    public static void That(bool isSo, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(isSo))] string what = "")
    {
        if (!isSo)
            throw new InvalidOperationException($"The step did not do its work: {what}.");
    }
}
