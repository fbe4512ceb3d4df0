using System.CommandLine;
namespace Weir.Cli.Commands;
internal static class TailCommand { public static Command Create(Shell shell) => new("tail"); }
