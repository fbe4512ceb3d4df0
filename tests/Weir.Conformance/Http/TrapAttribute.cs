using System.Globalization;
using Xunit.v3;

namespace Weir.Conformance.Http;

/// <summary>
/// Says which point of spec section 12, "What emulators get wrong", a test stands for. What needs a clock that a test can move (5 seconds
/// after a full read, 300,000 milliseconds of an iterator, a day of retention, 5 minutes of a subscription) is tested to the millisecond
/// in Weir.Server.Tests; here is what any client sees of it.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class TrapAttribute(int number) : Attribute, ITraitAttribute
{
    /// <summary>The point's number, from 1 to 22.</summary>
    public int Number => number;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [KeyValuePair.Create("Trap", number.ToString("00", CultureInfo.InvariantCulture))];
}

/// <summary>No point of the list is without a test.</summary>
public sealed class TrapListTests
{
    private const int Points = 22;

    [Fact]
    public void Every_point_of_the_list_has_a_test() => Assert.Equal(
        Enumerable.Range(1, Points),
        typeof(TrapListTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes(typeof(TrapAttribute), inherit: false)).Cast<TrapAttribute>()
            .Select(trap => trap.Number).Distinct().Order());
}
