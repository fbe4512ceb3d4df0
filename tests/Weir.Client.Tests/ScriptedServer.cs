using System.Net;
using System.Text;

namespace Weir.Client.Tests;

/// <summary>Answers each request with the next line of its script (the last line again and again) and keeps what it was sent.</summary>
internal sealed class ScriptedServer(params Func<HttpRequestMessage, HttpResponseMessage>[] script) : HttpMessageHandler
{
    private readonly List<Sent> _requests = [];

    public sealed record Sent(string Body, Dictionary<string, string> Headers);

    public IReadOnlyList<Sent> Requests => _requests;

    public DateTimeOffset? Date { get; set; }

    public static Func<HttpRequestMessage, HttpResponseMessage> Ok(string json = "{}") => _ => Answer(HttpStatusCode.OK, json);

    public static Func<HttpRequestMessage, HttpResponseMessage> Refused(string code, string message = "No.", int status = 400) =>
        _ => Answer((HttpStatusCode)status, $$"""{"__type":"{{code}}","message":"{{message}}"}""");

    public static Func<HttpRequestMessage, HttpResponseMessage> Broken() =>
        _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The server closed the connection.");

    public static HttpResponseMessage Answer(HttpStatusCode status, string body)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/x-amz-json-1.1") };
        response.Headers.Add("x-amzn-RequestId", "request-7");
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = request.Headers.Concat(request.Content!.Headers)
            .ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(",", header.Value));
        _requests.Add(new Sent(await request.Content.ReadAsStringAsync(cancellationToken), headers));
        var response = script[Math.Min(_requests.Count, script.Length) - 1](request);
        response.Headers.Date = Date;
        return response;
    }
}
