using Weir.Model;

namespace Weir.Streams;

/// <summary>Asked for each record of a put once its shard is known, before the shard's rates: a way to let records fail on purpose.</summary>
/// <param name="shard">Where the record goes.</param>
/// <returns><see cref="PutStatus.Pending"/> lets it on; else what becomes of it.</returns>
public delegate PutStatus RecordGate(ShardId shard);
