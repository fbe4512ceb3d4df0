namespace Weir.Protocol.Wire;

/// <summary>Writes one message in some encoding. Not thread-safe.</summary>
/// <remarks>
/// Everything given is copied before a method returns. The caller keeps the order legal: inside a map each value follows a
/// <see cref="Name"/>. Maps and lists need no count, so a message can be written while it is still being found.
/// </remarks>
public abstract class WireWriter
{
    /// <summary>Begins a map.</summary>
    public abstract void BeginMap();

    /// <summary>Ends the innermost map.</summary>
    public abstract void EndMap();

    /// <summary>Begins a list.</summary>
    public abstract void BeginList();

    /// <summary>Ends the innermost list.</summary>
    public abstract void EndList();

    /// <summary>Names the next value of a map.</summary>
    public abstract void Name(ReadOnlySpan<byte> utf8);

    /// <summary>Writes text. A lone surrogate is written as U+FFFD.</summary>
    public abstract void String(ReadOnlySpan<char> value);

    /// <summary>Writes text that is already UTF-8.</summary>
    /// <param name="utf8">Well-formed UTF-8; not checked.</param>
    public abstract void String(ReadOnlySpan<byte> utf8);

    /// <summary>Writes an integer.</summary>
    public abstract void Long(long value);

    /// <summary>Writes true or false.</summary>
    public abstract void Boolean(bool value);

    /// <summary>Writes a time with millisecond precision.</summary>
    public abstract void Timestamp(DateTimeOffset value);

    /// <summary>Writes bytes.</summary>
    public abstract void Blob(ReadOnlySpan<byte> value);

    /// <summary>Writes a member, unless it is absent.</summary>
    public void Member(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
            return;
        Name(name);
        String(value);
    }

    /// <inheritdoc cref="Member(ReadOnlySpan{byte}, string?)"/>
    public void Member(ReadOnlySpan<byte> name, long? value)
    {
        if (value is not { } number)
            return;
        Name(name);
        Long(number);
    }

    /// <inheritdoc cref="Member(ReadOnlySpan{byte}, string?)"/>
    public void Member(ReadOnlySpan<byte> name, bool? value)
    {
        if (value is not { } truth)
            return;
        Name(name);
        Boolean(truth);
    }

    /// <inheritdoc cref="Member(ReadOnlySpan{byte}, string?)"/>
    public void Member(ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is not { } time)
            return;
        Name(name);
        Timestamp(time);
    }

    /// <inheritdoc cref="Member(ReadOnlySpan{byte}, string?)"/>
    public void Member(ReadOnlySpan<byte> name, ReadOnlyMemory<byte>? value)
    {
        if (value is not { } bytes)
            return;
        Name(name);
        Blob(bytes.Span);
    }

    /// <summary>Writes a list of texts, unless it is absent.</summary>
    public void Strings(ReadOnlySpan<byte> name, IReadOnlyList<string>? values)
    {
        if (values is null)
            return;
        Name(name);
        BeginList();
        foreach (var value in values)
            String(value);
        EndList();
    }

    /// <summary>Writes a map of texts, unless it is absent.</summary>
    public void StringMap(ReadOnlySpan<byte> name, IReadOnlyDictionary<string, string>? entries)
    {
        if (entries is null)
            return;
        Name(name);
        BeginMap();
        foreach (var (key, value) in entries)
        {
            Name(System.Text.Encoding.UTF8.GetBytes(key));
            String(value);
        }

        EndMap();
    }

    /// <summary>Writes a structure, unless it is absent.</summary>
    public void Structure<T>(ReadOnlySpan<byte> name, T? value)
        where T : class, IWireMessage<T>
    {
        if (value is null)
            return;
        Name(name);
        value.Write(this);
    }

    /// <summary>Writes a list of structures, unless it is absent.</summary>
    public void Structures<T>(ReadOnlySpan<byte> name, IReadOnlyList<T>? values)
        where T : class, IWireMessage<T>
    {
        if (values is null)
            return;
        Name(name);
        BeginList();
        foreach (var value in values)
            value.Write(this);
        EndList();
    }
}
