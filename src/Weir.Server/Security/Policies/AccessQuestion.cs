using Weir.Protocol;

namespace Weir.Server.Security.Policies;

/// <summary>One thing that has to be allowed before a request is carried out.</summary>
/// <param name="Operation">The operation that the action is named after.</param>
/// <param name="Resource">The ARN of what it is done to, or <see cref="Everything"/>.</param>
/// <param name="ResourceAccount">The account that the resource belongs to.</param>
/// <param name="Facts">What conditions ask.</param>
internal readonly record struct AccessQuestion(KinesisOperation Operation, string Resource, string ResourceAccount, AccessFacts Facts)
{
    /// <summary>The resource of an operation that is about no resource in particular, such as ListStreams.</summary>
    public const string Everything = "*";

    /// <summary>What policies call the operation.</summary>
    public string Action => $"kinesis:{Operation.Name}";
}
