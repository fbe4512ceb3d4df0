using System.Collections;
using System.Reflection;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Messages;

/// <summary>Fills and compares messages of every type. Reflection is for tests only: the library itself has none.</summary>
internal static class RandomMessages
{
    /// <summary>Every generated message type.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        .. typeof(KinesisOperation).Assembly.GetExportedTypes()
            .Where(type => type is { Namespace: "Weir.Protocol.Messages", IsAbstract: false })
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>A message with about three quarters of its members present.</summary>
    public static object Create(Type type, Random random)
    {
        var message = Activator.CreateInstance(type)!;
        foreach (var property in Properties(type))
        {
            if (random.Next(4) != 0)
                property.SetValue(message, Value(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, random));
        }

        return message;
    }

    public static void Write(object message, WireWriter writer) =>
        message.GetType().GetMethod("Write")!.Invoke(message, [writer]);

    public static object Read(Type type, WireValue map) => type.GetMethod("Read")!.Invoke(null, [map])!;

    /// <summary>A message as text: every member, lists and bytes spelt out.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "-",
        string text => $"'{text}'",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        DateTimeOffset time => time.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
        IReadOnlyDictionary<string, string> map => $"{{{string.Join(',', map.Select(entry => $"'{entry.Key}'='{entry.Value}'"))}}}",
        IEnumerable list => $"[{string.Join(',', list.Cast<object>().Select(Describe))}]",
        _ when Types.Contains(value.GetType()) =>
            $"({string.Join(',', Properties(value.GetType()).Select(property => $"{property.Name}:{Describe(property.GetValue(value))}"))})",
        _ => value.ToString()!,
    };

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static object Value(Type type, Random random)
    {
        if (type == typeof(string))
            return Text(random);
        if (type == typeof(int))
            return random.Next(2) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(100);
        if (type == typeof(long))
            return random.NextInt64(long.MinValue, long.MaxValue);
        if (type == typeof(bool))
            return random.Next(2) == 0;
        if (type == typeof(DateTimeOffset))
            return DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(-1_000_000_000_000, 4_000_000_000_000));
        if (type == typeof(ReadOnlyMemory<byte>))
            return (ReadOnlyMemory<byte>)Bytes(random);
        if (type == typeof(IReadOnlyDictionary<string, string>))
            return Enumerable.Range(0, random.Next(4)).ToDictionary(i => Text(random) + i, _ => Text(random));
        return type.IsGenericType ? List(type.GetGenericArguments()[0], random) : Create(type, random);
    }

    private static Array List(Type element, Random random)
    {
        var list = Array.CreateInstance(element, random.Next(4));
        for (var i = 0; i < list.Length; i++)
            list.SetValue(Value(element, random), i);
        return list;
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(50)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Text(Random random) => new([.. Enumerable.Range(0, random.Next(20)).Select(_ => (char)random.Next(0xD7FF))]);
}
