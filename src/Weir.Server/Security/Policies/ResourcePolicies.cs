using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text;
using Weir.Model;
using Weir.Protocol;

namespace Weir.Server.Security.Policies;

/// <summary>The policies of streams and consumers: which ones there can be, and the ones in force, read. Thread-safe.</summary>
internal static class ResourcePolicies
{
    // What AWS lets a resource policy share (spec section 7.9).
    private static readonly FrozenSet<KinesisOperation> OfStreams = FrozenSet.Create(
        KinesisOperation.DescribeStream,
        KinesisOperation.DescribeStreamSummary,
        KinesisOperation.GetRecords,
        KinesisOperation.GetShardIterator,
        KinesisOperation.ListShards,
        KinesisOperation.PutRecord,
        KinesisOperation.PutRecords);

    private static readonly FrozenSet<KinesisOperation> OfConsumers = FrozenSet.Create(
        KinesisOperation.DescribeStreamConsumer, KinesisOperation.SubscribeToShard);

    // A stored text that this version cannot read any more may have been a denial. Whatever can be shared is shared with nobody then.
    private static readonly PolicyDocument Unreadable = new([
        new PolicyStatement { IsDeny = true, Actions = ActionSet.Of([.. OfStreams, .. OfConsumers]), Resources = ResourceSet.All },
    ]);

    // By the text's identity, which lives in the stream's snapshot: with the policy its reading goes.
    private static readonly ConditionalWeakTable<string, PolicyDocument> InForce = [];

    /// <summary>The policy that a stream or consumer has.</summary>
    /// <param name="text">The text as it was put; read once.</param>
    public static PolicyDocument Of(string text) =>
        InForce.GetValue(text, static text => PolicyReader.Read(text, PolicyKind.Resource, out _) ?? Unreadable);

    /// <summary>Whether a text can be the policy of a resource.</summary>
    /// <param name="text">The policy.</param>
    /// <param name="arn">The resource's ARN: every statement has to be about it.</param>
    /// <param name="isConsumer">Whether it is a consumer; else it is a stream.</param>
    public static bool CanBe(string text, string arn, bool isConsumer) =>
        Encoding.UTF8.GetByteCount(text) <= KinesisLimits.MaxResourcePolicyBytes
        && PolicyReader.Read(text, PolicyKind.Resource, out _) is { } policy
        && policy.Statements.All(statement =>
            statement.Resources.IsOnly(arn) && statement.Actions.Operations.All((isConsumer ? OfConsumers : OfStreams).Contains)
            && statement.Actions.Operations.Any());
}
