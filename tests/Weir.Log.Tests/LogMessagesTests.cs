using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Weir.Log.Tests;

public sealed class LogMessagesTests
{
    [Fact]
    public void Event_ids_are_unique_and_in_this_projects_range()
    {
        var ids = typeof(SegmentedLogStore).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>().ToArray();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, 1000, 1999));
    }
}
