using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Records;

public sealed class JsonRecordsWriterTests() : RecordsWriterContract(WireCodec.Json);

public sealed class CborRecordsWriterTests() : RecordsWriterContract(WireCodec.Cbor);

/// <summary>The hot writers of an encoding are held against the typed messages: both must write the same bytes.</summary>
public abstract class RecordsWriterContract(WireCodec codec)
{
    private static readonly SequenceNumber Number = new(1_700_000_000, 42, 1_700_000_100, new ShardId(3));
    private static readonly DateTimeOffset Arrival = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_100_987);

    private static readonly ChildShard Child = new()
    {
        ShardId = "shardId-000000000004",
        ParentShards = ["shardId-000000000003"],
        HashKeyRange = new() { StartingHashKey = "0", EndingHashKey = "9" },
    };

    [Fact]
    public void GetRecords_is_written_as_its_typed_response_would_be()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = codec.CreateRecordsWriter(output);
        writer.Begin();
        writer.Record(Number, Arrival, "data"u8, "key\"\u00E4"u8);
        writer.Record(Number, Arrival, new byte[50_000], [], encrypted: true);
        writer.End("iterator", 12, childShards: null);
        Assert.Equal(
            Typed(new GetRecordsResponse
            {
                Records =
                [
                    new() { SequenceNumber = Number.ToString(), ApproximateArrivalTimestamp = Arrival, Data = "data"u8.ToArray(), PartitionKey = "key\"\u00E4" },
                    new() { SequenceNumber = Number.ToString(), ApproximateArrivalTimestamp = Arrival, Data = new byte[50_000], EncryptionType = EncryptionTypes.Kms },
                ],
                NextShardIterator = "iterator",
                MillisBehindLatest = 12,
            }),
            Convert.ToHexString(output.WrittenSpan));
    }

    [Fact]
    public void Records_of_every_size_and_with_every_key_are_written_as_their_typed_response_would_be() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var records = RandomRecords(new Random(seed));
            var output = new ArrayBufferWriter<byte>();
            var writer = codec.CreateRecordsWriter(output);
            writer.Begin();
            foreach (var record in records)
            {
                writer.Record(
                    Number, record.ApproximateArrivalTimestamp!.Value, record.Data!.Value.Span, Encoding.UTF8.GetBytes(record.PartitionKey ?? ""),
                    encrypted: record.EncryptionType is not null);
            }

            writer.End("iterator", 12, childShards: null);
            return Convert.ToHexString(output.WrittenSpan) == Typed(new GetRecordsResponse { Records = records, NextShardIterator = "iterator", MillisBehindLatest = 12 });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_end_of_a_shard_names_its_children_and_no_iterator()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = codec.CreateRecordsWriter(output);
        writer.Begin();
        writer.End(nextShardIterator: null, millisBehindLatest: 0, [Child]);
        Assert.Equal(
            Typed(new GetRecordsResponse { Records = [], MillisBehindLatest = 0, ChildShards = [Child] }),
            Convert.ToHexString(output.WrittenSpan));
    }

    [Fact]
    public void An_event_is_written_as_its_typed_structure_would_be()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = codec.CreateRecordsWriter(output);
        writer.Begin();
        writer.Record(Number, Arrival, "data"u8, "key"u8);
        writer.EndEvent(Number, 7, childShards: null);
        Assert.Equal(
            Typed(new SubscribeToShardEvent
            {
                Records = [new() { SequenceNumber = Number.ToString(), ApproximateArrivalTimestamp = Arrival, Data = "data"u8.ToArray(), PartitionKey = "key" }],
                ContinuationSequenceNumber = Number.ToString(),
                MillisBehindLatest = 7,
            }),
            Convert.ToHexString(output.WrittenSpan));
    }

    [Fact]
    public void PutRecords_is_written_as_its_typed_response_would_be()
    {
        var error = KinesisErrors.ShardRateExceeded(new StreamName("000000000000", "us-east-1", "s"), new ShardId(1));
        var output = new ArrayBufferWriter<byte>();
        var writer = codec.CreatePutRecordsWriter(output);
        writer.Begin(failedRecordCount: 1);
        writer.Success(Number, new ShardId(3));
        writer.Failure(error);
        writer.Success(Number, new ShardId(int.MaxValue));
        writer.End(encrypted: true);
        Assert.Equal(
            Typed(new PutRecordsResponse
            {
                FailedRecordCount = 1,
                Records =
                [
                    new() { SequenceNumber = Number.ToString(), ShardId = "shardId-000000000003" },
                    new() { ErrorCode = error.Code, ErrorMessage = error.Message },
                    new() { SequenceNumber = Number.ToString(), ShardId = "shardId-002147483647" },
                ],
                EncryptionType = EncryptionTypes.Kms,
            }),
            Convert.ToHexString(output.WrittenSpan));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PutRecord_is_written_as_its_typed_response_would_be(bool encrypted)
    {
        var output = new ArrayBufferWriter<byte>();
        codec.WritePutRecord(output, Number, new ShardId(int.MaxValue), encrypted);
        Assert.Equal(
            Typed(new PutRecordResponse
            {
                ShardId = "shardId-002147483647",
                SequenceNumber = Number.ToString(),
                EncryptionType = encrypted ? EncryptionTypes.Kms : null,
            }),
            Convert.ToHexString(output.WrittenSpan));
    }

    [Fact]
    public void Writing_records_allocates_nothing_per_record()
    {
        var output = new ArrayBufferWriter<byte>(8 * 1024 * 1024);
        var data = new byte[1024];
        long Records(int count) => Allocations.Of(() =>
        {
            output.ResetWrittenCount();
            var writer = codec.CreateRecordsWriter(output);
            writer.Begin();
            for (var i = 0; i < count; i++)
                writer.Record(Number, Arrival, data, "partition key"u8);
            writer.End("iterator", 0, null);
        });

        Assert.Equal(Records(1), Records(200));
    }

    [Fact]
    public void Writing_put_results_allocates_nothing_per_entry()
    {
        var output = new ArrayBufferWriter<byte>(1024 * 1024);
        var error = KinesisErrors.InternalFailureOfEntry;
        long Entries(int count) => Allocations.Of(() =>
        {
            output.ResetWrittenCount();
            var writer = codec.CreatePutRecordsWriter(output);
            writer.Begin(count);
            for (var i = 0; i < count; i++)
            {
                writer.Success(Number, new ShardId(i));
                writer.Failure(error);
            }

            writer.End();
        });

        Assert.Equal(Entries(1), Entries(500));
    }

    [Fact]
    public void A_large_record_never_asks_for_a_large_block()
    {
        var output = new LargestRequest();
        var writer = codec.CreateRecordsWriter(output);
        writer.Begin();
        writer.Record(Number, Arrival, new byte[10 * 1024 * 1024], "key"u8);
        writer.End("iterator", 0, null);
        Assert.InRange(output.Largest, 1, 16 * 1024);
        Assert.InRange(output.Written, 10 * 1024 * 1024, 14_100_000);
    }

    private string Typed<T>(T message)
        where T : class, IWireMessage<T>
    {
        var output = new ArrayBufferWriter<byte>();
        message.Write(codec.CreateWriter(output));
        return Convert.ToHexString(output.WrittenSpan);
    }

    // Small and large ones, with keys of every kind: absent, plain, with what has to be escaped, of many bytes a character.
    private static Protocol.Messages.Record[] RandomRecords(Random random)
    {
        string?[] keys = [null, "k", "plain key", "quote \" and \\ and \u0001", new string('\u20AC', 256)];
        return [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => new Protocol.Messages.Record
        {
            SequenceNumber = Number.ToString(),
            ApproximateArrivalTimestamp = Arrival.AddMilliseconds(random.Next(3)),
            Data = new byte[random.Next(2) == 0 ? random.Next(200) : random.Next(40_000)],
            PartitionKey = keys[random.Next(keys.Length)],
            EncryptionType = random.Next(4) == 0 ? EncryptionTypes.Kms : null,
        })];
    }

    /// <summary>Gives exactly what is asked for, at least a little, and remembers the most.</summary>
    private sealed class LargestRequest : IBufferWriter<byte>
    {
        private byte[] _block = [];

        public int Largest { get; private set; }

        public long Written { get; private set; }

        public void Advance(int count) => Written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Largest = Math.Max(Largest, sizeHint);
            if (_block.Length < sizeHint || _block.Length == 0)
                _block = new byte[Math.Max(256, sizeHint)];
            return _block;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
