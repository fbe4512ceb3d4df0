namespace Weir.Server.Security.Credentials;

/// <summary>Files that only their owner may read: made so, replaced in one step, and refused when they are not so.</summary>
/// <remarks>On Windows the mode is the business of the directory's access list.</remarks>
internal static class ProtectedFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // Some ten thousand access keys; a file beyond this is not what it should be.
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CredentialsFileException">It cannot be read, or others can read or change it.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) is not UnixFileMode.None)
                throw new CredentialsFileException($"{path} can be read or changed by others than its owner. Run: chmod 600 {path}");
            if (file.Length > MaxBytes)
                throw new CredentialsFileException($"{path} is no credentials file: it has {file.Length} bytes.");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CredentialsFileException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Replaces a file, or makes it: whoever reads it at any moment finds the old bytes or the new ones.</summary>
    /// <exception cref="CredentialsFileException">It cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var next = path + ".new";
        try
        {
            // What a crash left behind, or somebody else put there, must not lend its mode to the new file.
            File.Delete(next);
            using (var file = Create(next, FileMode.CreateNew))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CredentialsFileException($"{path} cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Keeps every other process from changing a file until what this returns is disposed.</summary>
    /// <exception cref="CredentialsFileException">Another process is at it.</exception>
    public static IDisposable Lock(string path)
    {
        try
        {
            return Create(path + ".lock", FileMode.OpenOrCreate);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CredentialsFileException($"{path} cannot be changed now: {exception.Message}", exception);
        }
    }

    // Made with its mode, so that it is never readable by others, not even for a moment.
    private static FileStream Create(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }
}
