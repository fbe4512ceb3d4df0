using System.Buffers;
using Weir.Protocol.Messages;

namespace Weir.Cli.Tail;

/// <summary>Where the records of all shards come together on standard output, whole and in the order of their shard. Thread-safe.</summary>
/// <param name="output">Standard output.</param>
/// <param name="stream">The stream's name.</param>
/// <param name="format">How a record is written.</param>
/// <param name="limit">Records to write in all; null means no end.</param>
internal sealed class RecordSink(Stream output, string stream, RecordFormat format, long? limit)
{
    // Guarded by the lock, as is the output.
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private long _written;

    /// <summary>Writes records of one shard.</summary>
    /// <returns>False when the limit is reached: no more are wanted.</returns>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    public bool Write(string shard, IReadOnlyList<Record> records)
    {
        lock (_lock)
        {
            _buffer.ResetWrittenCount();
            foreach (var record in records)
            {
                if (_written == limit)
                    break;
                format.Write(_buffer, stream, shard, record);
                _written++;
            }

            output.Write(_buffer.WrittenSpan);
            return _written != limit;
        }
    }
}
