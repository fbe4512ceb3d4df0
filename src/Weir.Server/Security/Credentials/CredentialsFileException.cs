namespace Weir.Server.Security.Credentials;

/// <summary>A credentials file that cannot be used or changed as asked. The message names the file and what to do about it, and no secret.</summary>
public sealed class CredentialsFileException : Exception
{
    /// <summary>Makes the exception.</summary>
    public CredentialsFileException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public CredentialsFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
