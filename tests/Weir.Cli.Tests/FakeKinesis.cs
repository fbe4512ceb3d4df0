using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Weir.Client;

namespace Weir.Cli.Tests;

/// <summary>Answers a client's requests from a function of the operation's name and the request.</summary>
internal sealed class FakeKinesis(Func<string, JsonNode, Task<JsonNode>> answer) : HttpMessageHandler
{
    public KinesisClient Connect(TimeProvider time, int maxAttempts = 1) => new(new KinesisClientOptions
    {
        Endpoint = new Uri("http://127.0.0.1:1"),
        Region = "us-east-1",
        Credentials = new BasicAWSCredentials("any", "any"),
        MaxAttempts = maxAttempts,
        MessageHandler = this,
        TimeProvider = time,
    });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var operation = request.Headers.GetValues("X-Amz-Target").Single().Split('.')[1];
        var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
        try
        {
            return Response(HttpStatusCode.OK, await answer(operation, body));
        }
        catch (Refusal refusal)
        {
            return Response(HttpStatusCode.BadRequest, new JsonObject { ["__type"] = refusal.Code, ["message"] = "No." });
        }
    }

    private static HttpResponseMessage Response(HttpStatusCode status, JsonNode body) =>
        new(status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/x-amz-json-1.1") };

    /// <summary>The request is refused with this error.</summary>
    public sealed class Refusal(string code) : Exception("Refused.")
    {
        public string Code => code;
    }
}
