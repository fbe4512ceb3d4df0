using System.Text.Json;

namespace Weir.Server.Security.Policies;

/// <summary>Whose policy a document is to be.</summary>
internal enum PolicyKind
{
    /// <summary>Of an access key: it says what its owner may do, so it names no principals.</summary>
    Identity,

    /// <summary>Of a stream or consumer: it says who may do something with it.</summary>
    Resource,
}

/// <summary>Reads a policy in IAM's JSON. What it does not understand it refuses: a condition left out would give more than was meant.</summary>
internal sealed class PolicyReader
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly PolicyKind _kind;

    // The first thing that is wrong; later ones may only follow from it.
    private string? _fault;

    private PolicyReader(PolicyKind kind) => _kind = kind;

    /// <summary>Reads a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="kind">Whose policy it is to be.</param>
    /// <param name="fault">What is wrong with it, for people; null when it is right.</param>
    /// <returns>The policy, or null.</returns>
    public static PolicyDocument? Read(string json, PolicyKind kind, out string? fault)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Read(document.RootElement, kind, out fault);
        }
        catch (JsonException exception)
        {
            fault = $"it is no JSON: {exception.Message}";
            return null;
        }
    }

    /// <inheritdoc cref="Read(string, PolicyKind, out string?)"/>
    public static PolicyDocument? Read(JsonElement json, PolicyKind kind, out string? fault)
    {
        var reader = new PolicyReader(kind);
        var policy = reader.Document(json);
        fault = reader._fault;
        return fault is null ? policy : null;
    }

    private PolicyDocument Document(JsonElement json)
    {
        if (!IsObject(json, "a policy") || !HasOnly(json, "a policy", "Version", "Id", "Statement"))
            return new PolicyDocument([]);
        if (Text(json, "Version") is not ("2012-10-17" or "2008-10-17"))
            Refuse("its Version must be 2012-10-17 or 2008-10-17");
        if (!json.TryGetProperty("Statement", out var statements))
            Refuse("it has no Statement");
        return new PolicyDocument(statements.ValueKind switch
        {
            JsonValueKind.Object => [Statement(statements)],
            JsonValueKind.Array when statements.GetArrayLength() > 0 => [.. statements.EnumerateArray().Select(Statement)],
            _ => Refuse(new List<PolicyStatement>(), "its Statement must be an object, or an array of some"),
        });
    }

    private PolicyStatement Statement(JsonElement json)
    {
        if (!IsObject(json, "a statement")
            || !HasOnly(json, "a statement", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"))
        {
            return PolicyStatement.AllowEverything;
        }

        var effect = Text(json, "Effect");
        if (effect is not ("Allow" or "Deny"))
            Refuse("the Effect of a statement must be Allow or Deny");
        var actions = OneOf(json, "Action", "NotAction", out var actionsAreComplement);
        var resources = OneOf(json, "Resource", "NotResource", out var resourcesAreComplement);
        return new PolicyStatement
        {
            IsDeny = effect == "Deny",
            Actions = Noted(ActionSet.Resolve(actions, actionsAreComplement, out var wrongAction), wrongAction),
            Resources = Noted(ResourceSet.Read(resources, resourcesAreComplement, out var wrongResource), wrongResource),
            Principals = Principals(json),
            Conditions = json.TryGetProperty("Condition", out var conditions) ? Conditions(conditions) : [],
        };
    }

    private PrincipalSet? Principals(JsonElement statement)
    {
        var isGiven = statement.TryGetProperty("Principal", out var json);
        if (_kind == PolicyKind.Identity)
            return isGiven ? Refuse<PrincipalSet?>(null, "the policy of an access key names no Principal") : null;
        if (!isGiven)
            return Refuse<PrincipalSet?>(null, "a statement has no Principal");
        if (json.ValueKind == JsonValueKind.String)
            return Noted(PrincipalSet.Read([json.GetString()!], out var wrongName), wrongName);
        if (!IsObject(json, "a Principal") || !HasOnly(json, "a Principal", "AWS"))
            return null;
        return Noted(PrincipalSet.Read(Texts(json, "AWS"), out var wrong), wrong);
    }

    private List<Predicate<ConditionFacts>> Conditions(JsonElement json)
    {
        var tests = new List<Predicate<ConditionFacts>>();
        if (!IsObject(json, "a Condition"))
            return tests;
        foreach (var @operator in json.EnumerateObject())
        {
            if (!IsObject(@operator.Value, $"the condition {@operator.Name}"))
                return tests;
            foreach (var key in @operator.Value.EnumerateObject())
            {
                var test = ConditionOperator.Test(@operator.Name, key.Name, Texts(@operator.Value, key.Name), out var fault);
                if (Noted(test, fault) is { } made)
                    tests.Add(made);
            }
        }

        return tests;
    }

    private IReadOnlyList<string> OneOf(JsonElement json, string name, string complement, out bool isComplement)
    {
        isComplement = json.TryGetProperty(complement, out _);
        if (isComplement == json.TryGetProperty(name, out _))
            return Refuse<IReadOnlyList<string>>([], $"a statement has either {name} or {complement}");
        return Texts(json, isComplement ? complement : name);
    }

    // One text or several. Conditions also write numbers and truths as JSON has them.
    private IReadOnlyList<string> Texts(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
            return Refuse<IReadOnlyList<string>>([], $"{name} is missing");
        var texts = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(One)] : new List<string> { One(value) };
        return texts.Count > 0 ? texts : Refuse(texts, $"{name} is empty");

        string One(JsonElement element)
        {
            if (element.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False))
                return Refuse("", $"{name} must be a text, or an array of texts");
            var text = element.ToString();
            // A variable would have to be filled in with each request; taken literally it would match nothing, or protect nothing.
            return text.Contains("${", StringComparison.Ordinal) ? Refuse("", $"policy variables such as {text} are not supported") : text;
        }
    }

    private string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private bool IsObject(JsonElement json, string what)
    {
        if (json.ValueKind == JsonValueKind.Object)
            return true;
        Refuse($"{what} must be an object");
        return false;
    }

    private bool HasOnly(JsonElement json, string what, params string[] names)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (names.Contains(member.Name))
                continue;
            Refuse($"{what} has no '{member.Name}' here; there are {string.Join(", ", names)}");
            return false;
        }

        return true;
    }

    private T Noted<T>(T made, string? fault)
    {
        if (fault is not null)
            Refuse(fault);
        return made;
    }

    private T Refuse<T>(T instead, string fault)
    {
        Refuse(fault);
        return instead;
    }

    private void Refuse(string fault) => _fault ??= fault;
}
