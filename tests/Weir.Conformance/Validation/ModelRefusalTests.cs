using System.Formats.Cbor;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Conformance.Http;
using Weir.Oracle;

namespace Weir.Conformance.Validation;

/// <summary>
/// What the model refuses, asked of a real server: every rule of every operation that it has, in JSON over HTTP/1.1 and in CBOR over
/// HTTP/2, answered with the texts of an oracle that shares no code with the product. And the order of judgement: types, then
/// constraints, then what only the operation knows. An operation that the server lacks is skipped by name.
/// </summary>
public sealed class ModelRefusalTests(ServedOperations served) : IClassFixture<ServedOperations>
{
    private const int Seed = 2026;
    private const int MixedRequests = 50;
    private const int InFlight = 4;

    // No such stream, consumer or shard: each request is refused by its operation if the model lets it through.
    private const string Nowhere = "arn:aws:kinesis:us-east-1:000000000000:stream/nowhere";

    public static TheoryData<string> Operations => [.. ModelFile.Operations.Select(operation => operation.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Every_rule_of_the_model_is_told_in_both_encodings(string name)
    {
        var operation = served.Require(name);
        var generator = new RequestGenerator(new Random(Seed), mistakes: 0.35);
        var mixed = Enumerable.Range(0, MixedRequests).Select(number => new RequestSample(operation, $"seed {Seed}, request {number}", generator.Request(operation).ToJsonString()));
        var requests = ConstraintViolations.Of(operation).Concat(TypeViolations.Of(operation)).Concat(mixed).Where(request => request.Expected is not null);
        using var json = HttpVersions.Connect(served.Endpoint, "1.1");
        using var cbor = HttpVersions.Connect(served.Endpoint, "2.0");
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (request, _) =>
        {
            AssertRefused(request, await SendAsync(json, request, KinesisHttp.JsonType));
            AssertRefused(request, await SendAsync(cbor, request, KinesisHttp.CborType));
        });
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Types_come_before_constraints_and_constraints_before_the_operations_own_errors(string name)
    {
        var operation = served.Require(name);
        using var http = new KinesisHttp(served.Endpoint);
        foreach (var contentType in new[] { KinesisHttp.JsonType, KinesisHttp.CborType })
        {
            var (request, isRefused) = Refused(operation);
            if (isRefused)
            {
                var own = await SendAsync(http, new RequestSample(operation, "as it should be", request.ToJsonString()), contentType);
                Assert.Equal(HttpStatusCode.BadRequest, own.Status);
                Assert.NotEqual("SerializationException", Read(own, contentType).Code);
                Assert.DoesNotContain("failed to satisfy constraint", Read(own, contentType).Text, StringComparison.Ordinal);
            }

            if (operation.Input.Members.Count == 0)
                continue;
            var broken = ConstraintViolations.Of(operation).Last(sample => sample.Json.Length < 10_000);
            var member = broken.What.Split([' ', ':'])[0];
            request[member] = broken.Tree[member]?.DeepClone();
            var constraint = new RequestSample(operation, broken.What, request.ToJsonString());
            Assert.Equal("ValidationException", constraint.Expected?.Code);
            AssertRefused(constraint, await SendAsync(http, constraint, contentType));

            var wrong = TypeViolations.Of(operation).Last(sample => sample.What.Split(' ')[0] != member || operation.Input.Members.Count == 1);
            request[wrong.What.Split(' ')[0]] = wrong.Tree[wrong.What.Split(' ')[0]]?.DeepClone();
            var type = new RequestSample(operation, wrong.What, request.ToJsonString());
            Assert.Equal("SerializationException", type.Expected?.Code);
            AssertRefused(type, await SendAsync(http, type, contentType));
        }
    }

    // A request that keeps the model and that its operation refuses; the few operations that refuse nothing before they act are told.
    private static (JsonObject Request, bool IsRefused) Refused(ModelOperation operation)
    {
        var request = new RequestGenerator(new Random(Seed)).Least(operation);
        foreach (var member in operation.Input.Members)
        {
            if (member.Name is "StreamARN" or "ResourceARN")
                request[member.Name] = Nowhere;
            else if (member.Name == "ConsumerARN")
                request[member.Name] = Nowhere + "/consumer/nobody:1";
            else if (member.Name == "ChannelARN")
                request[member.Name] = Nowhere.Replace("stream/", "channel/", StringComparison.Ordinal);
        }

        if (operation.Name == "CreateStream")
            request["StreamModeDetails"] = new JsonObject { ["StreamMode"] = "PROVISIONED" };
        if (operation.Name == "ListStreams")
            request["NextToken"] = "none of ours";
        var refusesNothing = operation.Name is "DescribeLimits" or "DescribeAccountSettings" or "UpdateAccountSettings" or "CreateChannel" or "ListChannels";
        return (request, !refusesNothing);
    }

    private static Task<KinesisReply> SendAsync(KinesisHttp http, RequestSample request, string contentType) => http.SendAsync(
        HttpMethod.Post,
        contentType == KinesisHttp.CborType ? CborForm.Of(request.Operation, request.Tree) : Encoding.UTF8.GetBytes(request.Json),
        contentType,
        KinesisHttp.TargetPrefix + request.Operation.Name);

    private static void AssertRefused(RequestSample request, KinesisReply reply)
    {
        var contentType = reply.Header("Content-Type")!;
        var expected = request.Expected! with { Text = JavaText.WithoutHashCodes(request.Expected.Text) };
        var answer = Read(reply, contentType);
        if (reply.Status != HttpStatusCode.BadRequest || answer != expected)
            Assert.Fail($"{request}, as {contentType}\nexpected: {expected}\nanswered: {(int)reply.Status} {answer}\n{(request.Json.Length <= 2000 ? request.Json : "a long body")}");
        Assert.Equal(expected.Code, reply.Header("x-amzn-ErrorType"));
    }

    // An error has a code, a text and nothing else.
    private static ExpectedRefusal Read(KinesisReply reply, string contentType)
    {
        var members = contentType == KinesisHttp.CborType ? ReadCbor(reply.Body) : reply.Json.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.ToString());
        Assert.True(members.Count == 2 && members.ContainsKey("__type"), reply.ToString());
        var text = members.Single(member => member.Key != "__type");
        return new ExpectedRefusal(members["__type"], JavaText.WithoutHashCodes(text.Value), text.Key);
    }

    private static Dictionary<string, string> ReadCbor(byte[] body)
    {
        var members = new Dictionary<string, string>();
        var reader = new CborReader(body);
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
            members.Add(reader.ReadTextString(), reader.ReadTextString());
        reader.ReadEndMap();
        return members;
    }
}
