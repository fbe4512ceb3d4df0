using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weir.Server.TestControls;

/// <summary>Sends the answers of the controls: JSON, with a line's end so that a shell shows them well.</summary>
internal static class ControlAnswer
{
    // People read these answers in a shell, and no browser takes them for a page: quotes and plus signs stay what they are.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sends what <paramref name="write"/> writes.</summary>
    public static async Task SendAsync(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, Readable))
            write(json);
        body.WriteByte((byte)'\n');
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.BodyWriter.WriteAsync(body.ToArray(), http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends <c>{"error":"..."}</c>.</summary>
    public static Task ComplainAsync(HttpContext http, int status, string complaint) => SendAsync(http, status, json =>
    {
        json.WriteStartObject();
        json.WriteString("error", complaint);
        json.WriteEndObject();
    });

    /// <summary>Refuses a method that the path does not have.</summary>
    public static Task RefuseMethodAsync(HttpContext http, string allowed)
    {
        http.Response.Headers.Allow = allowed;
        return ComplainAsync(http, StatusCodes.Status405MethodNotAllowed, $"{http.Request.Path} has {allowed}, not {http.Request.Method}.");
    }
}
