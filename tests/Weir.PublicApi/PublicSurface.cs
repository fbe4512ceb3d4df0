using System.Reflection;
using System.Text;

namespace Weir.PublicApi;

/// <summary>Prints what an assembly promises: its public types and members, one a line, sorted, so that a change is a diff.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().Where(type => !IsGeneratedMessage(type)).OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(NameOf(type)).Append(Bases(type)).Append('\n');
            foreach (var line in Members(type).Distinct().Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    // The messages are made from the service model, and a test of their own compares them with it.
    private static bool IsGeneratedMessage(Type type) => type.Namespace == "Weir.Protocol.Messages";

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            foreach (var name in Enum.GetNames(type))
                yield return $"{name} = {Convert.ToInt64(Enum.Parse(type, name))}";
            yield break;
        }

        foreach (var member in type.GetMembers(Declared))
        {
            switch (member)
            {
                case FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily:
                    yield return $"{(field.IsStatic ? "static " : "")}field {NameOf(field.FieldType)} {field.Name}";
                    break;
                case ConstructorInfo constructor when constructor.IsPublic || constructor.IsFamily:
                    yield return $"new({Parameters(constructor)})";
                    break;
                case PropertyInfo property when Visible(property.GetMethod) || Visible(property.SetMethod):
                    var accessors = (Visible(property.GetMethod) ? " get;" : "") + (Visible(property.SetMethod) ? IsInit(property) ? " init;" : " set;" : "");
                    yield return $"{(property.GetMethod?.IsStatic == true ? "static " : "")}{NameOf(property.PropertyType)} {property.Name} {{{accessors} }}";
                    break;
                case EventInfo { AddMethod.IsPublic: true } raised:
                    yield return $"event {NameOf(raised.EventHandlerType!)} {raised.Name}";
                    break;
                case MethodInfo { IsSpecialName: false } method when Visible(method) && !method.Name.Contains('<', StringComparison.Ordinal):
                    yield return $"{(method.IsStatic ? "static " : "")}{NameOf(method.ReturnType)} {method.Name}{Generic(method)}({Parameters(method)})";
                    break;
            }
        }
    }

    private static bool Visible(MethodInfo? method) => method is not null && (method.IsPublic || method.IsFamily);

    private static bool IsInit(PropertyInfo property) => property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers()
        .Any(modifier => modifier.Name == "IsExternalInit");

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => type.IsByRefLike ? "ref struct" : "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Bases(Type type)
    {
        if (type.IsEnum)
            return "";
        IEnumerable<string> names = type.GetInterfaces().Select(NameOf).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            names = names.Prepend(NameOf(parent));
        var all = string.Join(", ", names);
        return all.Length == 0 ? "" : $" : {all}";
    }

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{NameOf(parameter.ParameterType)} {parameter.Name}"));

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
            return $"ref {NameOf(type.GetElementType()!)}";
        if (type.IsArray)
            return $"{NameOf(type.GetElementType()!)}[]";
        if (type.IsGenericParameter)
            return type.Name;
        var name = type.Namespace?.StartsWith("Weir", StringComparison.Ordinal) == true && type.FullName is not null ? type.FullName.Replace('+', '.') : type.Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }
}
