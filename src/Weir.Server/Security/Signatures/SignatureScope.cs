using System.Buffers;
using System.Text;
using Weir.Protocol;

namespace Weir.Server.Security.Signatures;

/// <summary>The parts of a credential: whose key, for which day, region and service (spec section 4.2, checks 2 and 3).</summary>
internal readonly ref struct SignatureScope
{
    /// <summary>The service that Kinesis's signatures name.</summary>
    public const string Service = "kinesis";

    /// <summary>How every scope ends.</summary>
    public const string Terminator = "aws4_request";

    // Longest region that AWS has is far below this; a longer text is no region.
    private const int MaxRegionCharacters = 64;

    // A region becomes part of ARNs and of the catalog's keys.
    private static readonly SearchValues<char> RegionCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>The access key id.</summary>
    public ReadOnlySpan<char> AccessKeyId { get; private init; }

    /// <summary>The day, as <c>20260101</c>.</summary>
    public ReadOnlySpan<char> Date { get; private init; }

    /// <summary>The region.</summary>
    public ReadOnlySpan<char> Region { get; private init; }

    /// <summary>Everything after the key: what the string to sign repeats.</summary>
    public ReadOnlySpan<char> Text { get; private init; }

    private ReadOnlySpan<char> ServiceName { get; init; }

    private ReadOnlySpan<char> End { get; init; }

    /// <summary>Takes a credential apart.</summary>
    /// <returns>Null, or the refusal of a credential that has not five parts.</returns>
    public static KinesisError? Parse(ReadOnlySpan<char> credential, out SignatureScope scope)
    {
        scope = default;
        Span<Range> parts = stackalloc Range[6];
        if (credential.Split(parts, '/') != 5)
            return KinesisErrors.CredentialMalformed(credential.ToString());
        scope = new SignatureScope
        {
            AccessKeyId = credential[parts[0]],
            Date = credential[parts[1]],
            Region = credential[parts[2]],
            ServiceName = credential[parts[3]],
            End = credential[parts[4]],
            Text = credential[(parts[0].End.Value + 1)..],
        };
        return null;
    }

    /// <summary>Whether a text can be a region.</summary>
    public static bool IsRegion(ReadOnlySpan<char> text) =>
        !text.IsEmpty && text.Length <= MaxRegionCharacters && !text.ContainsAnyExcept(RegionCharacters);

    /// <summary>Checks everything but the key against the request.</summary>
    /// <param name="time">The request's time, as <c>20260101T120000Z</c>.</param>
    /// <returns>Null, or everything that is wrong, in one text.</returns>
    public KinesisError? Check(string time)
    {
        var isDay = Date.SequenceEqual(time.AsSpan(0, 8));
        var isRegion = IsRegion(Region);
        if (isRegion && isDay && ServiceName is Service && End is Terminator)
            return null;
        var faults = new StringBuilder();
        if (!isRegion)
            faults.Append(KinesisErrors.ScopeOfNoRegion(Region.ToString()));
        if (ServiceName is not Service)
            faults.Append(KinesisErrors.ScopeOfOtherService);
        if (End is not Terminator)
            faults.Append(KinesisErrors.ScopeOfOtherTerminator(End.ToString()));
        if (!isDay)
            faults.Append(KinesisErrors.ScopeOfOtherDay(Date.ToString(), time));
        return KinesisErrors.ScopeWrong(faults.ToString());
    }
}
