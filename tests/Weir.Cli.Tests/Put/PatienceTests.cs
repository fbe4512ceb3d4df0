using Weir.Cli.Put;
using Weir.TestKit;

namespace Weir.Cli.Tests.Put;

public sealed class PatienceTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Patience _patience;

    public PatienceTests() => _patience = new Patience(TimeSpan.FromSeconds(30), _time);

    [Fact]
    public void It_ends_when_nothing_gets_through_for_its_length()
    {
        Assert.False(After(30, settled: 0, areWaiting: true));
        Assert.True(After(1, settled: 0, areWaiting: true));
    }

    [Fact]
    public void A_single_record_renews_it()
    {
        Assert.False(After(29, settled: 1, areWaiting: true));
        Assert.False(After(30, settled: 1, areWaiting: true));
        Assert.True(After(1, settled: 1, areWaiting: true));
    }

    [Fact]
    public void While_nothing_waits_it_does_not_run()
    {
        Assert.False(After(3600, settled: 5, areWaiting: false));
        Assert.False(After(30, settled: 5, areWaiting: true));
        Assert.True(After(1, settled: 5, areWaiting: true));
    }

    [Fact]
    public void A_count_that_falls_and_comes_back_is_no_progress()
    {
        Assert.False(After(10, settled: 5, areWaiting: true));
        Assert.False(After(10, settled: 3, areWaiting: true));
        Assert.False(After(10, settled: 5, areWaiting: true));
        Assert.True(After(11, settled: 5, areWaiting: true));
    }

    private bool After(int seconds, long settled, bool areWaiting)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return _patience.IsOver(settled, areWaiting);
    }
}
