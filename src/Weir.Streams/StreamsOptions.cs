using Weir.Model;

namespace Weir.Streams;

/// <summary>Settings of the stream engine.</summary>
public sealed class StreamsOptions
{
    /// <summary>Whether per-shard rates are enforced. Sizes and counts always are.</summary>
    /// <value>Default true: the limits of Kinesis, <see cref="KinesisLimits"/>.</value>
    public bool EnforceRates { get; init; } = true;

    /// <summary>How long CREATING, UPDATING and DELETING last at least before the change takes place.</summary>
    /// <value>Zero to one hour. Default zero: the change has happened when the call is answered; only a scaling goes on afterwards.</value>
    public TimeSpan TransitionDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How often expired records' segments are deleted. Reads never show an expired record, whatever this is.</summary>
    /// <value>One second to 30 days. Default one minute.</value>
    public TimeSpan RetentionSweepInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a put waits for the children of a shard that closed under it.</summary>
    /// <value>Default 10 seconds; then its records fail and the client sends them again.</value>
    public TimeSpan ReshardWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether puts go on where their commit has ended, which is fast; their callers must then never block (<see cref="Weir.Log.AppendBatch.AnsweredInPlace"/>).</summary>
    /// <value>Default false: they go on on a thread of the pool.</value>
    public bool AnswersInPlace { get; init; }

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, the value and the range.</exception>
    public void Validate()
    {
        if (TransitionDelay < TimeSpan.Zero || TransitionDelay > TimeSpan.FromHours(1))
            throw new ArgumentOutOfRangeException(nameof(TransitionDelay), TransitionDelay, "TransitionDelay must be between zero and one hour.");
        // The upper bound keeps clear of what a timer can count.
        if (RetentionSweepInterval < TimeSpan.FromSeconds(1) || RetentionSweepInterval > TimeSpan.FromDays(30))
            throw new ArgumentOutOfRangeException(nameof(RetentionSweepInterval), RetentionSweepInterval, "RetentionSweepInterval must be between one second and 30 days.");
        if (ReshardWait <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(ReshardWait), ReshardWait, "ReshardWait must be longer than zero.");
    }
}
