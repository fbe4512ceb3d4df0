using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Model;

namespace Weir.Model.Tests;

public sealed class SequenceNumberTests
{
    // Numbers that production gave out, decoded in spec section 5.2.
    [Theory]
    [InlineData("49590338271490256608559692538361571095921575989136588898", 1542776258, 0x67648a17, 1545084650, 6)]
    [InlineData("49546986683135544286507457936321625675700192471156785154", 1421279230, 0x1d5, 1421279386, 0)]
    [InlineData("49543463076548007577105092703039560359975228518395019266", 1411403981, 0x157d, 1411431220, 0)]
    public void Numbers_of_production_decode_and_print_again(string text, long created, long index, long recorded, int shard)
    {
        Assert.True(SequenceNumber.TryParse(text, out var number));
        Assert.Equal(new SequenceNumber(created, index, recorded, new ShardId(shard)), number);
        Assert.Equal(text, number.ToString());
        var utf8 = new byte[SequenceNumber.Digits];
        Assert.Equal(SequenceNumber.Digits, number.Format(utf8));
        Assert.Equal(text, Encoding.ASCII.GetString(utf8));
    }

    [Theory]
    [InlineData("49545115243490985018280067714973144582180062593244200961", SequenceNumberVersion.V1)]
    [InlineData("21269319989900637946712965403778482177", SequenceNumberVersion.V0)]
    [InlineData("0", SequenceNumberVersion.V0)]
    [InlineData("", SequenceNumberVersion.Invalid)]
    [InlineData("abc", SequenceNumberVersion.Invalid)]
    [InlineData("-1", SequenceNumberVersion.Invalid)]
    [InlineData("49590338271490256608559692538361571095921575989136588899", SequenceNumberVersion.Invalid)]
    [InlineData("99999999999999999999999999999999999999999999999999999999999999", SequenceNumberVersion.Invalid)]
    public void Versions_are_told_apart(string text, SequenceNumberVersion version) =>
        Assert.Equal(version, SequenceNumberText.Parse(text, out _));

    [Fact]
    public void Every_number_prints_in_56_digits_and_reads_back() =>
        Prop.ForAll(Numbers(), number =>
        {
            var text = number.ToString();
            return text.Length == SequenceNumber.Digits && SequenceNumber.TryParse(text, out var read) && read == number;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Order_is_the_order_of_the_printed_integers() =>
        Prop.ForAll(Numbers(), Numbers(), (a, b) =>
        {
            var expected = Integer(a).CompareTo(Integer(b));
            return Math.Sign(a.CompareTo(b)) == Math.Sign(expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_childs_numbers_lie_above_its_parents_end()
    {
        var end = SequenceNumber.End(new ShardId(15), createdSeconds: 1_700_000_000, closedSeconds: 1_700_000_100);
        var child = SequenceNumber.Start(new ShardId(16), createdSeconds: 1_700_000_101);
        Assert.True(Integer(child) > Integer(end));
    }

    [Fact]
    public void The_digits_are_those_of_the_bits_read_as_one_number() =>
        Prop.ForAll(Numbers(), number => number.ToString() == Bits(number).ToString(CultureInfo.InvariantCulture)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0L, 0L, 0)]
    [InlineData(SequenceNumber.CreatedSecondsLimit - 1, (1L << 36) - 1, int.MaxValue)]
    public void The_smallest_and_the_largest_parts_print_as_their_bits_say(long created, long recorded, int shard)
    {
        foreach (var index in (long[])[0, 1, SequenceNumber.EndIndex])
        {
            var number = new SequenceNumber(created, index, recorded, new ShardId(shard));
            Assert.Equal(Bits(number).ToString(CultureInfo.InvariantCulture), number.ToString());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(99_999_999)]
    [InlineData(100_000_000)]
    [InlineData(int.MaxValue)]
    public void A_shard_id_is_written_as_it_prints(int number)
    {
        var utf8 = new byte[ShardId.TextBytes];
        Assert.Equal(ShardId.TextBytes, new ShardId(number).Format(utf8));
        Assert.Equal(new ShardId(number).ToString(), Encoding.ASCII.GetString(utf8));
    }

    // By the layout of spec section 5.2, from the most significant digit.
    private static BigInteger Bits(SequenceNumber number) =>
        ((((((((((new BigInteger(2) << 36) + number.CreatedSeconds) << 4) + (number.Shard.Number & 15)) << 64) + number.Index) << 44)
            + number.RecordSeconds) << 32) + number.Shard.Number << 4) + 2;

    private static BigInteger Integer(SequenceNumber number) => BigInteger.Parse(number.ToString(), CultureInfo.InvariantCulture);

    private static Arbitrary<SequenceNumber> Numbers() =>
        (from created in Gen.Choose(1_000_000_000, int.MaxValue)
         from high in Gen.Choose(0, int.MaxValue)
         from low in Gen.Choose(0, int.MaxValue)
         from recorded in Gen.Choose(0, int.MaxValue)
         from shard in Gen.Choose(0, int.MaxValue)
         select new SequenceNumber(created, ((long)high << 32) | (uint)low, recorded, new ShardId(shard))).ToArbitrary();
}
