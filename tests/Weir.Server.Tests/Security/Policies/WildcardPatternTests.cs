using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Weir.Server.Security.Policies;

namespace Weir.Server.Tests.Security.Policies;

public sealed class WildcardPatternTests
{
    [Theory]
    [InlineData("*", "")]
    [InlineData("", "")]
    [InlineData("a*", "a")]
    [InlineData("a*c", "abbbc")]
    [InlineData("a*b*c", "aXbYbc")]
    [InlineData("?", "x")]
    [InlineData("a?c*", "abc")]
    [InlineData("**", "anything/at:all")]
    [InlineData("*aab", "aaaab")]
    public void It_matches(string pattern, string text) => Assert.True(new WildcardPattern(pattern).IsMatch(text));

    [Theory]
    [InlineData("", "a")]
    [InlineData("?", "")]
    [InlineData("a", "A")]
    [InlineData("a*c", "abb")]
    [InlineData("a.c", "abc")]
    [InlineData("*aab", "aaaba")]
    [InlineData("a?", "a")]
    public void It_does_not_match(string pattern, string text) => Assert.False(new WildcardPattern(pattern).IsMatch(text));

    [Fact]
    public void The_framework_s_regular_expressions_agree()
    {
        var text = Gen.Elements("abAB/:*?".ToCharArray()).ArrayOf().Select(characters => new string(characters));
        Prop.ForAll(text.Zip(text).ToArbitrary(), pair =>
        {
            var (pattern, value) = pair;
            var expression = $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}$";
            return Regex.IsMatch(value, expression, RegexOptions.Singleline) == new WildcardPattern(pattern).IsMatch(value)
                && Regex.IsMatch(value, expression, RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)
                    == new WildcardPattern(pattern, ignoreCase: true).IsMatch(value);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_pattern_of_stars_costs_no_more_than_its_length_times_the_text_s()
    {
        // A matcher that tries every star anew would not come back from this.
        var pattern = string.Concat(Enumerable.Repeat("*a", 500));
        Assert.False(new WildcardPattern(pattern + "b").IsMatch(new string('a', 10_000)));
    }
}
