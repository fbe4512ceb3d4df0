using System.Reflection;

namespace Weir.PublicApi;

/// <summary>
/// What a library promises is written down in <c>tests/Weir.PublicApi/*.txt</c>. A difference is a conversation, not an accident:
/// whoever means it runs these tests with WEIR_ACCEPT_API=1 and commits the new text.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("Weir.Model")]
    [InlineData("Weir.Log")]
    [InlineData("Weir.Streams")]
    [InlineData("Weir.Protocol")]
    [InlineData("Weir.Server")]
    [InlineData("Weir.Client")]
    [InlineData("Weir.Producer")]
    public void The_public_surface_is_as_written_down(string library)
    {
        var file = Path.Combine(Folder(), $"{library}.txt");
        var surface = PublicSurface.Print(Assembly.Load(library));
        Assert.NotEmpty(surface);
        if (Environment.GetEnvironmentVariable("WEIR_ACCEPT_API") == "1")
            File.WriteAllText(file, surface);
        Assert.True(File.Exists(file), $"{file} is missing: run this with WEIR_ACCEPT_API=1, and commit it.");
        Assert.Equal(File.ReadAllText(file), surface);
    }

    [Fact]
    public void A_changed_member_shows()
    {
        var surface = PublicSurface.Print(typeof(Weir.Model.ShardId).Assembly);
        Assert.Contains("struct Weir.Model.ShardId", surface, StringComparison.Ordinal);
        Assert.Contains("    static Boolean TryNormalize(ReadOnlySpan<Char> text, ref Weir.Model.ShardId id)", surface, StringComparison.Ordinal);
    }

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Weir.slnx")))
                return Path.Combine(folder.FullName, "tests", "Weir.PublicApi");
        }

        throw new DirectoryNotFoundException($"No Weir.slnx in any folder above {AppContext.BaseDirectory}.");
    }
}
