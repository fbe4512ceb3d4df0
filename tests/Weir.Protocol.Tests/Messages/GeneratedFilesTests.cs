extern alias generator;

using generator::Weir.ModelGenerator;

namespace Weir.Protocol.Tests.Messages;

public sealed class GeneratedFilesTests
{
    private static readonly string Directory = Path.Combine(Repository.Root, "src", "Weir.Protocol", "Messages");

    [Fact]
    public void Checked_in_messages_are_what_the_generator_writes()
    {
        var generated = MessageFiles.Generate(generator::Weir.Protocol.ServiceModel.Kinesis);
        foreach (var (name, text) in generated)
            Assert.True(File.ReadAllText(Path.Combine(Directory, name)) == text, $"{name} is stale: dotnet run --project eng/Weir.ModelGenerator");
    }

    [Fact]
    public void The_clients_operations_are_what_the_generator_writes() => Assert.True(
        File.ReadAllText(Path.Combine(Repository.Root, "src", "Weir.Client", ClientFile.Name)) == ClientFile.Generate(generator::Weir.Protocol.ServiceModel.Kinesis),
        $"{ClientFile.Name} is stale: dotnet run --project eng/Weir.ModelGenerator");

    [Fact]
    public void No_generated_file_is_left_over()
    {
        var generated = MessageFiles.Generate(generator::Weir.Protocol.ServiceModel.Kinesis);
        var present = System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Directory, path).Replace('\\', '/'));
        Assert.Equal(generated.Keys.Order(StringComparer.Ordinal), present.Order(StringComparer.Ordinal));
    }
}
