using Weir.Model;

namespace Weir.Streams;

/// <summary>Changes of which a stream may have a number in a rolling day. The numbers are in the catalog.</summary>
public enum RollingQuota
{
    /// <summary>Scalings: <see cref="KinesisLimits.MaxScalingsPerPeriod"/>.</summary>
    Scaling = 1,

    /// <summary>Changes of the mode: <see cref="KinesisLimits.MaxModeChangesPerPeriod"/>.</summary>
    Mode = 2,

    /// <summary>Starts and stops of encryption: <see cref="KinesisLimits.MaxEncryptionChangesPerPeriod"/>.</summary>
    Encryption = 3,
}

/// <summary>One change that a rolling quota counts.</summary>
/// <param name="Quota">Which quota.</param>
/// <param name="At">When the change was accepted.</param>
public readonly record struct QuotaUse(RollingQuota Quota, DateTimeOffset At)
{
    /// <summary>Uses up to this moment no longer count.</summary>
    public static DateTimeOffset CountedAfter(DateTimeOffset now) => now - KinesisLimits.QuotaPeriod;

    /// <summary>How many uses a stream may have in a rolling day.</summary>
    public static int LimitOf(RollingQuota quota) => quota switch
    {
        RollingQuota.Scaling => KinesisLimits.MaxScalingsPerPeriod,
        RollingQuota.Mode => KinesisLimits.MaxModeChangesPerPeriod,
        RollingQuota.Encryption => KinesisLimits.MaxEncryptionChangesPerPeriod,
        _ => throw new ArgumentOutOfRangeException(nameof(quota), quota, "There is no such quota."),
    };
}
