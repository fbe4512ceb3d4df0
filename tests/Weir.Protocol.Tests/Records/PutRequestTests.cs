using Weir.Protocol.Records;

namespace Weir.Protocol.Tests.Records;

public sealed class PutRequestTests
{
    [Fact]
    public void A_request_that_is_given_back_twice_goes_to_one_caller_only()
    {
        var given = PutRequest.Rent();
        given.Dispose();
        given.Dispose();
        // Other tests rent at the same time, so this one takes as many as the pool could hold.
        var taken = Enumerable.Range(0, 1000).Select(_ => PutRequest.Rent()).ToList();
        Assert.Equal(taken.Count, taken.Distinct(ReferenceEqualityComparer.Instance).Count());
    }
}
