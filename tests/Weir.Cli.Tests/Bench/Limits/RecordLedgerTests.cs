using Weir.Cli.Bench.Limits;

namespace Weir.Cli.Tests.Bench.Limits;

public sealed class RecordLedgerTests
{
    private readonly RecordLedger _ledger = new();

    [Fact]
    public void Each_kind_of_wrong_is_counted_apart()
    {
        var stored = Offer();
        _ledger.Note(stored.Number, isStored: true);
        _ledger.See(stored.Data);
        var repeated = Offer();
        _ledger.Note(repeated.Number, isStored: true);
        _ledger.See(repeated.Data);
        _ledger.See(repeated.Data);
        _ledger.Note(Offer().Number, isStored: true);
        _ledger.Note(Offer().Number, isStored: false);
        var unreported = Offer();
        _ledger.Note(unreported.Number, isStored: false);
        _ledger.See(unreported.Data);
        Offer();

        var balance = _ledger.Balance();
        Assert.Equal((6L, 3L, 2L, 1L), (balance.Offered, balance.Stored, balance.Failed, balance.WithoutOutcome));
        Assert.Equal((1L, 1L, 1L, 0L), (balance.Missing, balance.Unreported, balance.Repeated, balance.Foreign));
        Assert.False(balance.IsTrue);
    }

    [Fact]
    public void A_repetition_and_a_failure_that_was_stored_are_true_all_the_same()
    {
        var record = Offer();
        _ledger.Note(record.Number, isStored: false);
        _ledger.See(record.Data);
        _ledger.See(record.Data);
        Assert.True(_ledger.Balance().IsTrue);
    }

    [Fact]
    public void What_nobody_has_offered_is_foreign()
    {
        Offer();
        _ledger.See([1, 2, 3]);
        _ledger.See([9, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(2, _ledger.Balance().Foreign);
    }

    [Fact]
    public void It_grows_with_what_is_offered()
    {
        const int count = (1 << 20) + 3;
        var data = new byte[RecordLedger.NumberBytes];
        for (var i = 0; i < count; i++)
            _ledger.Note(_ledger.Offer(data), isStored: true);
        _ledger.See(data);
        var balance = _ledger.Balance();
        Assert.Equal((count, count - 1L), (balance.Stored, balance.Missing));
    }

    private (long Number, byte[] Data) Offer()
    {
        var data = new byte[20];
        return (_ledger.Offer(data), data);
    }
}
