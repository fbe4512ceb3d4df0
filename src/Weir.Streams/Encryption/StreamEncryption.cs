using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Encryption;

/// <summary>What became of a change of a stream's encryption.</summary>
public enum EncryptionOutcome
{
    /// <summary>Done, and durable.</summary>
    Changed,

    /// <summary>It was so already.</summary>
    Unchanged,

    /// <summary>The stream is in a status that takes no changes.</summary>
    NotActive,

    /// <summary>The stream was changed so as often as it may be in a rolling day.</summary>
    TooOften,

    /// <summary>The stream is encrypted with another key than the one to stop.</summary>
    OtherKey,

    /// <summary>The key cannot be used.</summary>
    KeyRefused,
}

/// <summary>How a change of a stream's encryption ended.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="KeyState">Why the key was refused; usable otherwise.</param>
public readonly record struct EncryptionResult(EncryptionOutcome Outcome, KeyState KeyState = KeyState.Usable);

/// <summary>Starts and stops the encryption of streams. It holds for new records; those that are there stay as they were written.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class StreamEncryption
{
    private readonly StreamEngine _engine;

    internal StreamEncryption(StreamEngine engine) => _engine = engine;

    /// <summary>Encrypts new records with a key, whatever they were encrypted with before.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="keyId">The key, as the caller names it.</param>
    public async Task<EncryptionResult> StartAsync(DataStream stream, string keyId)
    {
        var name = KeyName.Of(stream.Name, keyId);
        var seen = stream.Current;
        if (seen.Row.Status != StreamStatus.Active)
            return new EncryptionResult(EncryptionOutcome.NotActive);
        if (IsEncryptedWith(seen.Row, name))
            return new EncryptionResult(EncryptionOutcome.Unchanged);
        if (seen.UsesOf(RollingQuota.Encryption, _engine.Now()) >= KinesisLimits.MaxEncryptionChangesPerPeriod)
            return new EncryptionResult(EncryptionOutcome.TooOften);
        if (_engine.Keys.StateOf(name) is var state && state != KeyState.Usable)
            return new EncryptionResult(EncryptionOutcome.KeyRefused, state);
        // The key is there before anybody can see that the stream is encrypted with it. Should the change fail, it serves the next try.
        await _engine.Keys.GetOrCreateAsync(name, CancellationToken.None).ConfigureAwait(false);
        var outcome = await _engine.Settings.ChangeAsync(
            stream, now => IsEncryptedWith(now.Row, name) ? null : now.Row with { KeyId = keyId }, RollingQuota.Encryption).ConfigureAwait(false);
        return ResultOf(outcome);
    }

    /// <summary>Stores new records as they come.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="keyId">The key that it is encrypted with, as the caller names it.</param>
    public async Task<EncryptionResult> StopAsync(DataStream stream, string keyId)
    {
        var name = KeyName.Of(stream.Name, keyId);
        var otherKey = false;
        var outcome = await _engine.Settings.ChangeAsync(
            stream,
            now =>
            {
                otherKey = now.Row.KeyId is not null && !IsEncryptedWith(now.Row, name);
                return now.Row.KeyId is null || otherKey ? null : now.Row with { KeyId = null };
            },
            RollingQuota.Encryption).ConfigureAwait(false);
        return otherKey ? new EncryptionResult(EncryptionOutcome.OtherKey) : ResultOf(outcome);
    }

    private static bool IsEncryptedWith(StreamRow row, KeyName name) => row.KeyId is { } present && KeyName.Of(row.Name, present) == name;

    private static EncryptionResult ResultOf(SettingOutcome outcome) => new(outcome switch
    {
        SettingOutcome.Changed => EncryptionOutcome.Changed,
        SettingOutcome.Unchanged => EncryptionOutcome.Unchanged,
        SettingOutcome.NotActive => EncryptionOutcome.NotActive,
        SettingOutcome.TooOften => EncryptionOutcome.TooOften,
        _ => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of a change of encryption."),
    });
}
