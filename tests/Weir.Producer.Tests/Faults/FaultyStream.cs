using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Weir.Model;
using Weir.Protocol.Aggregation;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;
using HashKeyRange = Weir.Model.HashKeyRange;

namespace Weir.Producer.Tests.Faults;

/// <summary>How often a <see cref="FaultyStream"/> does what, from 0 to 1.</summary>
internal sealed record FaultPlan
{
    /// <summary>A request fails before anything is stored: 500, a throttle of the whole request, or a connection that ends.</summary>
    public double FailedRequests { get; init; }

    /// <summary>Everything is stored, and the answer is lost: the connection ends, or nothing comes in time.</summary>
    public double LostAnswers { get; init; }

    /// <summary>A record is refused: throttled, or an internal failure.</summary>
    public double RefusedRecords { get; init; }

    /// <summary>A shard is split, or two are merged, before a request is looked at.</summary>
    public double Reshards { get; init; }
}

/// <summary>
/// A stream that stands behind a client's HTTP handler: shards with ranges, splits, merges, and seeded faults. It remembers everything it stored
/// and everything it has told, so that a test can compare.
/// </summary>
internal sealed class FaultyStream : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private readonly FaultPlan _plan;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly List<StoredRecord> _stored = [];
    private readonly HashSet<string> _told = [];
    private readonly List<ModelShard> _shards = [];
    private int _sequence;
    private int _requests;
    private int _faults;
    private int _reshards;

    public FaultyStream(int seed, FaultPlan plan, TimeProvider time, int shards = 3)
    {
        _plan = plan;
        _random = new Random(seed);
        _time = time;
        foreach (var range in HashKeyRange.Uniform(shards))
            Open(range);
    }

    /// <summary>A record as it was stored, with the user records in it.</summary>
    public sealed record StoredRecord(string ShardId, HashKeyRange Range, string SequenceNumber, bool IsAggregated, IReadOnlyList<UserRecord> UserRecords)
    {
        /// <summary>The rule by which the KCL decides whether it delivers an aggregate, all of it or nothing.</summary>
        public bool IsDelivered => !IsAggregated || UserRecords.All(record => Range.Contains(record.EffectiveHashKey));
    }

    private sealed record ModelShard(string Id, HashKeyRange Range)
    {
        public bool IsOpen { get; set; } = true;
    }

    /// <summary>Everything that was stored, in order of time.</summary>
    public IReadOnlyList<StoredRecord> Stored
    {
        get
        {
            lock (_gate)
                return [.. _stored];
        }
    }

    /// <summary>Records that came again although the producer had been told that they are stored where consumers find them.</summary>
    public int NeedlesslySent { get; private set; }

    /// <summary>Requests that came, faults that were made, reshards.</summary>
    public (int Requests, int Faults, int Reshards) Counts => (_requests, _faults, _reshards);

    /// <summary>What names a user record: its data begin with it.</summary>
    public static string NameOf(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf((byte)';');
        return System.Text.Encoding.UTF8.GetString(data[..end]);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        var operation = request.Headers.GetValues("X-Amz-Target").Single().Split('.')[1];
        TimeSpan delay;
        lock (_gate)
            delay = TimeSpan.FromMilliseconds(_random.NextDouble() * 30);
        await Task.Delay(delay, _time, cancellationToken);
        Assert.True(WireCodec.Json.TryRead(body, out var map));
        lock (_gate)
        {
            return operation switch
            {
                "ListShards" => List(ListShardsRequest.Read(map)),
                "DescribeStreamSummary" => Answer(new DescribeStreamSummaryResponse()),
                "PutRecords" => Put(PutRecordsRequest.Read(map)),
                _ => throw new NotSupportedException(operation),
            };
        }
    }

    private HttpResponseMessage List(ListShardsRequest request)
    {
        if (_random.NextDouble() < _plan.FailedRequests)
            return Refusal(HttpStatusCode.InternalServerError, "InternalFailure");
        return Answer(new ListShardsResponse
        {
            Shards =
            [
                .. _shards.Where(shard => shard.IsOpen || request.ShardFilter is null).Select(shard => new Shard
                {
                    ShardId = shard.Id,
                    HashKeyRange = new Protocol.Messages.HashKeyRange { StartingHashKey = shard.Range.Start.ToString(), EndingHashKey = shard.Range.End.ToString() },
                    SequenceNumberRange = new SequenceNumberRange { StartingSequenceNumber = "0", EndingSequenceNumber = shard.IsOpen ? null : "1" },
                }),
            ],
        });
    }

    private HttpResponseMessage Put(PutRecordsRequest request)
    {
        if (_random.NextDouble() < _plan.Reshards)
            Reshard();
        _requests++;
        if (_random.NextDouble() < _plan.FailedRequests)
        {
            _faults++;
            return _random.Next(3) switch
            {
                0 => Refusal(HttpStatusCode.InternalServerError, "InternalFailure"),
                1 => Refusal(HttpStatusCode.BadRequest, "ProvisionedThroughputExceededException"),
                _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was reset."),
            };
        }

        // Some requests are hit hard, most not at all.
        var refused = _random.Next(3) == 0 ? _plan.RefusedRecords * 3 : 0;
        var results = request.Records!.Select(entry => Put(entry, refused)).ToList();
        if (_random.NextDouble() < _plan.LostAnswers)
        {
            _faults++;
            throw _random.Next(2) == 0
                ? new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was reset.")
                : new OperationCanceledException("Nothing came.");
        }

        foreach (var (_, told) in results)
            _told.UnionWith(told);
        return Answer(new PutRecordsResponse
        {
            FailedRecordCount = results.Count(result => result.Entry.ErrorCode is not null),
            Records = [.. results.Select(result => result.Entry)],
        });
    }

    private (PutRecordsResultEntry Entry, string[] Told) Put(PutRecordsRequestEntry entry, double refused)
    {
        var data = entry.Data!.Value.ToArray();
        var isAggregated = AggregatedRecordReader.TryRead(data, out var userRecords);
        HashKey? hashKey = entry.ExplicitHashKey is { } text && HashKey.TryParse(text, out var given) ? given : null;
        userRecords ??= [new UserRecord(entry.PartitionKey!, hashKey, data)];
        NeedlesslySent += userRecords.Count(record => _told.Contains(NameOf(record.Data.Span)));
        if (_random.NextDouble() < refused)
        {
            _faults++;
            var code = _random.Next(2) == 0 ? "InternalFailure" : "ProvisionedThroughputExceededException";
            return (new PutRecordsResultEntry { ErrorCode = code, ErrorMessage = "Refused." }, []);
        }

        var effective = hashKey ?? HashKey.Of(entry.PartitionKey!);
        var shard = _shards.Single(one => one.IsOpen && one.Range.Contains(effective));
        var sequenceNumber = (++_sequence).ToString("D10", CultureInfo.InvariantCulture);
        var stored = new StoredRecord(shard.Id, shard.Range, sequenceNumber, isAggregated, userRecords);
        _stored.Add(stored);
        return (
            new PutRecordsResultEntry { ShardId = shard.Id, SequenceNumber = sequenceNumber },
            stored.IsDelivered ? [.. userRecords.Select(record => NameOf(record.Data.Span))] : []);
    }

    private void Reshard()
    {
        var open = _shards.Where(shard => shard.IsOpen).OrderBy(shard => shard.Range.Start).ToList();
        _reshards++;
        var at = _random.Next(open.Count);
        if (open.Count < 3 || (open.Count < 8 && _random.Next(2) == 0))
        {
            var range = open[at].Range;
            var middle = range.Start.Value + ((range.End.Value - range.Start.Value) / 2);
            open[at].IsOpen = false;
            var (lower, upper) = range.SplitAt(new HashKey(middle));
            Open(lower);
            Open(upper);
            return;
        }

        var left = open[Math.Min(at, open.Count - 2)];
        var right = open[Math.Min(at, open.Count - 2) + 1];
        left.IsOpen = right.IsOpen = false;
        Open(left.Range.MergeWith(right.Range));
    }

    private void Open(HashKeyRange range) => _shards.Add(new ModelShard($"shardId-{_shards.Count:D12}", range));

    private static HttpResponseMessage Refusal(HttpStatusCode status, string code) => Answer(
        status, System.Text.Encoding.UTF8.GetBytes($$"""{"__type":"{{code}}","message":"No."}"""));

    private static HttpResponseMessage Answer<T>(T message)
        where T : class, IWireMessage<T>
    {
        var body = new ArrayBufferWriter<byte>();
        message.Write(WireCodec.Json.CreateWriter(body));
        return Answer(HttpStatusCode.OK, body.WrittenSpan.ToArray());
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, byte[] body)
    {
        var response = new HttpResponseMessage(status) { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        return response;
    }
}
