namespace Weir.Client.Tests;

public sealed class KinesisClientOptionsTests
{
    [Fact]
    public void A_value_out_of_range_is_refused_by_name_with_its_range()
    {
        Refused(new KinesisClientOptions { MaxAttempts = 0 }, "MaxAttempts is 0; it must be between 1 and 100.");
        Refused(new KinesisClientOptions { Encoding = (KinesisEncoding)7 }, "Encoding is 7; it must be Json or Cbor.");
        Refused(new KinesisClientOptions { MaxConnections = -1 }, "MaxConnections is -1; it must be between 1 and 65536.");
        Refused(new KinesisClientOptions { AttemptTimeout = TimeSpan.Zero }, "AttemptTimeout is 00:00:00; it must be between 00:00:00.0100000 and 01:00:00.");
        Refused(new KinesisClientOptions { MaxRetryDelay = TimeSpan.FromDays(1) }, "MaxRetryDelay is 1.00:00:00; it must be between 00:00:00 and 01:00:00.");
        Refused(new KinesisClientOptions { Region = "" }, "Region is ''; it must be a name such as us-east-1.");
        Refused(new KinesisClientOptions { Endpoint = new Uri("ftp://host") }, "Endpoint is 'ftp://host/'; it must be an absolute http or https address.");
    }

    private static void Refused(KinesisClientOptions options, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new KinesisClient(options)).Message);
}
