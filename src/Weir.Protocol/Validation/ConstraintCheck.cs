using System.Globalization;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Validation;

/// <summary>
/// Whether each member keeps the model's constraints (spec section 3.2). Collects what fails, the first ten of it.
/// </summary>
internal sealed class ConstraintCheck
{
    /// <summary>Failures that one answer reports and counts.</summary>
    public const int MaxErrors = 10;

    private readonly List<string> _errors = [];

    private bool IsFull => _errors.Count == MaxErrors;

    /// <summary>The error that reports every failure below the structure, or null. The types must have been checked.</summary>
    public static KinesisError? Check(Shape structure, WireValue input)
    {
        var check = new ConstraintCheck();
        check.CheckMembers(structure, input, prefix: "");
        return check._errors.Count == 0 ? null : new KinesisError(ErrorCodes.Validation, ConstraintText.Message(check._errors));
    }

    private void CheckMembers(Shape structure, WireValue map, string prefix)
    {
        foreach (var member in MemberOrder.Of(structure))
        {
            if (IsFull)
                return;
            var path = prefix + member.Path;
            if (map.Member(member.Name) is { } value)
                CheckValue(member.Shape, value, path);
            else if (member.IsRequired)
                Add("Value null", path, ConstraintText.NotNull);
        }
    }

    private void CheckValue(Shape shape, WireValue value, string path)
    {
        switch (shape.Kind)
        {
            case ShapeKind.String:
                CheckText(shape, value, path);
                break;
            case ShapeKind.Integer:
                CheckRange(shape, value, path, "value", value.AsInt32()!.Value);
                break;
            case ShapeKind.Long:
                CheckRange(shape, value, path, "value", value.Integer!.Value);
                break;
            case ShapeKind.Blob:
                CheckRange(shape, value, path, "length", BlobLength(value));
                break;
            case ShapeKind.List:
                CheckRange(shape, value, path, "length", value.Count);
                CheckElements(shape, value, path);
                break;
            case ShapeKind.Map:
                CheckRange(shape, value, path, "length", value.Count);
                CheckEntries(shape, value, path);
                break;
            case ShapeKind.Structure:
                CheckMembers(shape, value, path + ".");
                break;
        }
    }

    private void CheckText(Shape shape, WireValue value, string path)
    {
        var text = value.Text!;
        if (shape.Pattern is { } pattern && !pattern.IsMatch(text))
            Add(shape, value, path, ConstraintText.Pattern(pattern));
        CheckRange(shape, value, path, "length", text.Length);
        if (!IsPermitted(shape, text))
            Add(shape, value, path, ConstraintText.Enum(shape));
    }

    private void CheckRange(Shape shape, WireValue value, string path, string measure, long size)
    {
        if (size < shape.Min)
            Add(shape, value, path, ConstraintText.Min(measure, shape.Min.Value));
        if (size > shape.Max)
            Add(shape, value, path, ConstraintText.Max(measure, shape.Max.Value));
    }

    // Structures are checked one by one, under a path of their own; texts together, under the list's.
    private void CheckElements(Shape list, WireValue value, string path)
    {
        var element = list.Element!;
        if (element.Kind == ShapeKind.String)
        {
            if (!value.Items.All(item => IsAcceptable(element, item)))
                Add(list, value, path, $"Member must satisfy constraint: {ConstraintText.OfElement(element)}");
            return;
        }

        for (var i = 0; i < value.Count && !IsFull; i++)
        {
            var item = value.Items[i].Kind == WireKind.Null ? WireValue.EmptyMap : value.Items[i];
            CheckValue(element, item, string.Create(CultureInfo.InvariantCulture, $"{path}.{i + 1}.member"));
        }
    }

    private void CheckEntries(Shape map, WireValue value, string path)
    {
        if (!value.Entries.All(entry => IsAcceptable(map.Key!, entry.Key)))
            Add(map, value, path, $"Map keys must satisfy constraint: {ConstraintText.OfElement(map.Key!)}");
        if (map.Element!.Kind == ShapeKind.String && !value.Entries.All(entry => IsAcceptable(map.Element, entry.Value)))
            Add(map, value, path, $"Map value must satisfy constraint: {ConstraintText.OfElement(map.Element)}");
    }

    private static bool IsAcceptable(Shape shape, WireValue item) => item.Text is not { } text || IsAcceptable(shape, text);

    private static bool IsAcceptable(Shape shape, string text) =>
        (shape.Min is not { } min || text.Length >= min)
        && (shape.Max is not { } max || text.Length <= max)
        && (shape.Pattern is not { } pattern || pattern.IsMatch(text))
        && IsPermitted(shape, text);

    private static bool IsPermitted(Shape shape, string text) =>
        shape.EnumValues.Count == 0 || shape.EnumValues.Contains(text);

    private static int BlobLength(WireValue value) =>
        value.Kind == WireKind.Blob ? value.AsBlob()!.Value.Length : Base64Text.DecodedLength(value.Text);

    // Production leaves the value of a blob out.
    private void Add(Shape shape, WireValue value, string path, string constraint) =>
        Add(shape.Kind == ShapeKind.Blob ? "Value" : $"Value '{PrintedValue.Of(shape, value)}'", path, constraint);

    private void Add(string subject, string path, string constraint)
    {
        if (!IsFull)
            _errors.Add(ConstraintText.Failure(subject, path, constraint));
    }
}
