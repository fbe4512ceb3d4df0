using System.Security.Cryptography;

namespace Weir.Server.Http;

/// <summary>Makes the ids that every answer carries (spec section 2.4): chance that nobody has to be unable to guess, only to repeat.</summary>
/// <remarks>Thread-safe. The system's source is asked for some forty answers at once: each time it costs as much as reading a request.</remarks>
internal static class RequestIds
{
    // Production sends 64 to 80 random bytes; the text is only ever quoted in support requests.
    private const int ExtendedIdBytes = 72;

    private const int RequestIdBytes = 16;
    private const int StockBytes = 4096;

    [ThreadStatic]
    private static Stock? _ofThread;

    /// <summary>A UUID of version 4 in lower case.</summary>
    public static string NewRequestId()
    {
        Span<byte> bytes = stackalloc byte[RequestIdBytes];
        Take(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>The value of <c>x-amz-id-2</c>.</summary>
    public static string NewExtendedId()
    {
        Span<byte> bytes = stackalloc byte[ExtendedIdBytes];
        Take(bytes);
        return Convert.ToBase64String(bytes);
    }

    private static void Take(Span<byte> destination) => (_ofThread ??= new Stock()).Take(destination);

    /// <summary>Random bytes of one thread. Each is given out once.</summary>
    private sealed class Stock
    {
        private readonly byte[] _bytes = new byte[StockBytes];
        private int _used = StockBytes;

        public void Take(Span<byte> destination)
        {
            if (_used + destination.Length > StockBytes)
            {
                RandomNumberGenerator.Fill(_bytes);
                _used = 0;
            }

            _bytes.AsSpan(_used, destination.Length).CopyTo(destination);
            _used += destination.Length;
        }
    }
}
