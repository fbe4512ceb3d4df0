using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weir.Server.TestControls;

/// <summary>Reads the JSON body of a control, of whatever content type: <c>curl -d</c> needs no header.</summary>
internal static class ControlRequest
{
    // A fault with every member is below 1 KB.
    private const int MaxBytes = 64 * 1024;

    /// <summary>Reads the body.</summary>
    /// <returns>The document, which the caller disposes, or null and what is wrong.</returns>
    public static async Task<(JsonDocument? Document, string? Complaint)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes)
            return (null, TooLarge);
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaxBytes)
                return (null, TooLarge);
        }

        if (bytes.Length == 0)
            return (null, "The body is empty; it must be a JSON object.");
        try
        {
            return (JsonDocument.Parse(bytes.ToArray()), null);
        }
        catch (JsonException exception)
        {
            return (null, $"The body is not JSON: {exception.Message}");
        }
    }

    private static string TooLarge => $"The body is larger than {MaxBytes} bytes.";
}
