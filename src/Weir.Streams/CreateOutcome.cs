namespace Weir.Streams;

/// <summary>What became of a CreateStream.</summary>
public enum CreateOutcome
{
    /// <summary>The stream is in the catalog.</summary>
    Created,

    /// <summary>The name is taken, in whatever status.</summary>
    AlreadyExists,

    /// <summary>As many streams as may be are CREATING.</summary>
    TooManyCreating,

    /// <summary>The account would have more shards than it may.</summary>
    ShardLimit,

    /// <summary>The account has as many on-demand streams as it may.</summary>
    TooManyOnDemand,
}
