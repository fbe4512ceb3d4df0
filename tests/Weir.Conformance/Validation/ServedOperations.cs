using Weir.Conformance.Http;
using Weir.Conformance.Server;
using Weir.Oracle;

namespace Weir.Conformance.Validation;

/// <summary>A server without rate limits, and the operations that it has, by its own word.</summary>
public sealed class ServedOperations : IAsyncLifetime
{
    private readonly UnlimitedServerFixture _server = new();
    private readonly HashSet<string> _names = [];

    public Uri Endpoint => _server.Endpoint;

    internal WeirServer Server => _server.Server;

    /// <summary>The operations of the model that the server does not call unknown.</summary>
    public IEnumerable<ModelOperation> All => ModelFile.Operations.Where(operation => _names.Contains(operation.Name));

    /// <summary>An operation of the model; fails the calling test when the server calls it unknown.</summary>
    public ModelOperation Require(string name)
    {
        _ = Endpoint;
        Assert.True(_names.Contains(name), $"The server calls {name} unknown.");
        return ModelFile.Operation(name);
    }

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        if (!File.Exists(Repository.WeirProgram))
            return;
        using var http = new KinesisHttp(Endpoint);
        foreach (var operation in ModelFile.Operations)
        {
            var reply = await http.CallAsync(operation.Name, "{}");
            if (!reply.Text.Contains("UnknownOperationException", StringComparison.Ordinal))
                _names.Add(operation.Name);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
