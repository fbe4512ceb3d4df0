using System.Runtime.InteropServices;

namespace Weir.Cli;

/// <summary>
/// Standard output that notices when nobody reads it any more. System.Console swallows a broken pipe, and a FileStream keeps a
/// position of its own, with which two programs that share an output file overwrite each other: so this one calls write(2) itself.
/// </summary>
internal sealed partial class StandardOutput : Stream
{
    private const int Descriptor = 1;

    // EINTR and EPIPE, the same on every Unix.
    private const int InterruptedBySignal = 4;
    private const int BrokenPipe = 32;

    // Only where there is no write(2).
    private readonly Stream? _console = OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : null;

    /// <inheritdoc />
    public override bool CanRead => false;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes everything.</summary>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    /// <exception cref="CommandFailure">The output takes no more, as a full disk.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_console is not null)
        {
            _console.Write(buffer);
            return;
        }

        while (!buffer.IsEmpty)
        {
            var written = WriteSome(Descriptor, buffer, (nuint)buffer.Length);
            if (written >= 0)
                buffer = buffer[(int)written..];
            else if (Marshal.GetLastPInvokeError() is var error && error != InterruptedBySignal)
                throw Failed(error);
        }
    }

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes before it returns: output is a pipe, a file or a terminal, and all three take the bytes at once or make us wait.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override void Flush() => _console?.Flush();

    /// <inheritdoc />
    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    private static Exception Failed(int error)
    {
        var message = Marshal.GetPInvokeErrorMessage(error);
        return error == BrokenPipe
            ? new OutputClosedException(new IOException(message))
            : new CommandFailure($"Cannot write to standard output: {message}");
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteSome(int descriptor, ReadOnlySpan<byte> buffer, nuint count);
}
