using System.Buffers;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Cbor;

/// <summary>Writes CBOR: maps and lists of indefinite length, as the service does, everything else definite and shortest.</summary>
/// <remarks>Allocates nothing per value, and never asks its output for more than 16 KiB at once.</remarks>
/// <param name="output">Where the bytes go; everything is committed with <c>Advance</c> before a method returns.</param>
public sealed class CborWireWriter(IBufferWriter<byte> output) : WireWriter
{
    private IBufferWriter<byte> _output = output;

    /// <summary>Begins a new document on another output, so that the writer can be reused.</summary>
    public void Reset(IBufferWriter<byte> output) => _output = output;

    /// <inheritdoc />
    public override void BeginMap() => _output.WriteByte(CborHead.BeginMap);

    /// <inheritdoc />
    public override void EndMap() => _output.WriteByte(CborHead.Break);

    /// <inheritdoc />
    public override void BeginList() => _output.WriteByte(CborHead.BeginList);

    /// <inheritdoc />
    public override void EndList() => _output.WriteByte(CborHead.Break);

    /// <inheritdoc />
    public override void Name(ReadOnlySpan<byte> utf8) => _output.WriteCborText(utf8);

    /// <inheritdoc />
    public override void String(ReadOnlySpan<char> value) => _output.WriteCborText(value);

    /// <inheritdoc />
    public override void String(ReadOnlySpan<byte> utf8) => _output.WriteCborText(utf8);

    /// <inheritdoc />
    public override void Long(long value)
    {
        var span = _output.GetSpan(CborHead.MaxBytes);
        _output.Advance(span.Length - span.PutInteger(value).Length);
    }

    /// <inheritdoc />
    public override void Boolean(bool value) => _output.WriteByte(value ? CborHead.True : CborHead.False);

    /// <summary>Writes tag 1 over whole milliseconds since 1970; what lies below a millisecond is cut off.</summary>
    public override void Timestamp(DateTimeOffset value)
    {
        var span = _output.GetSpan(1 + CborHead.MaxBytes);
        _output.Advance(span.Length - span.PutTime(value).Length);
    }

    /// <summary>Writes a byte string.</summary>
    public override void Blob(ReadOnlySpan<byte> value) => _output.WriteCborBytes(value);
}
