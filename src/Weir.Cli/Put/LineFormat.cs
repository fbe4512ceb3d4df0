using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Model;
using Weir.Protocol.Aggregation;

namespace Weir.Cli.Put;

/// <summary>How a line becomes a record.</summary>
internal abstract class LineFormat
{
    /// <summary>Every record has the same key.</summary>
    public static LineFormat FixedKey(string key) => new Fixed(key);

    /// <summary>The line is a JSON object; one of its fields is the key, the whole line the data.</summary>
    public static LineFormat JsonField(string field) => new Json(field);

    /// <summary>Key, tab, data.</summary>
    public static LineFormat Tab() => new Tsv();

    /// <summary>A key by chance, so that records spread over all shards.</summary>
    public static LineFormat RandomKey(Random random) => new ByChance(random);

    /// <summary>Makes the record.</summary>
    /// <exception cref="CommandFailure">The line is not of the format; the text names it.</exception>
    public UserRecord Read(long number, in ReadOnlySequence<byte> line)
    {
        try
        {
            return Parse(line);
        }
        catch (FormatException exception)
        {
            throw new CommandFailure(string.Create(CultureInfo.InvariantCulture, $"line {number}: {exception.Message}"), exception);
        }
    }

    /// <summary>Makes the record, or throws <see cref="FormatException"/>.</summary>
    protected abstract UserRecord Parse(in ReadOnlySequence<byte> line);

    /// <summary>A key as the service takes it.</summary>
    protected static string Checked(string key) => key.Length is > 0 and <= KinesisLimits.MaxPartitionKeyCharacters
        ? key
        : throw new FormatException(string.Create(
            CultureInfo.InvariantCulture, $"the key has {key.Length} characters; it must have 1 to {KinesisLimits.MaxPartitionKeyCharacters}"));

    private sealed class Fixed(string key) : LineFormat
    {
        protected override UserRecord Parse(in ReadOnlySequence<byte> line) => new(key, null, line.ToArray());
    }

    private sealed class ByChance(Random random) : LineFormat
    {
        protected override UserRecord Parse(in ReadOnlySequence<byte> line) =>
            new(random.NextInt64().ToString("x16", CultureInfo.InvariantCulture), null, line.ToArray());
    }

    private sealed class Tsv : LineFormat
    {
        protected override UserRecord Parse(in ReadOnlySequence<byte> line)
        {
            if (line.PositionOf((byte)'\t') is not { } tab)
                throw new FormatException("no tab between key and data");
            return new UserRecord(Checked(Encoding.UTF8.GetString(line.Slice(0, tab))), null, line.Slice(line.GetPosition(1, tab)).ToArray());
        }
    }

    private sealed class Json(string field) : LineFormat
    {
        private readonly byte[] _field = Encoding.UTF8.GetBytes(field);

        protected override UserRecord Parse(in ReadOnlySequence<byte> line)
        {
            var data = line.ToArray();
            try
            {
                return new UserRecord(Checked(Key(data)), null, data);
            }
            catch (JsonException exception)
            {
                throw new FormatException("no JSON object", exception);
            }
        }

        // The whole line is read, so that a line that is cut off does not pass.
        private string Key(ReadOnlySpan<byte> data)
        {
            var reader = new Utf8JsonReader(data);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new FormatException("no JSON object");
            string? key = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isKey = reader.ValueTextEquals(_field);
                reader.Read();
                if (isKey)
                    key = Text(ref reader);
                reader.Skip();
            }

            // Reading past the end finds what follows the object.
            while (reader.Read())
                continue;
            return key ?? throw new FormatException($"no field \"{Encoding.UTF8.GetString(_field)}\"");
        }

        private static string Text(ref Utf8JsonReader reader) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.UTF8.GetString(reader.ValueSpan),
            var kind => throw new FormatException($"the key's field is no text or number, but {kind}"),
        };
    }
}
