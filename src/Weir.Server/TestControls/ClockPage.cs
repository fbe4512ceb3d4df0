using Microsoft.AspNetCore.Http;

namespace Weir.Server.TestControls;

/// <summary><c>/_weir/clock</c>: GET shows the clock, POST changes it and answers when the effects are there.</summary>
internal sealed class ClockPage(TestClock clock)
{
    /// <summary>Answers a request.</summary>
    public Task AnswerAsync(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? ShowAsync(http)
        : HttpMethods.IsPost(http.Request.Method) ? ChangeAsync(http)
        : ControlAnswer.RefuseMethodAsync(http, "GET, POST");

    private async Task ChangeAsync(HttpContext http)
    {
        var (document, complaint) = await ControlRequest.ReadAsync(http.Request, http.RequestAborted).ConfigureAwait(false);
        using (document)
        {
            if (complaint is null)
                complaint = ClockChange.Read(document!.RootElement, out var change) ?? await RunAsync(http, change).ConfigureAwait(false);
        }

        if (complaint is not null)
            await ControlAnswer.ComplainAsync(http, StatusCodes.Status400BadRequest, complaint).ConfigureAwait(false);
    }

    private async Task<string?> RunAsync(HttpContext http, ClockChange change)
    {
        var outcome = await clock.ChangeAsync(change).ConfigureAwait(false);
        if (outcome.Trouble is { } trouble)
            await ControlAnswer.ComplainAsync(http, StatusCodes.Status503ServiceUnavailable, trouble).ConfigureAwait(false);
        else if (outcome.IsDone)
            await ShowAsync(http).ConfigureAwait(false);
        return outcome.Complaint;
    }

    private Task ShowAsync(HttpContext http)
    {
        var now = clock.Now;
        return ControlAnswer.SendAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("now", TestClock.Text(now));
            // As the API has its timestamps.
            json.WriteNumber("nowSeconds", now.ToUnixTimeMilliseconds() / 1000m);
            json.WriteBoolean("frozen", clock.IsFrozen);
            json.WriteNumber("aheadSeconds", Math.Round((decimal)clock.Ahead.TotalSeconds, 3));
            json.WriteEndObject();
        });
    }
}
