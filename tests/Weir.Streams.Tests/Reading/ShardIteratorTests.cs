using FsCheck;
using FsCheck.Fluent;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Reading;

namespace Weir.Streams.Tests.Reading;

public sealed class ShardIteratorTests
{
    private readonly TokenSeal _seal = new(Enumerable.Range(0, TokenSeal.KeyBytes).Select(i => (byte)i).ToArray());

    private static ShardIterator Iterator(string name = "orders", long index = 42) => new(
        new LogId(7), new StreamName("000000000000", "us-east-1", name), new ShardId(3), index, EngineFixture.Begin);

    [Fact]
    public void An_iterator_opens_as_it_was_sealed_also_in_quotes()
    {
        var text = Iterator().Seal(_seal);
        Assert.Equal(Iterator(), ShardIterator.Open(_seal, text));
        Assert.Equal(Iterator(), ShardIterator.Open(_seal, $"\"{text}\""));
        Assert.Null(ShardIterator.Open(_seal, $"\"\"{text}\"\""));
    }

    [Fact]
    public void The_longest_iterator_fits_into_512_characters() =>
        Assert.InRange(Iterator(new string('x', 128), long.MaxValue).Seal(_seal).Length, 1, 512);

    [Fact]
    public void A_changed_iterator_does_not_open() => Prop.ForAll(
        Gen.Choose(0, 60).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), (at, change) =>
        {
            var bytes = Convert.FromBase64String(Iterator().Seal(_seal));
            bytes[at] ^= (byte)change;
            return ShardIterator.Open(_seal, Convert.ToBase64String(bytes)) is null;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_at_all_makes_it_throw() => Prop.ForAll(
        ArbMap.Default.ArbFor<string>(), text => text is null || ShardIterator.Open(_seal, text) is null).QuickCheckThrowOnFailure();

    [Fact]
    public void Another_servers_iterator_does_not_open()
    {
        using var other = new TokenSeal(new byte[TokenSeal.KeyBytes]);
        Assert.Null(ShardIterator.Open(_seal, Iterator().Seal(other)));
    }

    [Fact]
    public void A_token_of_one_kind_is_not_taken_for_another()
    {
        var token = _seal.Seal(TokenKind.ListStreams, [1, 2, 3]);
        Assert.NotNull(_seal.Open(TokenKind.ListStreams, token));
        Assert.Null(_seal.Open(TokenKind.ShardIterator, token));
    }
}
