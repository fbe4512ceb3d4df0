using Weir.Model;
using Weir.Protocol.EventStream;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Ladder;

/// <summary>The wire alone: requests read and answers written in memory, nothing stored.</summary>
internal sealed class ProtocolRung : IRung
{
    public const string Name = "protocol";

    private static readonly SequenceNumber Number = new(CreatedSeconds: 1_767_225_600, Index: 1_000_000, RecordSeconds: 1_767_225_600, new ShardId(0));
    private static readonly DateTimeOffset Arrival = DateTimeOffset.FromUnixTimeSeconds(Number.RecordSeconds);
    private static readonly string Iterator = new('x', 200);

    private readonly ReusedBuffer _output = new();

    public ProtocolRung() => Steps = [.. StepsOf(WireCodec.Json), .. StepsOf(WireCodec.Cbor)];

    public IReadOnlyList<Step> Steps { get; }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<Step> StepsOf(WireCodec codec)
    {
        var wire = Workload.NameOf(codec);
        var one = Workload.PutRecord(codec, Workload.Stream);
        var batch = Workload.PutRecords(codec, Workload.Stream);
        var messages = SubscriptionMessages.Of(codec);
        yield return new Step(new StepName(Name, Operations.PutRecord, wire), () => PutRecord(codec, one));
        yield return new Step(new StepName(Name, Operations.PutRecords, wire), () => PutRecords(codec, batch));
        yield return new Step(new StepName(Name, Operations.GetRecords, wire), () => GetRecords(codec));
        yield return new Step(new StepName(Name, Operations.SubscribeToShard, wire), () => Event(codec, messages));
    }

    private ValueTask PutRecord(WireCodec codec, byte[] body)
    {
        using var request = PutRequest.Rent();
        Check.That(codec.TryReadPutRecord(body, request) && request.Count == 1);
        _output.Clear();
        codec.WritePutRecord(_output, Number, Number.Shard);
        return ValueTask.CompletedTask;
    }

    private ValueTask PutRecords(WireCodec codec, byte[] body)
    {
        using var request = PutRequest.Rent();
        Check.That(codec.TryReadPutRecords(body, request) && request.Count == Workload.BatchRecords);
        _output.Clear();
        var writer = codec.CreatePutRecordsWriter(_output);
        writer.Begin(failedRecordCount: 0);
        for (var i = 0; i < request.Count; i++)
            writer.Success(Number, Number.Shard);
        writer.End();
        return ValueTask.CompletedTask;
    }

    private ValueTask GetRecords(WireCodec codec)
    {
        _output.Clear();
        var writer = codec.CreateRecordsWriter(_output);
        writer.Begin();
        for (var i = 0; i < Workload.PageRecords; i++)
            writer.Record(Number, Arrival, Workload.Data[i % Workload.BatchRecords], Workload.Keys[i % Workload.BatchRecords]);
        writer.End(Iterator, millisBehindLatest: 1000, childShards: null);
        Check.That(_output.Written.Length > Workload.PageRecords * Workload.RecordBytes);
        return ValueTask.CompletedTask;
    }

    private ValueTask Event(WireCodec codec, SubscriptionMessages messages)
    {
        _output.Clear();
        messages.BeginEvent(_output);
        var writer = codec.CreateRecordsWriter(_output);
        writer.Begin();
        writer.Record(Number, Arrival, Workload.Data[0], Workload.Keys[0]);
        writer.EndEvent(Number, millisBehindLatest: 0, childShards: null);
        SubscriptionMessages.EndEvent(_output);
        messages.SealEvent(_output.Written);
        return ValueTask.CompletedTask;
    }
}
