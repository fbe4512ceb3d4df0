using System.Buffers;

namespace Weir.Server.Http;

/// <summary>Gathers the answer of an operation, so that its length is known before its first byte is sent. Pooled memory; dispose after sending.</summary>
/// <remarks>
/// A small answer is one buffer that doubles. A page of GetRecords has 14 MB: it goes into piece after piece, where one buffer would have copied
/// all of it once more while it grew, and would have ended twice as large as it had to. Not thread-safe.
/// </remarks>
internal sealed class ResponsePieces : IBufferWriter<byte>, IDisposable
{
    /// <summary>What a piece holds, unless more is asked for at once.</summary>
    public const int PieceBytes = LargeWork.StepBytes;

    // Those that are full, in their order; null until there is one.
    private List<ResponseBuffer>? _full;
    private long _fullBytes;
    private ResponseBuffer _last = new();

    /// <summary>How many bytes were written.</summary>
    public long Length => _fullBytes + _last.Written.Length;

    /// <summary>Number of pieces; the last may be empty.</summary>
    public int Count => (_full?.Count ?? 0) + 1;

    /// <summary>A piece of what was written. Lent until something is written, or the disposal.</summary>
    public ReadOnlyMemory<byte> this[int index] => _full is not null && index < _full.Count ? _full[index].Written : _last.Written;

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        Dispose();
        _last = new ResponseBuffer();
    }

    /// <inheritdoc />
    public void Advance(int count) => _last.Advance(count);

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        BeginPieceFor(sizeHint);
        return _last.GetMemory(sizeHint);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        BeginPieceFor(sizeHint);
        return _last.GetSpan(sizeHint);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var piece in _full ?? [])
            piece.Dispose();
        _full = null;
        _fullBytes = 0;
        _last.Dispose();
    }

    private void BeginPieceFor(int sizeHint)
    {
        var written = _last.Written.Length;
        if (written == 0 || written + Math.Max(sizeHint, 1) <= PieceBytes)
            return;
        (_full ??= []).Add(_last);
        _fullBytes += written;
        _last = new ResponseBuffer(PieceBytes);
    }
}
