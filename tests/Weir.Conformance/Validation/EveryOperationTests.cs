using Weir.Oracle;

namespace Weir.Conformance.Validation;

/// <summary>The whole API is there: what the service model has, the server does not call unknown.</summary>
public sealed class EveryOperationTests(ServedOperations served) : IClassFixture<ServedOperations>
{
    [Fact]
    public void The_server_knows_every_operation_of_the_model() =>
        Assert.Equal(ModelFile.Operations.Select(operation => operation.Name).Order(), served.All.Select(operation => operation.Name).Order());
}
