using System.Globalization;

namespace Weir.Model;

/// <summary>What names a stream: streams of different accounts and regions are apart, whatever they are called.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="Region">The region of the request's credential scope, for example <c>us-east-1</c>.</param>
/// <param name="Name">1 to 128 characters of <c>a-z A-Z 0-9 _ . -</c>.</param>
public readonly record struct StreamName(string Account, string Region, string Name)
{
    /// <summary>The stream's ARN.</summary>
    public string Arn => string.Create(CultureInfo.InvariantCulture, $"arn:{Partition}:kinesis:{Region}:{Account}:stream/{Name}");

    /// <summary>The AWS partition that the region belongs to.</summary>
    private string Partition =>
        Region.StartsWith("cn-", StringComparison.Ordinal) ? "aws-cn"
        : Region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov"
        : "aws";

    /// <summary>Reads <c>arn:&lt;partition&gt;:kinesis:&lt;region&gt;:&lt;account&gt;:stream/&lt;name&gt;</c>.</summary>
    public static bool TryParseArn(string arn, out StreamName stream)
    {
        stream = default;
        var parts = arn.Split(':');
        if (parts.Length != 6 || parts[0] != "arn" || !parts[1].StartsWith("aws", StringComparison.Ordinal) || parts[2] != "kinesis")
            return false;
        const string resource = "stream/";
        if (!parts[5].StartsWith(resource, StringComparison.Ordinal) || parts[5].Length == resource.Length)
            return false;
        stream = new StreamName(parts[4], parts[3], parts[5][resource.Length..]);
        return parts[3].Length > 0 && parts[4].Length == 12;
    }

    /// <summary>The ARN.</summary>
    public override string ToString() => Arn;
}
