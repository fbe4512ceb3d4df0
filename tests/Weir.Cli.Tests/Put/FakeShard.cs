using System.Text;
using System.Text.Json.Nodes;
using Weir.Client;

namespace Weir.Cli.Tests.Put;

/// <summary>A stream of one shard that refuses what it is told to, by the number of the request (from 1) and the record's data.</summary>
internal sealed class FakeShard : IDisposable
{
    private const string Shard =
        """{"ShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"340282366920938463463374607431768211455"},"SequenceNumberRange":{"StartingSequenceNumber":"1"}}""";

    private readonly FakeKinesis _kinesis;
    private readonly Func<int, string, string?> _refuse;
    private readonly List<string> _requests = [];
    private readonly List<string> _stored = [];
    private readonly List<(int Requests, TaskCompletionSource Come)> _awaited = [];

    /// <param name="refuse">The error code of a record, or null when it is stored. May throw what the whole request is answered with.</param>
    public FakeShard(Func<int, string, string?> refuse)
    {
        _refuse = refuse;
        _kinesis = new FakeKinesis(AnswerAsync);
    }

    /// <summary>What a record may have.</summary>
    public int MaxRecordKiB { get; init; } = 1024;

    /// <summary>Happens before a list of the shards is given.</summary>
    public Func<Task> OnListShards { get; init; } = () => Task.CompletedTask;

    /// <summary>The records of each request, with commas.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <summary>What is stored, in order.</summary>
    public IReadOnlyList<string> Stored
    {
        get
        {
            lock (_requests)
                return [.. _stored];
        }
    }

    public KinesisClient Connect(TimeProvider time) => _kinesis.Connect(time);

    /// <summary>Completes when so many requests have come.</summary>
    public Task ReceivedAsync(int requests)
    {
        lock (_requests)
        {
            var come = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_requests.Count >= requests)
                come.SetResult();
            else
                _awaited.Add((requests, come));
            return come.Task;
        }
    }

    public void Dispose() => _kinesis.Dispose();

    private async Task<JsonNode> AnswerAsync(string operation, JsonNode request)
    {
        switch (operation)
        {
            case "ListShards":
                await OnListShards();
                return new JsonObject { ["Shards"] = new JsonArray(JsonNode.Parse(Shard)) };
            case "DescribeStreamSummary":
                return new JsonObject { ["StreamDescriptionSummary"] = new JsonObject { ["MaxRecordSizeInKiB"] = MaxRecordKiB } };
            case "PutRecords":
                return Put(request["Records"]!.AsArray().Select(entry => Encoding.UTF8.GetString(Convert.FromBase64String(entry!["Data"]!.GetValue<string>()))).ToList());
            default:
                throw new FakeKinesis.Refusal("UnknownOperationException");
        }
    }

    private JsonObject Put(List<string> records)
    {
        lock (_requests)
        {
            _requests.Add(string.Join(',', records));
            _awaited.FindAll(one => one.Requests <= _requests.Count).ForEach(one => one.Come.TrySetResult());
            return new JsonObject { ["Records"] = new JsonArray([.. records.Select(Put)]) };
        }
    }

    private JsonNode Put(string record)
    {
        if (_refuse(_requests.Count, record) is { } code)
            return new JsonObject { ["ErrorCode"] = code, ["ErrorMessage"] = "Slow down." };
        _stored.Add(record);
        return new JsonObject { ["ShardId"] = "shardId-000000000000", ["SequenceNumber"] = $"{_stored.Count}" };
    }
}
