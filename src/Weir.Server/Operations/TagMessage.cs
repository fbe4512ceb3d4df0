using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>A tag as responses show it.</summary>
internal static class TagMessage
{
    public static Tag Of(KeyValuePair<string, string> tag) => new() { Key = tag.Key, Value = tag.Value };
}
