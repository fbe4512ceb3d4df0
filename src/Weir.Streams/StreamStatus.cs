namespace Weir.Streams;

/// <summary>States of a stream. The names are those of the API in Pascal case; the catalog stores the numbers.</summary>
public enum StreamStatus
{
    /// <summary>Accepted by CreateStream; has no shards yet. Moves to <see cref="Active"/> when its log is open.</summary>
    Creating = 1,

    /// <summary>Everything works.</summary>
    Active = 2,

    /// <summary>A split or merge is under way: data operations work, other changes are refused. Returns to <see cref="Active"/>.</summary>
    Updating = 3,

    /// <summary>Accepted by DeleteStream; nothing leads out of here but the end.</summary>
    Deleting = 4,
}
