using System.Text;
using System.Text.RegularExpressions;

namespace Weir.Oracle;

/// <summary>
/// A pattern of the model as Java reads it, by the framework's regular expressions: the whole value must match, digits and white
/// space are those of ASCII, a dot stops at every line end.
/// </summary>
public sealed class JavaPattern
{
    private readonly Lazy<Regex> _regex;

    public JavaPattern(string text)
    {
        Text = text;
        _regex = new Lazy<Regex>(() => new Regex($@"\A(?:{Translate(text)})\z", RegexOptions.CultureInvariant));
    }

    /// <summary>As the model writes it.</summary>
    public string Text { get; }

    public bool Matches(string value) => _regex.Value.IsMatch(value);

    private static string Translate(string java)
    {
        var net = new StringBuilder();
        var inClass = false;
        for (var i = 0; i < java.Length; i++)
        {
            switch (java[i])
            {
                case '\\' when java[i + 1] == 'd':
                    net.Append(inClass ? "0-9" : "[0-9]");
                    i++;
                    break;
                case '\\' when java[i + 1] == 'S':
                    net.Append(@"[^ \t\n\x0B\f\r]");
                    i++;
                    break;
                case '\\':
                    net.Append(Regex.Escape(java[i + 1].ToString()) is { Length: > 1 } escaped ? escaped : $@"\x{(int)java[i + 1]:X2}");
                    i++;
                    break;
                case '.' when !inClass:
                    net.Append(@"[^\n\r\u0085\u2028\u2029]");
                    break;
                default:
                    inClass = java[i] == '[' || (inClass && java[i] != ']');
                    net.Append(java[i]);
                    break;
            }
        }

        return net.ToString();
    }
}
