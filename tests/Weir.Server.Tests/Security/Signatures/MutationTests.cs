using System.Net;

namespace Weir.Server.Tests.Security.Signatures;

/// <summary>
/// Signed requests with one thing changed by chance, over real connections. None may be carried out unless it still means what was signed,
/// and none may be more than the server can answer.
/// </summary>
public sealed class MutationTests
{
    private const int Requests = 20_000;
    private const int Seed = 20260101;
    private const string Characters = "abcxyzABCXYZ0123456789-_./=,; +%&?*";

    [Fact]
    public async Task A_changed_request_is_never_carried_out_and_never_a_fault()
    {
        await using var server = await SecureServer.StartAsync();
        (await server.CallAsync(server.Owner, "CreateStream", new { StreamName = "orders", ShardCount = 1 })).Succeeded();
        var random = new Random(Seed);
        var (carriedOut, refused) = (0, 0);
        for (var i = 0; i < Requests; i++)
        {
            var isPresigned = random.Next(4) == 0;
            var signed = Signed(server, isPresigned);
            var changed = Signed(server, isPresigned);
            Change(changed, random);
            var reply = await server.SendAsync(changed);
            var replay = $"request {i} of seed {Seed}: {System.Text.Encoding.UTF8.GetString(changed.Bytes())}\n{reply}";
            Assert.True((int)reply.Status < 500, replay);
            if (reply.Status != HttpStatusCode.OK)
            {
                refused++;
                continue;
            }

            carriedOut++;
            Assert.True(Meaning(signed) == Meaning(changed), replay);
        }

        // Both happen, or the test has shown nothing.
        Assert.True(refused > Requests / 2 && carriedOut > 0, $"{refused} refused, {carriedOut} carried out");
    }

    private static SignedRequest Signed(SecureServer server, bool isPresigned)
    {
        var request = SignedRequest.Of("DescribeStreamSummary", """{"StreamName":"orders"}""");
        request.Headers["user-agent"] = "mutation";
        return isPresigned ? request.Presign(server.Owner, server.Now) : request.Sign(server.Owner, server.Now);
    }

    private static void Change(SignedRequest request, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                request.Body = [.. Changed(System.Text.Encoding.UTF8.GetString(request.Body), random).Select(character => (byte)character)];
                break;
            case 1:
                request.Path += Changed("aa", random).Replace('?', 'x').Replace(' ', 'x').Replace("..", "x", StringComparison.Ordinal);
                break;
            case 2:
                request.Query[Changed("name", random)] = "value";
                break;
            case 3 when request.Query.Count > 0:
                var parameter = request.Query.Keys.ElementAt(random.Next(request.Query.Count));
                request.Query[parameter] = Changed(request.Query[parameter], random);
                break;
            case 4:
                request.Headers.Remove(request.Headers.Keys.Where(name => name != "host").ElementAt(random.Next(request.Headers.Count - 1)));
                break;
            case 5 when request.Headers.ContainsKey("authorization"):
                request.Authorization = Changed(request.Authorization, random);
                break;
            default:
                var header = request.Headers.Keys.ElementAt(random.Next(request.Headers.Count));
                request.Headers[header] = Changed(request.Headers[header], random);
                break;
        }
    }

    private static string Changed(string text, Random random)
    {
        var at = random.Next(text.Length);
        var character = Characters[random.Next(Characters.Length)];
        return random.Next(3) switch
        {
            0 => text[..at] + character + text[at..],
            1 => text.Remove(at, 1),
            _ => text[..at] + character + text[(at + 1)..],
        };
    }

    /// <summary>What of a request its signature vouches for, in a form in which equal means the same: written once more, and more plainly, for the test.</summary>
    private static string Meaning(SignedRequest request)
    {
        var parts = request.Headers.GetValueOrDefault("authorization", "").Trim().Split([',', ' ']);
        var named = parts.Skip(1).Where(part => part.Contains('=', StringComparison.Ordinal)).Select(part => part.Split('=', 2))
            .Where(pair => pair[0] is "Credential" or "Signature" or "SignedHeaders").GroupBy(pair => pair[0], pair => pair[1])
            .ToDictionary(group => group.Key, group => group.Last());
        var list = request.Query.GetValueOrDefault("X-Amz-SignedHeaders") ?? named.GetValueOrDefault("SignedHeaders", "");
        var signedHeaders = list.ToLowerInvariant().Split(';').Order(StringComparer.Ordinal).ToList();
        return string.Join(
            '\n',
            [
                request.Method,
                string.Join('/', request.Path.Split('/').Where(segment => segment is not ("" or "."))) + (request.Path.EndsWith('/') || request.Path.EndsWith("/.", StringComparison.Ordinal)),
                .. request.Query.Select(parameter => parameter.ToString()),
                parts[0],
                named.GetValueOrDefault("Credential", ""),
                named.GetValueOrDefault("Signature", ""),
                .. signedHeaders.Select(name => $"{name}:{Collapsed(request.Headers.GetValueOrDefault(name, ""))}"),
                System.Text.Encoding.UTF8.GetString(request.Body),
            ]);
    }

    private static string Collapsed(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
