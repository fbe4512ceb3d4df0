using System.Buffers.Binary;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Weir.Model;

namespace Weir.Model.Tests;

/// <summary>Our MD5 and the framework's agree: on every length around its block's, on any bytes, alone and side by side.</summary>
public sealed class HashKeyOfManyTests
{
    [Fact]
    public void Every_length_of_a_key_has_the_framework_s_MD5()
    {
        var random = new Random(1);
        for (var length = 0; length <= 1100; length++)
        {
            var key = new byte[length];
            random.NextBytes(key);
            Assert.Equal(Expected(key), HashKey.Of(key));
        }
    }

    [Fact]
    public void Keys_side_by_side_have_the_hash_keys_that_each_has_alone() =>
        Prop.ForAll(Texts(), keys =>
        {
            var text = keys.SelectMany(key => key).ToArray();
            var places = new Range[keys.Length];
            var at = 0;
            for (var i = 0; i < keys.Length; at += keys[i++].Length)
                places[i] = at..(at + keys[i].Length);
            var hashKeys = new HashKey[keys.Length];
            HashKey.OfMany(text, places, hashKeys);
            return hashKeys.SequenceEqual(keys.Select(key => Expected(key)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_long_key_between_short_ones_disturbs_none_of_them()
    {
        // Eight short keys fill the lanes; the ninth begins them again, with long ones on both sides.
        var keys = Enumerable.Range(0, 20).Select(i => new byte[i % 3 == 1 ? 56 + i : 54 + (i % 2)]).ToArray();
        var random = new Random(2);
        foreach (var key in keys)
            random.NextBytes(key);
        var text = keys.SelectMany(key => key).ToArray();
        var ends = keys.Select((_, i) => keys.Take(i + 1).Sum(key => key.Length)).ToArray();
        var hashKeys = new HashKey[keys.Length];
        HashKey.OfMany(text, [.. keys.Select((key, i) => (ends[i] - key.Length)..ends[i])], hashKeys);
        Assert.Equal(keys.Select(key => Expected(key)), hashKeys);
    }

    [Fact]
    public void Hash_keys_without_room_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => HashKey.OfMany("ab"u8, [0..1, 1..2], new HashKey[1]));

    private static HashKey Expected(ReadOnlySpan<byte> key) => new(BinaryPrimitives.ReadUInt128BigEndian(MD5.HashData(key)));

    private static Arbitrary<byte[][]> Texts() =>
        (from lengths in Gen.ArrayOf(Gen.Choose(0, 70))
         from seed in Gen.Choose(0, int.MaxValue)
         select Filled(lengths, new Random(seed))).ToArbitrary();

    private static byte[][] Filled(int[] lengths, Random random) =>
        [.. lengths.Select(length =>
        {
            var key = new byte[length];
            random.NextBytes(key);
            return key;
        })];
}
