using System.Collections.Concurrent;
using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

/// <summary>The ids of answers, from several threads and over many refills of their stocks: in their form, and never twice.</summary>
public sealed class RequestIdsTests
{
    private const int Threads = 4;
    private const int IdsOfThread = 1000;

    [Fact]
    public void Request_ids_are_UUIDs_of_version_4_and_never_repeat()
    {
        var ids = Make(RequestIds.NewRequestId);
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Extended_ids_are_72_bytes_in_base64_and_never_repeat()
    {
        var ids = Make(RequestIds.NewExtendedId);
        Assert.All(ids, id => Assert.Equal(72, Convert.FromBase64String(id).Length));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    private static ConcurrentBag<string> Make(Func<string> make)
    {
        var ids = new ConcurrentBag<string>();
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < IdsOfThread; i++)
                ids.Add(make());
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(Threads * IdsOfThread, ids.Count);
        return ids;
    }
}
