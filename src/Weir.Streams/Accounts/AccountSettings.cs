using System.Collections.Concurrent;
using Weir.Streams.Catalog;

namespace Weir.Streams.Accounts;

/// <summary>The settings of accounts in regions: their throughput commitments. A change is durable when its call returns.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class AccountSettings : IDisposable
{
    private readonly StreamEngine _engine;
    private readonly CommitmentTable _table;

    // As they were last changed. An account that never committed itself is not here.
    private readonly ConcurrentDictionary<(string Account, string Region), Commitment> _commitments = new();

    // The catalog and the memory change in the same order. Held across catalog I/O.
    private readonly SemaphoreSlim _turn = new(1, 1);

    internal AccountSettings(StreamEngine engine, CommitmentTable table) => (_engine, _table) = (engine, table);

    /// <summary>An account's commitment as it is now.</summary>
    public Commitment CommitmentOf(string account, string region) =>
        _commitments.GetValueOrDefault((account, region), Commitment.None).At(_engine.Now());

    /// <summary>Begins, ends or prolongs an account's commitment.</summary>
    /// <param name="account">The account.</param>
    /// <param name="region">The region.</param>
    /// <param name="enabled">Whether there shall be a commitment.</param>
    /// <returns>The commitment as it is now; null when it cannot end, since streams still have warm throughput.</returns>
    public async Task<Commitment?> SetCommitmentAsync(string account, string region, bool enabled)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!enabled && HasWarmThroughput(account, region))
                return null;
            var present = CommitmentOf(account, region);
            var now = _engine.Now();
            var changed = enabled ? present.Enable(now) : present.Disable(now);
            if (changed != present)
            {
                await _table.SetAsync(account, region, changed, CancellationToken.None).ConfigureAwait(false);
                _commitments[(account, region)] = changed;
            }

            return changed;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>No change may be under way.</summary>
    public void Dispose() => _turn.Dispose();

    /// <summary>Takes over what the catalog has.</summary>
    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var (account, region, commitment) in await _table.LoadAsync(cancellationToken).ConfigureAwait(false))
            _commitments[(account, region)] = commitment;
    }

    private bool HasWarmThroughput(string account, string region) => _engine.Streams.All.Any(
        stream => stream.Name.Account == account && stream.Name.Region == region && stream.Current.Row is { WarmMibps: > 0, Status: not StreamStatus.Deleting });
}
