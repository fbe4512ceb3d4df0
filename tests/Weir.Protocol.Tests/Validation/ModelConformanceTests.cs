using System.Text;
using Weir.Oracle;
using Weir.Protocol.Records;
using Weir.Protocol.Validation;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Validation;

/// <summary>
/// Every rule of the service model, at each operation that has it: what <see cref="RequestValidation"/> answers is compared word by
/// word with what an oracle expects that was written from spec section 3 and shares no code with it. First each rule broken alone,
/// then thousands of requests that break several. Each request is asked in JSON and in CBOR.
/// </summary>
public sealed class ModelConformanceTests
{
    private const int Seed = 20131202;
    private const int RequestsPerOperation = 1000;

    public static TheoryData<string> Operations => [.. ModelFile.Operations.Select(operation => operation.Name)];

    [Fact]
    public void The_oracle_knows_the_operations_that_the_product_knows() => Assert.Equal(
        KinesisOperation.All.Select(operation => operation.Name).Order(StringComparer.Ordinal), ModelFile.Operations.Select(operation => operation.Name));

    [Theory]
    [MemberData(nameof(Operations))]
    public void Each_constraint_broken_alone_is_told(string operation)
    {
        foreach (var request in ConstraintViolations.Of(ModelFile.Operation(operation)))
        {
            Assert.Equal("ValidationException", request.Expected?.Code);
            Assert.Contains(WordsOf(request.What), request.Expected!.Text, StringComparison.Ordinal);
            AssertAnswered(request);
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void What_stands_on_a_bound_is_accepted(string operation)
    {
        foreach (var request in ConstraintViolations.AllowedBy(ModelFile.Operation(operation)))
        {
            Assert.Null(request.Expected);
            AssertAnswered(request);
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Each_member_of_a_wrong_type_is_told(string operation)
    {
        foreach (var request in TypeViolations.Of(ModelFile.Operation(operation)))
            AssertAnswered(request);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Requests_that_keep_the_model_are_accepted(string operation)
    {
        foreach (var request in Random(operation, mistakes: 0))
        {
            Assert.Null(request.Expected);
            AssertAnswered(request);
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Several_broken_constraints_are_told_together(string operation)
    {
        var most = 0;
        foreach (var request in Random(operation, mistakes: 0.35))
        {
            AssertAnswered(request);
            most = Math.Max(most, request.Expected?.Text.Split("failed to satisfy").Length - 1 ?? 0);
        }

        // A mix that never has two mistakes tests nothing here.
        Assert.True(most >= Math.Min(2, ConstraintViolations.Of(ModelFile.Operation(operation)).Select(request => request.What.Split([' ', ':'])[0]).Distinct().Count()), $"{most} mistakes at most");
    }

    [Fact]
    public void More_than_ten_failures_occur_among_the_random_requests() =>
        Assert.Contains(Random("PutRecords", mistakes: 0.35), request => request.Expected?.Text.StartsWith("10 validation errors", StringComparison.Ordinal) == true);

    [Theory]
    [MemberData(nameof(Operations))]
    public void The_first_wrong_type_decides_whatever_else_is_wrong(string operation)
    {
        var model = ModelFile.Operation(operation);
        var types = TypeViolations.Of(model).ToList();
        var random = new Random(Seed);
        for (var i = 0; i < RequestsPerOperation && types.Count > 0; i++)
        {
            // Members of several wrong requests in one, beside broken constraints.
            var mixed = new RequestGenerator(random, mistakes: 0.35).Request(model);
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                var wrong = types[random.Next(types.Count)];
                var member = wrong.What.Split(' ')[0];
                mixed[member] = wrong.Tree[member]?.DeepClone();
            }

            var request = new RequestSample(model, $"seed {Seed}, request {i}", mixed.ToJsonString());
            Assert.Equal("SerializationException", request.Expected?.Code);
            AssertAnswered(request);
        }
    }

    [Theory]
    [InlineData("PutRecord")]
    [InlineData("PutRecords")]
    public void The_fast_path_takes_nothing_that_the_model_refuses(string operation)
    {
        var model = ModelFile.Operation(operation);
        var requests = ConstraintViolations.Of(model).Concat(TypeViolations.Of(model)).Concat(Random(operation, mistakes: 0.35));
        foreach (var request in requests.Where(request => request.Expected is not null))
        {
            Assert.False(IsTakenFast(WireCodec.Json, operation, Encoding.UTF8.GetBytes(request.Json)), $"in JSON: {request}\n{Shown(request)}");
            Assert.False(IsTakenFast(WireCodec.Cbor, operation, CborForm.Of(model, request.Tree)), $"in CBOR: {request}\n{Shown(request)}");
        }
    }

    private static bool IsTakenFast(WireCodec codec, string operation, byte[] body)
    {
        using var put = PutRequest.Rent();
        return operation == "PutRecord" ? codec.TryReadPutRecord(body, put) : codec.TryReadPutRecords(body, put);
    }

    // The end of what a sample says about itself, and what an answer must then say.
    private static string WordsOf(string what) => what[(what.LastIndexOf(": ", StringComparison.Ordinal) is >= 0 and var last && !what.Contains(", by '", StringComparison.Ordinal) ? last + 2 : 0)..] switch
    {
        var pattern when pattern.Contains("pattern, by '", StringComparison.Ordinal) => "regular expression pattern",
        var set when set.Contains("set, by '", StringComparison.Ordinal) => "enum value set",
        var least when least.StartsWith("less than ", StringComparison.Ordinal) => $"greater than or equal to {least["less than ".Length..]}",
        var most when most.StartsWith("more than ", StringComparison.Ordinal) => $"less than or equal to {most["more than ".Length..]}",
        "above its type" => "less than or equal to",
        var number when number.Contains("below", StringComparison.Ordinal) => "greater than or equal to",
        _ => "must not be null",
    };

    private static IEnumerable<RequestSample> Random(string operation, double mistakes)
    {
        var model = ModelFile.Operation(operation);
        var generator = new RequestGenerator(new Random(Seed), mistakes);
        return Enumerable.Range(0, RequestsPerOperation)
            .Select(number => new RequestSample(model, $"seed {Seed}, request {number}", generator.Request(model).ToJsonString()));
    }

    private static void AssertAnswered(RequestSample request)
    {
        AssertAnswered(request, WireCodec.Json, Encoding.UTF8.GetBytes(request.Json));
        AssertAnswered(request, WireCodec.Cbor, CborForm.Of(request.Operation, request.Tree));
    }

    private static void AssertAnswered(RequestSample request, WireCodec codec, byte[] body)
    {
        Assert.True(codec.TryRead(body, out var input), $"{codec.ContentType} is not read: {request}\n{Shown(request)}");
        var error = RequestValidation.Check(KinesisOperation.All.Single(operation => operation.Name == request.Operation.Name).Shape, input);
        var answer = error is null ? null : new ExpectedRefusal(error.Code, JavaText.WithoutHashCodes(error.Message!), error.MessageIsCapital ? "Message" : "message");
        var expected = request.Expected is { } refusal ? refusal with { Text = JavaText.WithoutHashCodes(refusal.Text) } : null;
        if (answer != expected)
            Assert.Fail($"{request}, as {codec.ContentType}\nexpected: {expected}\nanswered: {answer}\n{Shown(request)}");
    }

    private static string Shown(RequestSample request) => request.Json.Length <= 2000 ? request.Json : request.Json[..2000] + "...";
}
