using System.Text;

namespace Weir.Cli.Put;

/// <summary>A line of the input as a record.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Key">Its partition key.</param>
/// <param name="Data">Its payload; the record's own copy.</param>
internal sealed record InputRecord(long Line, string Key, byte[] Data)
{
    /// <summary>Bytes that every limit of the service counts: data and key.</summary>
    public int Size { get; } = Data.Length + Encoding.UTF8.GetByteCount(Key);
}
