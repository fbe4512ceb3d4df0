using System.Net;
using System.Text;
using Weir.Cli.Tail;
using Weir.Client;

namespace Weir.Cli.Tests.Tail;

/// <summary>One shard against a server that answers from a script: what is asked, in which order, after which answers.</summary>
public sealed class ShardTailTests
{
    private const string Record1 = """{"SequenceNumber":"101","PartitionKey":"k","Data":"YQ==","ApproximateArrivalTimestamp":1000.0}""";
    private const string Record2 = """{"SequenceNumber":"102","PartitionKey":"k","Data":"Yg==","ApproximateArrivalTimestamp":1010.0}""";
    private readonly ScriptedKinesis _kinesis = new();
    private readonly MemoryStream _output = new();

    [Fact]
    public async Task A_closed_shard_ends_with_its_children()
    {
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record1}}],"MillisBehindLatest":0,"ChildShards":[{"ShardId":"shardId-7","ParentShards":["s"]}]}""");

        var tail = Tail(StartPosition.TrimHorizon, follow: true);

        Assert.Equal(ShardTailEnd.ShardClosed, await tail.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal("shardId-7", Assert.Single(tail.Children).ShardId);
        Assert.Equal("a\n", Output);
    }

    [Fact]
    public async Task An_expired_iterator_is_made_anew_after_the_last_record()
    {
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record1}}],"NextShardIterator":"n","MillisBehindLatest":5}""");
        _kinesis.Answers.Enqueue("!ExpiredIteratorException");
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record2}}],"MillisBehindLatest":0}""");

        await Tail(StartPosition.TrimHorizon, follow: true).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal("a\nb\n", Output);
        Assert.Equal(2, _kinesis.Iterators.Count);
        Assert.Contains("\"TRIM_HORIZON\"", _kinesis.Iterators[0], StringComparison.Ordinal);
        Assert.Contains("\"ShardIteratorType\":\"AFTER_SEQUENCE_NUMBER\",\"StartingSequenceNumber\":\"101\"", _kinesis.Iterators[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_latest_nothing_is_lost_when_the_first_iterator_expires()
    {
        _kinesis.Answers.Enqueue("!ExpiredIteratorException");
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record1}}],"MillisBehindLatest":0}""");

        await Tail(StartPosition.Latest, follow: true).RunAsync(TestContext.Current.CancellationToken);

        Assert.Contains("\"LATEST\"", _kinesis.Iterators[0], StringComparison.Ordinal);
        Assert.Contains("\"AT_TIMESTAMP\"", _kinesis.Iterators[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_following_it_stops_when_it_has_caught_up()
    {
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record1}}],"NextShardIterator":"n","MillisBehindLatest":20000}""");
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record2}}],"NextShardIterator":"n","MillisBehindLatest":0}""");

        Assert.Equal(ShardTailEnd.CaughtUp, await Tail(StartPosition.TrimHorizon, follow: false).RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal("a\nb\n", Output);
    }

    [Fact]
    public async Task Without_following_it_stops_under_a_steady_load_at_what_came_after_it_began()
    {
        // Goal: it ends though MillisBehindLatest never becomes 0. Method: by the first answer the server's time is 1,000 s + 5 s;
        // the second one brings a record that arrived after that.
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record1}}],"NextShardIterator":"n","MillisBehindLatest":5000}""");
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record2}}],"NextShardIterator":"n","MillisBehindLatest":3}""");

        Assert.Equal(ShardTailEnd.CaughtUp, await Tail(StartPosition.TrimHorizon, follow: false).RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal("a\nb\n", Output);
    }

    [Fact]
    public async Task A_limit_ends_it_in_the_middle_of_an_answer()
    {
        _kinesis.Answers.Enqueue($$"""{"Records":[{{Record1}},{{Record2}}],"NextShardIterator":"n","MillisBehindLatest":9}""");

        Assert.Equal(ShardTailEnd.Enough, await Tail(StartPosition.TrimHorizon, follow: true, limit: 1).RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal("a\n", Output);
    }

    private string Output => Encoding.UTF8.GetString(_output.ToArray());

    private ShardTail Tail(StartPosition from, bool follow, long? limit = null)
    {
        var client = new KinesisClient(new KinesisClientOptions { Endpoint = new Uri("http://127.0.0.1:1"), MessageHandler = _kinesis, MaxAttempts = 1 });
        var sink = new RecordSink(_output, "stream", RecordFormat.Text, limit);
        return new ShardTail(new TailContext(client, "stream", sink, follow, new SemaphoreSlim(1), TimeProvider.System), "s", from);
    }

    private sealed class ScriptedKinesis : HttpMessageHandler
    {
        /// <summary>What GetRecords answers; <c>!</c> and a name is a refusal.</summary>
        public Queue<string> Answers { get; } = new();

        /// <summary>What GetShardIterator was asked.</summary>
        public List<string> Iterators { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            if (request.Headers.GetValues("x-amz-target").Single().EndsWith("GetShardIterator", StringComparison.Ordinal))
            {
                Iterators.Add(body);
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"ShardIterator":"i"}""") };
            }

            var answer = Answers.Dequeue();
            return answer.StartsWith('!')
                ? new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent($$"""{"__type":"{{answer[1..]}}","message":"No."}""") }
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer) };
        }
    }
}
