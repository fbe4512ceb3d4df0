using Weir.Server.Security.Policies;

namespace Weir.Server.Security;

/// <summary>Who makes a request. Immutable.</summary>
/// <param name="Account">The account that it belongs to, twelve digits.</param>
/// <param name="UserName">Its name inside the account.</param>
/// <param name="Policy">What it may do.</param>
internal sealed record Caller(string Account, string UserName, PolicyDocument Policy)
{
    /// <summary>The ARN that policies and refusals call it by.</summary>
    public string Arn { get; } = $"arn:aws:iam::{Account}:user/{UserName}";

    /// <summary>Whoever calls a server that has no credentials: it is believed, and may do everything.</summary>
    public static Caller Anonymous(string account) => new(account, "anonymous", PolicyDocument.AllowEverything);
}
