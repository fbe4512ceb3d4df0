using Weir.Model;
using Weir.Protocol.Records;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>A decoded put as the engine wants to see it.</summary>
internal sealed class PutSource(PutRequest request) : IRecordSource
{
    public int Count => request.Count;

    public HashKey HashKey(int index) => request.HashKey(index);

    public ReadOnlySpan<byte> PartitionKey(int index) => request.PartitionKey(index);

    public ReadOnlySpan<byte> Data(int index) => request.Data(index);
}
