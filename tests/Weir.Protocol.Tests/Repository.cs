namespace Weir.Protocol.Tests;

/// <summary>Finds checked-in files, for tests about the tree itself.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Weir.slnx")))
                return directory.FullName;
        }

        throw new InvalidOperationException("Weir.slnx is in none of the directories above the tests.");
    }
}
