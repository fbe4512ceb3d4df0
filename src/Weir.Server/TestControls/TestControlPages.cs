using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Weir.Server.TestControls.Faults;

namespace Weir.Server.TestControls;

/// <summary>The pages of the test controls. There are none without <see cref="WeirServerOptions.TestControls"/>: then the paths answer 404.</summary>
internal sealed class TestControlPages(TestClock clock, FaultList faults)
{
    private const string Clock = "/_weir/clock";
    private const string Faults = "/_weir/faults";

    private readonly ClockPage _clock = new(clock);
    private readonly FaultPage _faults = new(faults);

    /// <summary>Whether a path is one of these.</summary>
    public static bool Answers(PathString path) => path == Clock || path == Faults || IdOf(path) is not null;

    /// <summary>Answers a request. Never throws but for a connection that is gone.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        try
        {
            await (http.Request.Path == Clock ? _clock.AnswerAsync(http) : _faults.AnswerAsync(http, IdOf(http.Request.Path))).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ConnectionAbortedException && http.RequestAborted.IsCancellationRequested)
        {
            // The client hung up; what it asked for is done all the same.
            return;
        }
    }

    private static string? IdOf(PathString path) =>
        path.StartsWithSegments(Faults, out var rest) && rest.Value is { Length: > 1 } id && !id.AsSpan(1).Contains('/') ? id[1..] : null;
}
