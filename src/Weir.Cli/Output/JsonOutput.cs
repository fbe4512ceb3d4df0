using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weir.Cli.Output;

/// <summary>Writes one JSON document for machines.</summary>
internal static class JsonOutput
{
    /// <summary>Indented, and without escaping what any reader of JSON understands as it is.</summary>
    public static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a document and a line's end to standard output.</summary>
    public static void Write(Shell shell, Action<Utf8JsonWriter> write) => shell.OutText.WriteLine(Text(write));

    /// <summary>Writes a document where an option said: to a file, to standard output for <c>-</c>, nowhere for null.</summary>
    /// <exception cref="CommandFailure">The file cannot be written.</exception>
    public static async Task WriteToAsync(Shell shell, string? file, string document)
    {
        if (file is null)
            return;
        if (file == "-")
        {
            shell.OutText.WriteLine(document);
            return;
        }

        try
        {
            await File.WriteAllTextAsync(file, document + "\n", CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(exception.Message, exception);
        }
    }

    /// <summary>A document as text.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
            write(json);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
