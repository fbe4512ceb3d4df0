namespace Weir.Producer.HotKeys;

/// <summary>
/// The keys that carry most of a load, in little memory: the space-saving sketch of Metwally, Agrawal and El Abbadi. What it says of a key's weight
/// is at most too small, by the weight of what shared its place. Not thread-safe.
/// </summary>
/// <remarks>
/// A key of more than the whole weight divided by <see cref="Places"/> is always among them. Only every eighth record is looked at, with eight
/// times its weight: that is exact enough for keys that matter, and costs the others little.
/// </remarks>
internal sealed class HeavyHitters
{
    /// <summary>Keys that are kept at a time.</summary>
    public const int Places = 32;

    private const int SampleEvery = 8;

    private readonly Dictionary<string, int> _placeOf = new(Places, StringComparer.Ordinal);
    private readonly Place[] _places = new Place[Places];
    private int _untilSample = SampleEvery;

    /// <summary>Counts a record.</summary>
    public void Add(string key, int bytes)
    {
        if (--_untilSample > 0)
            return;
        _untilSample = SampleEvery;
        if (!_placeOf.TryGetValue(key, out var index))
            index = Replace(key);
        ref var place = ref _places[index];
        place.Bytes += (long)bytes * SampleEvery;
        place.Records += SampleEvery;
    }

    /// <summary>The keys and what each carried at least, since the last <see cref="Clear"/>.</summary>
    public IEnumerable<(string Key, long Bytes, long Records)> Read() =>
        _placeOf.Values.Select(index => (_places[index].Key, _places[index].Bytes - _places[index].ForeignBytes, _places[index].Records - _places[index].ForeignRecords));

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _placeOf.Clear();
        Array.Clear(_places);
    }

    // A new key takes the place of the lightest one and inherits its weight, which it may have had itself while nobody looked.
    private int Replace(string key)
    {
        var index = _placeOf.Count;
        if (index == Places)
        {
            index = 0;
            for (var i = 1; i < Places; i++)
            {
                if (_places[i].Bytes < _places[index].Bytes)
                    index = i;
            }

            _placeOf.Remove(_places[index].Key);
            (_places[index].ForeignBytes, _places[index].ForeignRecords) = (_places[index].Bytes, _places[index].Records);
        }

        _places[index].Key = key;
        _placeOf.Add(key, index);
        return index;
    }

    private struct Place
    {
        public string Key;
        public long Bytes;
        public long Records;
        public long ForeignBytes;
        public long ForeignRecords;
    }
}
