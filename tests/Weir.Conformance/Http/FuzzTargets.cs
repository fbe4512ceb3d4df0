using System.Text.Json.Nodes;
using Weir.Oracle;

namespace Weir.Conformance.Http;

/// <summary>
/// Streams, a consumer and iterators that are really there, so that fuzzed requests get past the lookup and into the operations. What
/// the requests make beside it is deleted by <see cref="ClearAsync"/>.
/// </summary>
internal sealed class FuzzTargets(KinesisHttp http)
{
    private const string Kept = "fuzz";
    // The only name that legal requests delete.
    private const string Doomed = "fuzz-doomed";
    private const string ArnPrefix = "arn:aws:kinesis:us-east-1:000000000000:stream/";
    private const int MostShards = 4;

    private string _consumerArn = "";
    private string _iterator = "";
    private string _token = "";

    /// <summary>Makes what is missing of the targets.</summary>
    public async Task PrepareAsync()
    {
        foreach (var stream in new[] { Kept, Doomed })
        {
            await http.CallAsync("CreateStream", new { StreamName = stream, ShardCount = 2 });
            await http.UntilActiveAsync(stream);
        }

        await http.PutAsync(Kept, "k", [1, 2, 3]);
        var registered = await http.CallAsync("RegisterStreamConsumer", new { StreamARN = ArnPrefix + Kept, ConsumerName = "consumer" });
        _consumerArn = registered.Succeeded().Json.GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        _iterator = await http.IteratorAsync(Kept);
        var page = await http.CallAsync("ListShards", new { StreamName = Kept, MaxResults = 1 });
        _token = page.Succeeded().Json.GetProperty("NextToken").GetString()!;
    }

    /// <summary>Deletes every stream, those that the requests made too, and waits until they are gone.</summary>
    public Task ClearAsync() => Server.Polling.UntilAsync<object>("every stream is gone", TimeSpan.FromSeconds(60), async () =>
    {
        var names = (await http.CallAsync("ListStreams", "{}")).Succeeded().Json.GetProperty("StreamNames");
        foreach (var name in names.EnumerateArray())
            await http.CallAsync("DeleteStream", new { StreamName = name.GetString(), EnforceConsumerDeletion = true });
        return names.GetArrayLength() == 0 ? this : null;
    });

    /// <summary>Points the members that name something at something that is there, most of the time.</summary>
    public JsonObject Aim(JsonObject request, ModelOperation operation, Random random)
    {
        // One stream for all that names one, or the request is refused for the disagreement.
        var stream = operation.Name is "DeleteStream" || random.Next(4) == 0 ? Doomed : Kept;
        foreach (var member in operation.Input.Members)
        {
            // A count that the model allows may still be a thousand shards.
            if (member.Name is "ShardCount" or "TargetShardCount" && request.ContainsKey(member.Name))
                request[member.Name] = random.Next(0, MostShards + 1);
            else if (random.Next(8) != 0 && Known(member.Name, stream, random) is { } known && (request.ContainsKey(member.Name) || member.Name is "StreamName" or "StreamARN"))
                request[member.Name] = known;
        }

        return request;
    }

    private string? Known(string member, string stream, Random random) => member switch
    {
        "StreamName" => stream,
        "StreamARN" or "ResourceARN" => ArnPrefix + stream,
        "ConsumerARN" => _consumerArn,
        "ConsumerName" => "consumer",
        "ShardIterator" => _iterator,
        "NextToken" => _token,
        "ShardId" or "ShardToSplit" or "ShardToMerge" or "AdjacentShardToMerge" or "ExclusiveStartShardId" => $"shardId-{random.Next(MostShards):d12}",
        _ => null,
    };
}
