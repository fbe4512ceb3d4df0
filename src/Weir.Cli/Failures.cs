namespace Weir.Cli;

/// <summary>The operation was refused, for a reason that the message says in full. Exit code 1.</summary>
internal sealed class CommandFailure(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The command line makes no sense, in a way that only the command can tell. Exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Nobody reads standard output any more.</summary>
internal sealed class OutputClosedException(Exception innerException) : Exception("Standard output is closed.", innerException);
