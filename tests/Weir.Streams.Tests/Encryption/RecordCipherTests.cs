using Weir.Streams.Encryption;

namespace Weir.Streams.Tests.Encryption;

/// <summary>Under one key no nonce may come twice: two records with one nonce would tell each other.</summary>
public sealed class RecordCipherTests
{
    private static readonly byte[] Secret = new byte[DataKey.SecretBytes];
    private readonly DataKey _key = new(1, KeyName.Of(EngineFixture.Name("orders"), "alias/aws/kinesis"), Secret);

    [Fact]
    public void A_cipher_counts_and_another_one_begins_elsewhere()
    {
        var nonces = new HashSet<string>();
        using var first = _key.Rent();
        using var second = _key.Rent();
        Assert.NotSame(first, second);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(nonces.Add(Nonce(first)));
            Assert.True(nonces.Add(Nonce(second)));
        }

        Assert.Equal(2, nonces.Select(Prefix).Distinct().Count());
    }

    [Fact]
    public void A_counter_that_has_run_through_goes_on_under_a_new_prefix()
    {
        using var cipher = new RecordCipher(_key, Secret, counter: uint.MaxValue - 2);
        var nonces = Enumerable.Range(0, 6).Select(_ => Nonce(cipher)).ToArray();
        Assert.Equal(6, nonces.Distinct().Count());
        var prefixes = nonces.Select(Prefix).ToArray();
        Assert.Equal(prefixes[0], prefixes[1]);
        Assert.NotEqual(prefixes[1], prefixes[2]);
        Assert.Equal(prefixes[2], prefixes[5]);
    }

    [Fact]
    public void A_cipher_has_one_user_at_a_time_even_when_it_is_given_back_twice()
    {
        var cipher = _key.Rent();
        cipher.Dispose();
        cipher.Dispose();
        using var first = _key.Rent();
        using var second = _key.Rent();
        Assert.Same(cipher, first);
        Assert.NotSame(first, second);
    }

    private static string Prefix(string nonce) => nonce[..16];

    private static string Nonce(RecordCipher cipher)
    {
        var nonce = new byte[RecordCipher.NonceBytes];
        cipher.Encrypt(new byte[3], [], nonce, new byte[RecordCipher.TagBytes]);
        return Convert.ToHexString(nonce);
    }
}
