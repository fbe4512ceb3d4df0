using Weir.Model;

namespace Weir.Protocol;

// Tags. Spec section 7.8.
public static partial class KinesisErrors
{
    /// <summary>A key or value has a character that no tag may have. Spec section 7.8, check 1.</summary>
    public static KinesisError TagCharactersInvalid { get; } = InvalidArgument(
        $"Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.");

    /// <summary>A tag to add has a character that passes the first check and no other. Spec section 7.8, check 2.</summary>
    public static KinesisError TagsToAddIllegal(StreamName stream) => InvalidArgument(
        $"Failed to add tags to stream {stream.Name} under account {stream.Account} because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.");

    /// <summary>The same for keys to remove. Spec section 7.8, check 2.</summary>
    public static KinesisError TagsToRemoveIllegal(StreamName stream) => InvalidArgument(
        $"Failed to remove tags from stream {stream.Name} under account {stream.Account} because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.");

    /// <summary>The stream would have too many tags. Spec section 7.8, check 3; recorded when the limit was 10.</summary>
    public static KinesisError TooManyTags(StreamName stream) => InvalidArgument(
        $"Failed to add tags to stream {stream.Name} under account {stream.Account} because a given stream cannot have more than {KinesisLimits.MaxTags} tags associated with it.");

    /// <summary>The service keeps keys that begin with aws: to itself. Spec section 7.8, check 4; text ours.</summary>
    public static KinesisError TagKeyReserved(string key) =>
        InvalidArgument($"The tag key {key} is reserved: keys that begin with aws: cannot be added or removed.");

    /// <summary>A ResourceARN that names neither a stream nor anything else here. Text ours.</summary>
    public static KinesisError ResourceNotFound(string arn) => NotFound($"Resource {arn} not found.");

    /// <summary>The ResourceARN's region is not the endpoint's. Spec section 2.7; text ours.</summary>
    public static KinesisError ResourceArnOfOtherRegion(string arn, string region) =>
        InvalidArgument($"ResourceARN {arn} does not belong to the region {region}.");
}
