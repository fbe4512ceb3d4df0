namespace Weir.Streams.Tests;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-directory-").FullName;

    [Fact]
    public void A_directory_has_one_owner_and_the_second_learns_who_it_is()
    {
        using var first = DataDirectory.Take(_directory, TimeProvider.System);
        var refusal = Assert.Throws<DataDirectoryInUseException>(() => DataDirectory.Take(_directory, TimeProvider.System));
        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_was_given_back_can_be_taken_again()
    {
        DataDirectory.Take(_directory, TimeProvider.System).Dispose();
        DataDirectory.Take(_directory, TimeProvider.System).Dispose();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
