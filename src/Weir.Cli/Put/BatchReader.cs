using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Weir.Cli.Put;

/// <summary>
/// Reads standard input into batches. Holds what <see cref="BatchLimits"/> allows and one line, however long the input is; what
/// waits goes after <see cref="BatchLimits.Linger"/> when the input pauses.
/// </summary>
internal sealed class BatchReader(Stream input, LineFormat format, BatchLimits limits, TimeProvider time)
{
    private const int ReadBytes = 64 * 1024;

    // Key and tab come on top of the data, JSON needs nothing more.
    private readonly int _maxLineBytes = limits.MaxRecordBytes + 2048;

    private readonly PendingRecords _pending = new(limits);
    private long _lines;

    /// <summary>The batches in order.</summary>
    /// <param name="stop">Ends the reading; what was read until then is still given out.</param>
    /// <exception cref="CommandFailure">A line is no record. The batches before it were given out, with every record before the line.</exception>
    public async IAsyncEnumerable<List<InputRecord>> ReadAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        var pipe = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        CommandFailure? failure = null;
        for (var more = true; more;)
        {
            var read = pipe.ReadAsync(CancellationToken.None).AsTask();
            if (!read.IsCompleted && !_pending.IsEmpty && !await ArrivesAsync(read, stopped).ConfigureAwait(false))
            {
                while (!_pending.IsEmpty)
                    yield return _pending.Take();
            }

            await Task.WhenAny(read, stopped).ConfigureAwait(false);
            if (!read.IsCompleted)
                break; // The read stays pending: nothing can end a read of standard input, and the process ends soon.
            var result = await read.ConfigureAwait(false);
            var buffer = result.Buffer;
            while (failure is null && LineSplitter.TryTake(ref buffer, result.IsCompleted, out var line))
            {
                var record = TryRead(line, ref failure);
                if (record is null)
                    break;
                while (_pending.IsFullFor(record))
                    yield return _pending.Take();
                _pending.Add(record);
            }

            if (buffer.Length > _maxLineBytes)
                failure ??= TooLong();
            pipe.AdvanceTo(buffer.Start, buffer.End);
            more = failure is null && !result.IsCompleted && !stop.IsCancellationRequested;
        }

        while (!_pending.IsEmpty)
            yield return _pending.Take();
        if (failure is not null)
            throw failure;
    }

    private async Task<bool> ArrivesAsync(Task read, Task stopped) =>
        await Task.WhenAny(read, stopped, Task.Delay(BatchLimits.Linger, time)).ConfigureAwait(false) == read;

    private InputRecord? TryRead(ReadOnlySequence<byte> line, ref CommandFailure? failure)
    {
        _lines++;
        if (line.Length > _maxLineBytes)
        {
            _lines--;
            failure = TooLong();
            return null;
        }

        try
        {
            var record = format.Read(_lines, line);
            if (record.Size <= limits.MaxRecordBytes)
                return record;
            failure = new CommandFailure(string.Create(
                CultureInfo.InvariantCulture, $"line {_lines}: data and key have {record.Size} bytes; the stream takes {limits.MaxRecordBytes}"));
        }
        catch (CommandFailure exception)
        {
            failure = exception;
        }

        return null;
    }

    private CommandFailure TooLong() => new(string.Create(
        CultureInfo.InvariantCulture, $"line {_lines + 1}: longer than a record may be; the stream takes {limits.MaxRecordBytes} bytes"));
}
