using Weir.Protocol.Wire;

namespace Weir.Protocol;

/// <summary>A refusal as a client sees it: an expected part of the protocol, never an exception inside the server.</summary>
/// <param name="Code">The short name of the error's shape, for example <c>ResourceNotFoundException</c>.</param>
/// <param name="Message">The text, or null when the error carries none.</param>
/// <param name="Status">The HTTP status: 400 for everything except faults of the server.</param>
/// <param name="MessageIsCapital">
/// Whether the text member is called <c>Message</c>: only in type errors (spec section 2.6). Everywhere else it is
/// <c>message</c>.
/// </param>
/// <remarks>Immutable. The texts are made by <see cref="KinesisErrors"/>, each in one place.</remarks>
public sealed record KinesisError(string Code, string? Message, int Status = 400, bool MessageIsCapital = false)
{
    /// <summary>Writes the body of the error response: <c>{"__type":...,"message":...}</c>.</summary>
    public void Write(WireWriter writer)
    {
        writer.BeginMap();
        writer.Member("__type"u8, Code);
        writer.Member(MessageIsCapital ? "Message"u8 : "message"u8, Message);
        writer.EndMap();
    }

    /// <summary>
    /// Reads the body of an error response, as a client must: what stands before <c>#</c> and after <c>:</c> in the type is no
    /// part of it, and the text may be under either name (spec section 2.6).
    /// </summary>
    /// <param name="status">The response's HTTP status.</param>
    /// <param name="body">The body's map.</param>
    /// <returns>The error; its code is <c>UnknownError</c> when the body names none.</returns>
    public static KinesisError Read(int status, WireValue body)
    {
        var code = body.GetString("__type") ?? body.GetString("code") ?? "";
        code = code[(code.IndexOf('#') + 1)..];
        var colon = code.IndexOf(':');
        if (colon >= 0)
            code = code[..colon];
        var message = body.GetString("message");
        var capital = message is null ? body.GetString("Message") : null;
        return new KinesisError(code.Length == 0 ? "UnknownError" : code, message ?? capital, status, capital is not null);
    }
}
