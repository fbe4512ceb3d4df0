using Weir.Model;

namespace Weir.Producer;

/// <summary>A record that was posted and not stored: what a program needs to keep it elsewhere.</summary>
/// <param name="PartitionKey">Its partition key.</param>
/// <param name="ExplicitHashKey">Its explicit hash key, if it has one.</param>
/// <param name="Data">Its payload. <b>Lent until the callback returns</b>: copy what is to last.</param>
/// <param name="Failure">Why it failed.</param>
public readonly record struct FailedPut(string PartitionKey, HashKey? ExplicitHashKey, ReadOnlyMemory<byte> Data, PutFailedException Failure);
