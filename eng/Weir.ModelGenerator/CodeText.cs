using System.Text;

namespace Weir.ModelGenerator;

/// <summary>Indented lines of C#. Line ends are LF everywhere, so that the files do not depend on the machine.</summary>
internal sealed class CodeText
{
    private readonly StringBuilder _text = new();
    private int _indent;

    public void Line(string text = "")
    {
        if (text.Length > 0)
            _text.Append(' ', _indent).Append(text);
        _text.Append('\n');
    }

    public void Open()
    {
        Line("{");
        _indent += 4;
    }

    public void Close(string after = "")
    {
        _indent -= 4;
        Line("}" + after);
    }

    public override string ToString() => _text.ToString();
}
