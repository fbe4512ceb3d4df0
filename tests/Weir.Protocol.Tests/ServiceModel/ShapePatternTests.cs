using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Weir.Protocol.Tests;

public sealed class ShapePatternTests
{
    private static readonly ShapePattern[] Patterns =
    [
        .. Protocol.ServiceModel.Kinesis.Shapes.Values.Select(shape => shape.Pattern).OfType<ShapePattern>().DistinctBy(pattern => pattern.Text),
    ];

    // The framework's expressions, told to be Java's, are the reference. Values are made from pieces of the pattern's own text, so
    // that many match and the rest fail late.
    [Fact]
    public void Patterns_match_what_a_regular_expression_matches() => Prop.ForAll(
        Gen.Elements(Patterns).ToArbitrary(),
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        (pattern, seed) =>
        {
            var value = Value(pattern.Text, new Random(seed));
            return pattern.IsMatch(value) == Regex.IsMatch(value, $@"\A(?:{Java(pattern.Text)})\z", RegexOptions.CultureInvariant);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Theory]
    [InlineData("HashKey", "0", true)]
    [InlineData("HashKey", "01", false)]
    [InlineData("HashKey", "999999999999999999999999999999999999999", true)]
    [InlineData("HashKey", "1000000000000000000000000000000000000000", false)]
    [InlineData("HashKey", "", false)]
    [InlineData("StreamName", "a.b_c-D9", true)]
    [InlineData("StreamName", "", false)]
    [InlineData("StreamName", "\u00E4", false)]
    [InlineData("StreamId", "abcdefghij0123456789-a1b", true)]
    [InlineData("StreamId", "abcdefghij0123456789-A1b", false)]
    [InlineData("ConsumerARN", "arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1600000000", true)]
    [InlineData("ConsumerARN", "arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c", false)]
    [InlineData("LogStreamName", "a:b", false)]
    [InlineData("LogStreamName", "a\nb", true)]
    [InlineData("S3BucketARN", "arn:aws:s3:::my.bucket-1", true)]
    [InlineData("S3BucketARN", "arn:aws:s3:::UP", false)]
    [InlineData("OutputKeyTemplate", "a/{b}=(c)*'!.x:-_", true)]
    public void Patterns_match_what_they_say(string shape, string value, bool matches) =>
        Assert.Equal(matches, Protocol.ServiceModel.Kinesis.Shapes[shape].Pattern!.IsMatch(value));

    [Fact]
    public void Matching_allocates_nothing()
    {
        var pattern = Protocol.ServiceModel.Kinesis.Shapes["StreamARN"].Pattern!;
        Assert.Equal(0, Allocations.Of(() => pattern.IsMatch("arn:aws:kinesis:us-east-1:000000000000:stream/orders")));
    }

    [Theory]
    [InlineData("a?")]
    [InlineData("\\w")]
    [InlineData("a$")]
    [InlineData("(a")]
    [InlineData("a)")]
    public void What_no_pattern_of_the_model_uses_is_refused(string pattern) =>
        Assert.Throws<NotSupportedException>(() => PatternParser.Parse(pattern));

    private static string Value(string pattern, Random random)
    {
        string[] pieces =
        [
            "arn:aws", "-cn", ":kinesis:", "us-east-1", ":000000000000:", "stream/", "channel/", "orders", "/consumer/c", ":1600000000",
            ":iam::", "role/", ":s3:::", ":glue:", ":schema/", ":s3tables:", ":bucket/", "0", "7", "12", "abcdefghij0123456789-a1b",
            "_", "-", ".", "A", "z", " ", "\n", "\u2028", "\u00A0", "\u0660", "\u20AC", "{", "*", "'",
        ];
        var text = new StringBuilder();
        if (random.Next(2) == 0 && pattern.StartsWith("arn", StringComparison.Ordinal))
            text.Append(Regex.Replace(pattern, @"\.\*|\[[^]]*\](\+|\{[^}]*\})|\\S\+|\\d\{12\}", match => match.Value.StartsWith("\\d", StringComparison.Ordinal) ? "123456789012" : "abc"));
        for (var count = random.Next(text.Length > 0 ? 3 : 12); count > 0; count--)
            text.Insert(random.Next(text.Length + 1), random.Next(3) == 0 ? pieces[random.Next(pieces.Length)] : ((char)random.Next(32, 127)).ToString());
        return text.ToString();
    }

    private static string Java(string pattern) =>
        Regex.Replace(pattern, @"\[[^]]*\]|\\.|\.", match => match.Value switch
        {
            "." => @"[^\n\r\u0085\u2028\u2029]",
            @"\d" => "[0-9]",
            @"\S" => @"[^ \t\n\v\f\r]",
            // Java takes an escaped underscore, .NET does not.
            var other => other.Replace(@"\_", "_", StringComparison.Ordinal),
        });
}
