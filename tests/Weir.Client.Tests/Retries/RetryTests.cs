using Amazon.Runtime;
using Weir.Client.Retries;
using RetryPolicy = Weir.Client.Retries.RetryPolicy;
using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Client.Tests.Retries;

public sealed class RetryTests
{
    private readonly HurryingTimeProvider _time = new();

    [Theory]
    [InlineData("ProvisionedThroughputExceededException", 400)]
    [InlineData("ThrottlingException", 400)]
    [InlineData("InternalFailure", 500)]
    [InlineData("ServiceUnavailable", 503)]
    [InlineData("RequestTimeoutException", 408)]
    [InlineData("Anything", 502)]
    public async Task What_may_pass_is_tried_again(string code, int status)
    {
        using var server = new ScriptedServer(ScriptedServer.Refused(code, status: status), ScriptedServer.Ok());
        using var client = Client(server);

        await client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken);

        Assert.Equal(2, server.Requests.Count);
        Assert.Single(_time.Waits);
    }

    [Theory]
    [InlineData("ResourceNotFoundException", 400)]
    [InlineData("ValidationException", 400)]
    [InlineData("AccessDeniedException", 400)]
    [InlineData("LimitExceededException", 400)]
    [InlineData("ExpiredIteratorException", 400)]
    public async Task What_stays_refused_is_not_tried_again(string code, int status)
    {
        using var server = new ScriptedServer(ScriptedServer.Refused(code, status: status));
        using var client = Client(server);

        var exception = await Assert.ThrowsAnyAsync<KinesisException>(() => client.CreateStreamAsync(new CreateStreamRequest(), TestContext.Current.CancellationToken));

        Assert.False(exception.IsRetryable);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_control_rate_is_waited_for_by_operations_that_only_look()
    {
        using var server = new ScriptedServer(ScriptedServer.Refused("LimitExceededException"), ScriptedServer.Ok());
        using var client = Client(server);

        await client.ListShardsAsync(new ListShardsRequest(), TestContext.Current.CancellationToken);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_control_rate_that_is_told_by_its_text_is_waited_for_by_operations_that_change_something_too()
    {
        using var server = new ScriptedServer(
            ScriptedServer.Refused("LimitExceededException", "Rate exceeded for stream orders under account 000000000000."), ScriptedServer.Ok());
        using var client = Client(server);

        await client.CreateStreamAsync(new CreateStreamRequest(), TestContext.Current.CancellationToken);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task The_last_failure_is_thrown_when_the_attempts_are_used_up()
    {
        using var server = new ScriptedServer(ScriptedServer.Refused("ProvisionedThroughputExceededException"));
        using var client = Client(server, maxAttempts: 4);

        var exception = await Assert.ThrowsAsync<KinesisThroughputExceededException>(() => client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken));

        Assert.True(exception.IsRetryable);
        Assert.Equal(4, server.Requests.Count);
        Assert.Equal(3, _time.Waits.Count);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again()
    {
        using var server = new ScriptedServer(ScriptedServer.Broken(), ScriptedServer.Broken(), ScriptedServer.Ok());
        using var client = Client(server);

        await client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken);

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public void Waits_double_up_to_the_longest_and_are_jittered_over_their_whole_length()
    {
        var policy = new RetryPolicy(100, TimeSpan.FromSeconds(20), new Random(1));
        var failure = new KinesisFailure("InternalFailure", 500, IsRetryable: true);

        for (var attempt = 1; attempt < 100; attempt++)
        {
            var longest = TimeSpan.FromMilliseconds(Math.Min(20_000, 50 * Math.Pow(2, attempt - 1)));
            var delays = Enumerable.Range(0, 200).Select(_ => policy.DelayAfter(attempt, failure)).ToList();
            Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, longest));
            Assert.True(delays.Min() < longest / 4 && delays.Max() > longest * 3 / 4);
        }
    }

    [Fact]
    public async Task While_everything_fails_retries_dry_up()
    {
        // Goal: a server in trouble is not buried in retries. Method: 500 tokens at 5 each pay for 100 retries, whatever the number of requests.
        using var server = new ScriptedServer(ScriptedServer.Refused("InternalFailure", status: 500));
        using var client = Client(server, maxAttempts: 3);

        for (var request = 0; request < 200; request++)
            await Assert.ThrowsAnyAsync<KinesisException>(() => client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken));

        Assert.Equal(200 + (RetryBudget.Capacity / RetryBudget.RetryCost), server.Requests.Count);
    }

    [Fact]
    public void Successes_fill_the_budget_again()
    {
        var budget = new RetryBudget();
        Assert.True(budget.TrySpend(500));
        Assert.False(budget.TrySpend(5));

        budget.Refund(0);
        Assert.Equal(1, budget.Tokens);
        budget.Refund(5);
        Assert.Equal(6, budget.Tokens);
        for (var i = 0; i < 1000; i++)
            budget.Refund(0);
        Assert.Equal(RetryBudget.Capacity, budget.Tokens);
    }

    [Fact]
    public async Task A_wrong_clock_is_corrected_once_from_the_answer()
    {
        using var server = new ScriptedServer(ScriptedServer.Refused("InvalidSignatureException"), ScriptedServer.Ok())
        {
            Date = _time.GetUtcNow().AddHours(1),
        };
        using var client = Client(server);

        await client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken);
        await client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken);

        Assert.Equal(["20260301T120000Z", "20260301T130000Z", "20260301T130000Z"], server.Requests.Select(request => request.Headers["x-amz-date"]));
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task A_wrong_secret_is_not_taken_for_a_wrong_clock()
    {
        using var server = new ScriptedServer(ScriptedServer.Refused("InvalidSignatureException")) { Date = _time.GetUtcNow().AddSeconds(20) };
        using var client = Client(server);

        await Assert.ThrowsAsync<KinesisAccessDeniedException>(() => client.PutRecordAsync(new PutRecordRequest(), TestContext.Current.CancellationToken));

        Assert.Single(server.Requests);
    }

    [Fact]
    public void Limit_exceeded_is_a_rate_where_nothing_changes_or_its_text_says_so()
    {
        Assert.True(RetryPolicy.IsRetryable(KinesisOperation.DescribeStreamSummary, 400, ErrorCodes.LimitExceeded, message: null));
        Assert.True(RetryPolicy.IsRetryable(KinesisOperation.SplitShard, 400, ErrorCodes.LimitExceeded, "Rate exceeded for stream orders under account 000000000000."));
        Assert.False(RetryPolicy.IsRetryable(KinesisOperation.SplitShard, 400, ErrorCodes.LimitExceeded, "This request would exceed the shard limit."));
        Assert.False(RetryPolicy.IsRetryable(KinesisOperation.SplitShard, 400, ErrorCodes.LimitExceeded, message: null));
    }

    private KinesisClient Client(HttpMessageHandler handler, int maxAttempts = 3) => new(new KinesisClientOptions
    {
        Endpoint = new Uri("http://kinesis.test"),
        Credentials = new BasicAWSCredentials("key", "secret"),
        MessageHandler = handler,
        MaxAttempts = maxAttempts,
        TimeProvider = _time,
        AttemptTimeout = HurryingTimeProvider.Never,
        Random = new Random(7),
    });
}
