namespace Weir.Conformance.Server;

/// <summary>What a test does when something it needs is not on this machine: it says so, and a CI run does not accept it.</summary>
internal static class Missing
{
    private static bool IsContinuousIntegration { get; } =
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Skips the calling test with <paramref name="reason"/>, or fails it when CI=true.</summary>
    public static void Report(string reason)
    {
        if (IsContinuousIntegration)
            Assert.Fail($"{reason} (with CI=true this is a failure, not a skip)");
        Assert.Skip(reason);
    }
}
