namespace Weir.Producer.Records;

/// <summary>Learns what becomes of records that nobody awaits one by one. Called from any thread, once for each record.</summary>
internal interface IPutObserver
{
    /// <summary>The record is stored, or was dropped.</summary>
    /// <param name="index">What the record was given as its index.</param>
    /// <param name="result">Where it is.</param>
    void Put(int index, in PutResult result);

    /// <summary>The record failed.</summary>
    /// <param name="index">What the record was given as its index.</param>
    /// <param name="failed">The record, with its data lent until this returns.</param>
    void Failed(int index, in FailedPut failed);
}
