using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Weir.Model;

namespace Weir.Server.Security.Signatures;

/// <summary>Text that is only made to be hashed: UTF-8 in pooled memory. Dispose after the hash.</summary>
internal struct CanonicalText : IDisposable
{
    // Room for the usual request; grows for others.
    private const int FirstBytes = 1024;

    private byte[]? _buffer = BufferPool.Shared.Rent(FirstBytes);
    private int _length;

    /// <summary>Starts an empty text.</summary>
    public CanonicalText()
    {
    }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Adds a text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    /// <summary>Adds one ASCII character.</summary>
    public void Add(char character)
    {
        Reserve(1);
        _buffer![_length++] = (byte)character;
    }

    /// <summary>Adds a hash in lower-case hexadecimal digits.</summary>
    public void AddHex(ReadOnlySpan<byte> hash)
    {
        Reserve(hash.Length * 2);
        Convert.TryToHexStringLower(hash, _buffer.AsSpan(_length), out var written);
        _length += written;
    }

    /// <summary>The SHA-256 of the text.</summary>
    public readonly void Hash(Span<byte> hash) => SHA256.HashData(Bytes, hash);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = null;
        if (buffer is not null)
            BufferPool.Shared.Return(buffer);
    }

    private void Reserve(int bytes)
    {
        if (_length + bytes <= _buffer!.Length)
            return;
        var larger = BufferPool.Shared.Rent(Math.Max(_length + bytes, _buffer.Length * 2));
        Bytes.CopyTo(larger);
        var old = _buffer;
        _buffer = larger;
        BufferPool.Shared.Return(old);
    }
}
