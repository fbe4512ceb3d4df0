// Rewrites src/Weir.Protocol/Messages and the operations of src/Weir.Client from the service model:
//
//     dotnet run --project eng/Weir.ModelGenerator
//
// Run it after service-model.json has changed, and commit what it wrote. Tests compare them.

using Weir.ModelGenerator;
using Weir.Protocol;

var sources = Path.Combine(args.Length > 0 ? args[0] : FindRepository(), "src");
var directory = Path.Combine(sources, "Weir.Protocol", "Messages");
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

File.WriteAllText(Path.Combine(sources, "Weir.Client", ClientFile.Name), ClientFile.Generate(ServiceModel.Kinesis));
Console.WriteLine($"{files.Count} files in {directory}, and {ClientFile.Name}");

static string FindRepository()
{
    for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
    {
        if (File.Exists(Path.Combine(directory.FullName, "Weir.slnx")))
            return directory.FullName;
    }

    throw new InvalidOperationException("Weir.slnx is in none of the directories above this program; name the repository.");
}
