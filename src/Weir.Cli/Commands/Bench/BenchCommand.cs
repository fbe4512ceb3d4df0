using System.CommandLine;
namespace Weir.Cli.Commands.Bench;
internal static class BenchCommand { public static Command Create(Shell shell) => new("bench"); }
