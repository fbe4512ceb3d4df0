using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol.EventStream;

namespace Weir.Protocol.Tests.EventStream;

public sealed class EventStreamFrameTests
{
    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void Checksums_are_those_of_zlib(string text, uint expected)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(expected, Crc32.Of(bytes));
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(expected, Crc32.Of(bytes.AsSpan(cut), Crc32.Of(bytes.AsSpan(0, cut))));
    }

    [Fact]
    public void An_empty_message_is_as_botocore_has_it()
    {
        var message = EventStreamFrame.Encode(new EventStreamHeaders(), []);
        Assert.Equal("000000100000000005C248EB7D98C8FF", Convert.ToHexString(message));
    }

    [Fact]
    public void Any_message_round_trips() => Prop.ForAll(Headers(), ArbMap.Default.ArbFor<byte[]>(), (headers, payload) =>
    {
        var bytes = EventStreamFrame.Encode(headers, payload ?? []);
        Assert.Equal(EventStreamStatus.Complete, EventStreamFrame.TryRead(bytes, out var message, out var needed));
        Assert.Equal(bytes.Length, needed);
        Assert.Equal(headers.All, message.Headers.All);
        Assert.Equal(payload ?? [], message.Payload.ToArray());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Messages_behind_each_other_are_read_one_by_one()
    {
        byte[] bytes = [.. Example("first"), .. Example("second")];
        Assert.Equal(EventStreamStatus.Complete, EventStreamFrame.TryRead(bytes, out var first, out var length));
        Assert.Equal(EventStreamStatus.Complete, EventStreamFrame.TryRead(bytes.AsMemory(length), out var second, out length));
        Assert.Equal(("first", "second"), (Encoding.UTF8.GetString(first.Payload.Span), Encoding.UTF8.GetString(second.Payload.Span)));
        Assert.Equal(Example("second").Length, length);
    }

    [Fact]
    public void Every_prefix_is_incomplete_and_says_what_it_needs()
    {
        var bytes = Example("payload");
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(EventStreamStatus.Incomplete, EventStreamFrame.TryRead(bytes.AsMemory(0, length), out _, out var needed));
            Assert.Equal(length < EventStreamFrame.PreludeBytes ? EventStreamFrame.PreludeBytes : bytes.Length, needed);
        }
    }

    [Fact]
    public void Any_damaged_byte_is_refused()
    {
        var bytes = Example("payload");
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = bytes.ToArray();
                damaged[at] ^= (byte)(1 << bit);
                Assert.Equal(EventStreamStatus.Damaged, EventStreamFrame.TryRead(damaged, out _, out _));
            }
        }
    }

    [Fact]
    public void No_bytes_crash_the_reader() => Prop.ForAll<byte[]>(bytes =>
    {
        EventStreamFrame.TryRead(bytes, out _, out _);
        // Behind a sound frame, so that the headers are reached.
        var sealedBytes = new byte[EventStreamFrame.PreludeBytes + bytes.Length + EventStreamFrame.ChecksumBytes];
        bytes.CopyTo(sealedBytes, EventStreamFrame.PreludeBytes);
        EventStreamFrame.Seal(sealedBytes, bytes.Length);
        Assert.NotEqual(EventStreamStatus.Incomplete, EventStreamFrame.TryRead(sealedBytes, out _, out _));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Headers_of_every_type_are_read_over()
    {
        byte[] headers =
        [
            1, (byte)'a', 0, 1, (byte)'b', 1, 1, (byte)'c', 2, 9, 1, (byte)'d', 3, 9, 9, 1, (byte)'e', 4, 9, 9, 9, 9,
            1, (byte)'f', 5, 1, 2, 3, 4, 5, 6, 7, 8, 1, (byte)'g', 6, 0, 2, 9, 9, 1, (byte)'h', 8, 1, 2, 3, 4, 5, 6, 7, 8,
            1, (byte)'i', 9, .. new byte[16], 1, (byte)'j', 7, 0, 2, (byte)'o', (byte)'k',
        ];
        var bytes = new byte[EventStreamFrame.PreludeBytes + headers.Length + EventStreamFrame.ChecksumBytes];
        headers.CopyTo(bytes, EventStreamFrame.PreludeBytes);
        EventStreamFrame.Seal(bytes, headers.Length);
        Assert.Equal(EventStreamStatus.Complete, EventStreamFrame.TryRead(bytes, out var message, out _));
        Assert.Equal([("j", "ok")], message.Headers.All);
    }

    [Fact]
    public void A_message_beyond_the_limits_is_neither_written_nor_read()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EventStreamFrame.Encode(new EventStreamHeaders(), new byte[EventStreamFrame.MaxPayloadBytes + 1]));
        var prelude = new byte[EventStreamFrame.PreludeBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(prelude, uint.MaxValue);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(prelude.AsSpan(8), Crc32.Of(prelude.AsSpan(0, 8)));
        Assert.Equal(EventStreamStatus.Damaged, EventStreamFrame.TryRead(prelude, out _, out _));
    }

    private static byte[] Example(string payload) => EventStreamFrame.Encode(
        new EventStreamHeaders((EventStreamHeaders.MessageType, "event"), (EventStreamHeaders.ContentType, "text/plain")), Encoding.UTF8.GetBytes(payload));

    private static Arbitrary<EventStreamHeaders> Headers() => (
        from count in Gen.Choose(0, 5)
        from names in Gen.Choose('a', 'z').Select(character => (char)character).NonEmptyListOf().Select(characters => string.Concat(characters.Take(255))).ListOf(count)
        from values in Gen.Elements("", "x", "ä€𐍈", new string('v', 20_000)).ListOf(count)
        select new EventStreamHeaders([.. names.Zip(values)])).ToArbitrary();
}
