using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Weir.Cli.Put;

/// <summary>
/// Reads standard input into batches. Holds one batch and one line at a time, however long the input is; a batch that is not full
/// goes after <see cref="BatchLimits.Linger"/> when the input pauses.
/// </summary>
internal sealed class BatchReader(Stream input, LineFormat format, BatchLimits limits, TimeProvider time)
{
    private const int ReadBytes = 64 * 1024;

    // Key and tab come on top of the data, JSON needs nothing more.
    private readonly int _maxLineBytes = limits.MaxRecordBytes + 2048;

    private List<InputRecord> _batch = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private int _batchBytes;
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
            if (!read.IsCompleted && _batch.Count > 0 && !await ArrivesAsync(read, stopped).ConfigureAwait(false))
                yield return Take();
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
                if (!Fits(record))
                    yield return Take();
                Add(record);
            }

            if (buffer.Length > _maxLineBytes)
                failure ??= TooLong(buffer.Length);
            pipe.AdvanceTo(buffer.Start, buffer.End);
            more = failure is null && !result.IsCompleted && !stop.IsCancellationRequested;
        }

        if (_batch.Count > 0)
            yield return Take();
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
            failure = TooLong(line.Length);
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

    private CommandFailure TooLong(long length) => new(string.Create(
        CultureInfo.InvariantCulture, $"line {_lines + 1}: more than {length - 1} bytes; the stream takes {limits.MaxRecordBytes}"));

    private bool Fits(InputRecord record) =>
        _batch.Count < limits.MaxRecords
        && (_batch.Count == 0 || _batchBytes + record.Size <= limits.MaxBytes)
        && !(limits.OnePerKey && _keys.Contains(record.Key));

    private void Add(InputRecord record)
    {
        _batch.Add(record);
        _batchBytes += record.Size;
        if (limits.OnePerKey)
            _keys.Add(record.Key);
    }

    private List<InputRecord> Take()
    {
        var batch = _batch;
        _batch = [];
        _batchBytes = 0;
        _keys.Clear();
        return batch;
    }
}
