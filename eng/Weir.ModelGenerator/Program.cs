// Rewrites src/Weir.Protocol/Messages from the service model:
//
//     dotnet run --project eng/Weir.ModelGenerator
//
// Run it after service-model.json has changed, and commit what it wrote. A test compares the two.

using Weir.ModelGenerator;
using Weir.Protocol;

var directory = args.Length > 0 ? args[0] : Path.Combine(FindRepository(), "src", "Weir.Protocol", "Messages");
var files = MessageFiles.Generate(ServiceModel.Kinesis);

Directory.CreateDirectory(directory);
foreach (var stale in Directory.EnumerateFiles(directory, "*.g.cs", SearchOption.AllDirectories))
{
    if (!files.ContainsKey(Path.GetRelativePath(directory, stale).Replace('\\', '/')))
        File.Delete(stale);
}

foreach (var (name, text) in files)
{
    var path = Path.Combine(directory, name);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, text);
}

Console.WriteLine($"{files.Count} files in {directory}");

static string FindRepository()
{
    for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
    {
        if (File.Exists(Path.Combine(directory.FullName, "Weir.slnx")))
            return directory.FullName;
    }

    throw new InvalidOperationException("Weir.slnx is in none of the directories above this program; name the output directory.");
}
