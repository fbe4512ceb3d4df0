using System.Buffers.Binary;
using System.Text;
using Weir.Model;

namespace Weir.Streams.Reading;

/// <summary>The plain body of a token: numbers of eight bytes and texts behind a two-byte length, little-endian.</summary>
/// <remarks>Only bodies that <see cref="TokenSeal"/> authenticated are read, so a malformed one is a bug and throws.</remarks>
internal sealed class TokenBody
{
    private readonly MemoryStream _bytes = new(96);

    public ReadOnlySpan<byte> Written => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

    public void Write(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _bytes.Write(bytes);
    }

    public void Write(string text)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        var utf8 = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)utf8.Length));
        _bytes.Write(length);
        _bytes.Write(utf8);
    }

    public void Write(StreamName name)
    {
        Write(name.Account);
        Write(name.Region);
        Write(name.Name);
    }

    public ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public long ReadInt64()
        {
            var value = BinaryPrimitives.ReadInt64LittleEndian(_rest);
            _rest = _rest[sizeof(long)..];
            return value;
        }

        public string ReadText()
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
            var text = Encoding.UTF8.GetString(_rest.Slice(sizeof(ushort), length));
            _rest = _rest[(sizeof(ushort) + length)..];
            return text;
        }

        public StreamName ReadStreamName() => new(ReadText(), ReadText(), ReadText());
    }
}
