using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Consumers;

/// <summary>Registers and deregisters the consumers of streams. A change is durable when its call returns.</summary>
/// <remarks>
/// Thread-safe. Consumers are part of their stream's snapshot; the stream stays ACTIVE while they change. An ARN says the second of a
/// consumer's creation, so one that is replaced within the second has the ARN of the earlier: what a caller found before is looked up
/// again at its turn, and the catalog is told the id of what is there then.
/// </remarks>
public sealed class ConsumerRegistry : IDisposable
{
    private readonly StreamEngine _engine;
    private readonly ConsumerTable _table;
    private readonly Transitions _transitions;

    // Counts and names are checked and changed in one go, and the catalog and the snapshot change in the same order. Held across catalog I/O.
    private readonly SemaphoreSlim _turn = new(1, 1);

    // When consumers that have gone were created, as long as a new one of their name could be given the same ARN: for about a second.
    private readonly Dictionary<(LogId Stream, string Name), long> _gone = [];

    internal ConsumerRegistry(StreamEngine engine, ConsumerTable table, Transitions transitions) =>
        (_engine, _table, _transitions) = (engine, table, transitions);

    /// <summary>Registers a consumer: CREATING, then ACTIVE.</summary>
    /// <param name="stream">The stream that it shall read.</param>
    /// <param name="name">1 to 128 characters of <c>a-z A-Z 0-9 _ . -</c>.</param>
    /// <param name="tags">At most <see cref="KinesisLimits.MaxTags"/>, with legal characters.</param>
    /// <returns>The consumer as it was accepted, or the first check of spec section 7.6 that failed.</returns>
    public async Task<(RegisterOutcome Outcome, StreamConsumer? Consumer)> RegisterAsync(DataStream stream, string name, StreamTags tags)
    {
        StreamConsumer consumer;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Check(stream, name) is var outcome and not RegisterOutcome.Registered)
                return (outcome, null);
            var created = DateTimeOffset.FromUnixTimeSeconds(CreationSeconds(stream, name));
            // The catalog looks at the stream's status again: a deletion may have come first.
            if (await _table.AddAsync(stream.Id, name, created, tags, CancellationToken.None).ConfigureAwait(false) is not { } row)
                return (RegisterOutcome.NotActive, null);
            consumer = ConsumerOf(stream, row, tags);
            stream.Publish(now => now with { Consumers = now.Consumers.With(consumer) });
        }
        finally
        {
            _turn.Release();
        }

        await _transitions.RunAsync(() => ActivateAsync(stream, consumer)).ConfigureAwait(false);
        return (RegisterOutcome.Registered, consumer);
    }

    /// <summary>Deregisters a consumer: DELETING, then gone. Nothing happens when that is under way already.</summary>
    public async Task DeregisterAsync(DataStream stream, StreamConsumer consumer)
    {
        StreamConsumer present;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (stream.Current.Consumers.Find(consumer.Arn) is not { Status: not ConsumerStatus.Deleting } found)
                return;
            present = found;
            await _table.SetStatusAsync(present.Id, ConsumerStatus.Deleting, CancellationToken.None).ConfigureAwait(false);
            Change(stream, present, static now => now with { Status = ConsumerStatus.Deleting });
        }
        finally
        {
            _turn.Release();
        }

        await _transitions.RunAsync(() => RemoveAsync(stream, present)).ConfigureAwait(false);
    }

    /// <summary>Adds and removes tags of an ACTIVE consumer. The caller has checked the characters.</summary>
    /// <returns>Changed, or why not; then nothing has changed.</returns>
    public async Task<TagOutcome> ChangeTagsAsync(
        DataStream stream, StreamConsumer consumer, IReadOnlyDictionary<string, string> set, IReadOnlyCollection<string> removed)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (stream.Current.Consumers.Find(consumer.Arn) is not { Status: ConsumerStatus.Active } present)
                return TagOutcome.NotActive;
            var changed = present.Tags.With(set).Without(removed);
            if (changed.Count > KinesisLimits.MaxTags)
                return TagOutcome.TooMany;
            // The catalog looks again: the consumer may have gone with its stream.
            if (!await _table.ChangeTagsAsync(present.Id, set, removed, CancellationToken.None).ConfigureAwait(false))
                return TagOutcome.NotActive;
            Change(stream, present, now => now with { Tags = changed });
            return TagOutcome.Changed;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sets or removes the resource policy of an ACTIVE consumer.</summary>
    /// <returns>False when the consumer is not ACTIVE; nothing has changed then.</returns>
    public async Task<bool> SetPolicyAsync(DataStream stream, StreamConsumer consumer, string? policy)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (stream.Current.Consumers.Find(consumer.Arn) is not { Status: ConsumerStatus.Active } present)
                return false;
            if (!await _table.SetPolicyAsync(present.Id, policy, CancellationToken.None).ConfigureAwait(false))
                return false;
            Change(stream, present, now => now with { Policy = policy });
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>How many consumers a stream may have.</summary>
    public int LimitOf(DataStream stream) =>
        stream.Current.Row.Mode == StreamMode.OnDemand && _engine.Accounts.CommitmentOf(stream.Name.Account, stream.Name.Region).IsOn
            ? KinesisLimits.MaxConsumersWithCommitment
            : KinesisLimits.MaxConsumers;

    /// <summary>No change may be under way.</summary>
    public void Dispose() => _turn.Dispose();

    /// <summary>Takes over what the catalog has of a stream's consumers, and finishes what a crash interrupted.</summary>
    internal async Task OpenAsync(DataStream stream, IReadOnlyList<(ConsumerRow Consumer, StreamTags Tags)> known)
    {
        var consumers = known.Select(entry => ConsumerOf(stream, entry.Consumer, entry.Tags)).ToList();
        stream.Publish(now => now with { Consumers = consumers.Aggregate(now.Consumers, (list, consumer) => list.With(consumer)) });
        foreach (var consumer in consumers)
        {
            if (consumer.Status == ConsumerStatus.Creating)
                await _transitions.SettleAsync(() => ActivateAsync(stream, consumer)).ConfigureAwait(false);
            else if (consumer.Status == ConsumerStatus.Deleting)
                await _transitions.SettleAsync(() => RemoveAsync(stream, consumer)).ConfigureAwait(false);
        }
    }

    private RegisterOutcome Check(DataStream stream, string name)
    {
        var snapshot = stream.Current;
        if (snapshot.Consumers.Find(name) is not null)
            return RegisterOutcome.AlreadyExists;
        if (snapshot.Row.Status != StreamStatus.Active)
            return RegisterOutcome.NotActive;
        if (snapshot.Consumers.Count >= LimitOf(stream))
            return RegisterOutcome.TooMany;
        var creating = _engine.Streams.All
            .Where(other => other.Name.Account == stream.Name.Account && other.Name.Region == stream.Name.Region)
            .Sum(other => other.Current.Consumers.All.Count(consumer => consumer.Status == ConsumerStatus.Creating));
        return creating >= KinesisLimits.MaxConsumersCreating ? RegisterOutcome.TooManyCreating : RegisterOutcome.Registered;
    }

    private async Task ActivateAsync(DataStream stream, StreamConsumer consumer)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            // Deregistered meanwhile, and perhaps registered again, or gone with its stream.
            if (stream.Current.Consumers.Find(consumer.Arn) is not { Status: ConsumerStatus.Creating } present || present.Id != consumer.Id)
                return;
            await _table.SetStatusAsync(consumer.Id, ConsumerStatus.Active, CancellationToken.None).ConfigureAwait(false);
            Change(stream, consumer, static now => now with { Status = ConsumerStatus.Active });
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RemoveAsync(DataStream stream, StreamConsumer consumer)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await _table.RemoveAsync(consumer.Id, CancellationToken.None).ConfigureAwait(false);
            stream.Publish(now => now with { Consumers = now.Consumers.Without(consumer.Name) });
            _gone[(stream.Id, consumer.Name)] = consumer.Arn.CreatedSeconds;
        }
        finally
        {
            _turn.Release();
        }
    }

    // A consumer that is registered again is another one, also within a second (spec section 5.9): its time then runs ahead of the clock.
    private long CreationSeconds(DataStream stream, string name)
    {
        var now = _engine.Time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (key, seconds) in _gone)
        {
            if (seconds < now)
                _gone.Remove(key);
        }

        return _gone.TryGetValue((stream.Id, name), out var earlier) ? earlier + 1 : now;
    }

    private static void Change(DataStream stream, StreamConsumer consumer, Func<StreamConsumer, StreamConsumer> change) => stream.Publish(
        now => now with { Consumers = now.Consumers.With(change(now.Consumers.Find(consumer.Name)!)) });

    private static StreamConsumer ConsumerOf(DataStream stream, ConsumerRow row, StreamTags tags) =>
        new(row.Id, new ConsumerArn(stream.Name, row.Name, row.CreatedAt.ToUnixTimeSeconds()), row.Status) { Tags = tags, Policy = row.Policy };
}

/// <summary>What became of a RegisterStreamConsumer.</summary>
public enum RegisterOutcome
{
    /// <summary>The consumer is in the catalog.</summary>
    Registered,

    /// <summary>The stream has a consumer of this name, in whatever status.</summary>
    AlreadyExists,

    /// <summary>The stream is in a status that takes no changes.</summary>
    NotActive,

    /// <summary>The stream has as many consumers as it may.</summary>
    TooMany,

    /// <summary>The account has as many consumers in CREATING as it may.</summary>
    TooManyCreating,
}
