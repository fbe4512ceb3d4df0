using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Weir.Protocol.Aggregation;

namespace Weir.Cli.Put;

/// <summary>
/// Reads standard input into batches, each given out as soon as the input has no more to give. Holds a batch as <see cref="BatchLimits"/> allows,
/// what was read at once, and one line, however long the input is.
/// </summary>
internal sealed class BatchReader(Stream input, LineFormat format, BatchLimits limits, TimeProvider time)
{
    private const int ReadBytes = 64 * 1024;

    // Key and tab come on top of the data, JSON needs nothing more.
    private readonly int _maxLineBytes = limits.MaxRecordBytes + 2048;

    /// <summary>How many lines were given out.</summary>
    public long Lines { get; private set; }

    /// <summary>Whether nothing follows them.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>The batches in order.</summary>
    /// <param name="stop">Ends the reading; what was read until then is still given out.</param>
    /// <exception cref="CommandFailure">A line is no record, or the input cannot be read. Every line before was given out.</exception>
    public async IAsyncEnumerable<LineBatch> ReadAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        var pipe = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        CommandFailure? failure = null;
        while (failure is null && !IsAtEnd && !stop.IsCancellationRequested)
        {
            var read = pipe.ReadAsync(CancellationToken.None).AsTask();
            await Task.WhenAny(read, stopped).ConfigureAwait(false);
            if (!read.IsCompleted)
                break; // The read stays pending: nothing can end a read of standard input, and the process ends soon.
            if (read.Exception?.InnerException is { } exception)
                throw new CommandFailure($"standard input: {exception.Message}", exception);
            var result = await read.ConfigureAwait(false);
            var buffer = result.Buffer;
            var batch = new LineBatch(Lines + 1);
            while (failure is null && LineSplitter.TryTake(ref buffer, result.IsCompleted, out var line))
            {
                if (!TryRead(line, out var record, out failure))
                    break;
                var cost = limits.CostOf(LineBatch.SizeOf(record));
                if (batch.Records.Count > 0 && batch.Cost + cost > limits.MaxCost)
                {
                    yield return batch;
                    batch = new LineBatch(Lines + 1);
                }

                batch.Add(record, cost);
                Lines++;
            }

            if (buffer.Length > _maxLineBytes)
                failure ??= TooLong();
            pipe.AdvanceTo(buffer.Start, buffer.End);
            IsAtEnd = failure is null && result.IsCompleted;
            if (batch.Records.Count > 0)
                yield return batch;
        }

        if (failure is not null)
            throw failure;
    }

    private bool TryRead(ReadOnlySequence<byte> line, out UserRecord record, out CommandFailure? failure)
    {
        (record, failure) = (default, null);
        if (line.Length > _maxLineBytes)
        {
            failure = TooLong();
            return false;
        }

        try
        {
            record = format.Read(Lines + 1, line);
        }
        catch (CommandFailure exception)
        {
            failure = exception;
            return false;
        }

        var size = LineBatch.SizeOf(record);
        if (size > limits.MaxRecordBytes)
        {
            failure = new CommandFailure(string.Create(
                CultureInfo.InvariantCulture, $"line {Lines + 1}: data and key have {size} bytes; the stream takes {limits.MaxRecordBytes}"));
        }

        return failure is null;
    }

    private CommandFailure TooLong() => new(string.Create(
        CultureInfo.InvariantCulture, $"line {Lines + 1}: longer than a record may be; the stream takes {limits.MaxRecordBytes} bytes"));
}
