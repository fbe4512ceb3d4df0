using System.Text;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Protocol.Validation;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Records;

/// <summary>The two ways from a body to a put, and what came out of them as text that can be compared.</summary>
internal static class PutPaths
{
    /// <summary>What the fast path read, or null where it declined.</summary>
    public static string? Fast(WireCodec codec, byte[] body, bool batch)
    {
        using var request = PutRequest.Rent();
        var before = (byte[])body.Clone();
        var accepted = batch ? codec.TryReadPutRecords(body, request) : codec.TryReadPutRecord(body, request);
        Assert.Equal(before, body);
        return accepted ? Describe(request) : null;
    }

    /// <summary>What the general path read, or null where it refused.</summary>
    public static string? General(WireCodec codec, byte[] body, bool batch)
    {
        if (!codec.TryRead(body, out var value))
            return null;
        var operation = batch ? KinesisOperation.PutRecords : KinesisOperation.PutRecord;
        if (RequestValidation.Check(operation.Shape, value) is not null)
            return null;
        using var request = PutRequest.Rent();
        if (batch)
            request.Load(PutRecordsRequest.Read(value));
        else
            request.Load(PutRecordRequest.Read(value));
        return Describe(request);
    }

    private static string Describe(PutRequest request)
    {
        var text = new StringBuilder();
        text.AppendLine($"{request.StreamName}|{request.StreamArn}|{request.StreamId}|{request.DryRun}|{request.SequenceNumberForOrdering}");
        text.AppendLine($"{request.Count}|{request.TotalBytes}");
        for (var i = 0; i < request.Count; i++)
        {
            text.AppendLine($"{Convert.ToHexString(request.Data(i))}|{request.HasPartitionKey(i)}|{Convert.ToHexString(request.PartitionKey(i))}");
            text.AppendLine($"{request.HasExplicitHashKey(i)}|{request.HashKey(i)}|{request.ExplicitHashKeyOutOfRange(i)}|{request.RecordBytes(i)}");
        }

        return text.ToString();
    }
}
