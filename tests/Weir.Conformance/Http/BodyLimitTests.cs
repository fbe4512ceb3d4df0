using System.Globalization;
using System.Net;
using System.Text;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>Bodies around and far beyond the limit: an answer, never a hang, and a server that goes on.</summary>
public sealed class BodyLimitTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const int OverTheLimitBytes = 17 * 1024 * 1024;

    [Fact]
    public async Task A_body_over_16_MiB_with_a_length_is_413_without_a_body()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        await connection.SendAsync(Head($"Content-Length: {OverTheLimitBytes}"));
        var sending = SendUntilRefusedAsync(connection, new byte[OverTheLimitBytes]);
        AssertTooLarge(await connection.ReceiveAsync());
        await sending;
        await AssertStillServesAsync();
    }

    [Fact]
    public async Task A_chunked_body_over_16_MiB_is_413_without_a_body()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        await connection.SendAsync(Head("Transfer-Encoding: chunked"));
        var chunk = new byte[1024 * 1024];
        byte[] frame = [.. Encoding.ASCII.GetBytes($"{chunk.Length.ToString("x", CultureInfo.InvariantCulture)}\r\n"), .. chunk, .. "\r\n"u8];
        var sending = SendUntilRefusedAsync(connection, [.. Enumerable.Repeat(frame, 17).SelectMany(bytes => bytes)]);
        AssertTooLarge(await connection.ReceiveAsync());
        await sending;
        await AssertStillServesAsync();
    }

    [Theory]
    [InlineData(KinesisHttp.JsonType, OverTheLimitBytes)]
    [InlineData(KinesisHttp.CborType, (12 * 1024 * 1024) + 1)]
    public async Task A_body_over_the_encoding_s_limit_is_413_over_HTTP_2(string contentType, int bytes)
    {
        using var http = new KinesisHttp(fixture.Endpoint, HttpVersion.Version20);
        AssertTooLarge(await http.SendAsync(HttpMethod.Post, new byte[bytes], contentType, "Kinesis_20131202.ListStreams"));
        await AssertStillServesAsync();
    }

    [Fact]
    public async Task A_legal_request_of_10_MiB_of_data_is_taken_and_comes_back()
    {
        using var http = new KinesisHttp(fixture.Endpoint, HttpVersion.Version20);
        await http.CreateStreamAsync("ten-mebibytes");
        var records = Enumerable.Range(0, 10).Select(i =>
        {
            var data = new byte[1024 * 1024 - 1];
            Array.Fill(data, (byte)i);
            return new { PartitionKey = "k", Data = data };
        }).ToArray();
        var reply = (await http.CallAsync("PutRecords", new { StreamName = "ten-mebibytes", Records = records })).Succeeded().Json;
        Assert.Equal(0, reply.GetProperty("FailedRecordCount").GetInt32());
        var read = await http.ReadAllAsync("ten-mebibytes");
        Assert.Equal(records.Select(record => record.Data), read.Select(record => record.GetProperty("Data").GetBytesFromBase64()));
    }

    private static void AssertTooLarge(KinesisReply reply)
    {
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.Status);
        Assert.Empty(reply.Body);
    }

    private static string Head(string framing) =>
        $"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: {KinesisHttp.JsonType}\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\n"
        + $"X-Amz-Date: 20260101T000000Z\r\nAuthorization: {KinesisHttp.Authorization}\r\n{framing}\r\n\r\n";

    /// <summary>Sends the body; that the server closes in the middle of it is one of the answers a refusal may take.</summary>
    private static async Task SendUntilRefusedAsync(RawConnection connection, byte[] body)
    {
        try
        {
            await connection.SendAsync(body);
        }
        catch (IOException)
        {
            // The server has answered and closed; the answer is what the test looks at.
        }
    }

    private async Task AssertStillServesAsync()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("ListStreams", "{}")).Succeeded();
    }
}
