using System.CommandLine;
namespace Weir.Cli.Commands;
internal static class PutCommand { public static Command Create(Shell shell) => new("put"); }
