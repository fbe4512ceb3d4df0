using System.Net;
using Amazon.Runtime;
using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Client.Tests.Errors;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("ResourceNotFoundException", typeof(KinesisResourceNotFoundException))]
    [InlineData("ResourceInUseException", typeof(KinesisResourceInUseException))]
    [InlineData("ProvisionedThroughputExceededException", typeof(KinesisThroughputExceededException))]
    [InlineData("LimitExceededException", typeof(KinesisLimitExceededException))]
    [InlineData("ExpiredIteratorException", typeof(KinesisExpiredIteratorException))]
    [InlineData("AccessDeniedException", typeof(KinesisAccessDeniedException))]
    [InlineData("UnrecognizedClientException", typeof(KinesisAccessDeniedException))]
    [InlineData("com.amazonaws.kinesis.v20131202#ResourceNotFoundException", typeof(KinesisResourceNotFoundException))]
    [InlineData("ValidationException", typeof(KinesisException))]
    public async Task Each_refusal_has_its_kind_and_its_facts(string code, Type kind)
    {
        var exception = await Refusal(ScriptedServer.Refused(code, "Some text."));

        Assert.IsType(kind, exception);
        Assert.Equal(code[(code.IndexOf('#') + 1)..], exception.Code);
        Assert.Equal("Some text.", exception.Message);
        Assert.Equal(400, exception.StatusCode);
        Assert.Equal("request-7", exception.RequestId);
        Assert.Equal(KinesisOperation.PutRecord, exception.Operation);
    }

    [Fact]
    public async Task The_type_may_stand_in_a_header()
    {
        var exception = await Refusal(_ =>
        {
            var answer = ScriptedServer.Answer(HttpStatusCode.BadRequest, """{"message":"Gone."}""");
            answer.Headers.Add("x-amzn-ErrorType", "ResourceNotFoundException:http://internal.amazon.com/");
            return answer;
        });

        Assert.IsType<KinesisResourceNotFoundException>(exception);
        Assert.Equal("Gone.", exception.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    public async Task An_answer_without_a_type_says_at_least_its_status(string body)
    {
        var exception = await Refusal(_ => ScriptedServer.Answer(HttpStatusCode.RequestEntityTooLarge, body));

        Assert.Equal(413, exception.StatusCode);
        Assert.Contains("413", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_success_that_is_no_json_comes_from_another_program()
    {
        var exception = Assert.IsType<KinesisConnectionException>(await Refusal(ScriptedServer.Ok("<html>")));

        Assert.Equal(KinesisConnectionFailure.NotKinesis, exception.Reason);
        Assert.False(exception.IsRetryable);
    }

    private static async Task<KinesisException> Refusal(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using var server = new ScriptedServer(answer);
        using var client = new KinesisClient(new KinesisClientOptions
        {
            Endpoint = new Uri("http://kinesis.test"),
            Credentials = new BasicAWSCredentials("key", "secret"),
            MessageHandler = server,
            MaxAttempts = 1,
        });
        return await Assert.ThrowsAnyAsync<KinesisException>(() => client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken));
    }
}
