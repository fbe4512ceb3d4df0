using Weir.Protocol.Tests.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Cbor;

public sealed class PutFastPathTests() : PutFastPathContract(WireCodec.Cbor)
{
    private const string Name = "6A53747265616D4E616D65" + "6173";
    private const string Data = "6444617461";
    private const string Key = "6C506172746974696F6E4B6579";
    private const string HashKey = "6F4578706C69636974486173684B6579";

    // A map of definite length around a list of indefinite length; data whole and in chunks; a key in chunks that part a character;
    // an unknown member.
    protected override byte[] Small { get; } = Hex(
        "A3" + Name + "675265636F726473" + "9F"
        + "A3" + Data + "4161" + Key + "7F636BC3A4FF" + HashKey + "623132"
        + "BF" + Data + "5F41004201FFFF" + Key + "7F61C361A4FF" + "FF"
        + "FF" + "6155" + "82F6617A");

    protected override byte[] Body(int seed, bool batch, bool ordinary) => new CborBodies(seed, ordinary).Next(batch);

    [Theory]
    [InlineData("A3" + Name + Data + "40" + Key + "616B")]
    [InlineData("BF" + Name + Data + "40" + "FF")]
    [InlineData("A2" + Name + Data + "5B0000000000000001AA")]
    [InlineData("A3" + Name + Data + "5FFF" + Key + "7F616BFF")]
    [InlineData("A3" + Name + Data + "40" + Key + "F6")]
    [InlineData("A3" + Name + Data + "40" + HashKey + "6130")]
    [InlineData("A4" + Name + Data + "40" + "6644727952756E" + "F5" + "6155" + "A16161838020F7")]
    public void Legal_records_take_the_fast_path(string hex)
    {
        var body = Hex(hex);
        Assert.NotNull(General(body, batch: false));
        Assert.Equal(General(body, batch: false), Fast(body, batch: false));
    }

    [Theory]
    [InlineData("A2" + Name + Key + "616B", false)]
    [InlineData("A3" + Name + Data + "F6" + Key + "616B", false)]
    [InlineData("A3" + Name + Data + "4441" + Key + "616B", false)]
    [InlineData("A3" + Name + Data + "40" + Key + "60", false)]
    [InlineData("A3" + Name + Data + "40" + HashKey + "623031", false)]
    [InlineData("A3" + Name + Data + "40" + HashKey + "01", false)]
    [InlineData("A3" + Name + Data + "40" + Key + "62C328", false)]
    [InlineData("A2" + Name + Data + "40" + "00", false)]
    [InlineData("80", false)]
    [InlineData("", false)]
    [InlineData("A3" + Name + Data + "40" + Data + "40", true)]
    [InlineData("A2" + Name + Data + "6441414141", true)]
    [InlineData("A2" + Name + Data + "C240", true)]
    [InlineData("A3" + Name + Data + "40" + Key + "F7", true)]
    [InlineData("A3" + Name + Data + "40" + "6155" + "F93C00", true)]
    public void What_is_wrong_or_unusual_is_declined(string hex, bool legal)
    {
        Assert.Null(Fast(Hex(hex), batch: false));
        Assert.Equal(legal, General(Hex(hex), batch: false) is not null);
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);
}
