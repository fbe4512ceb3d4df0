using System.CommandLine;
using Weir.Cli.Output;
using Weir.Server.Security.Credentials;

namespace Weir.Cli.Commands.Credentials;

/// <summary><c>weir credentials add</c>: makes an access key and shows it, once.</summary>
internal static class AddCredentialsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var file = CredentialsCommand.File(shell);
        var account = Options.Value<string?>("--account-id", "ID", "The account that the key belongs to, twelve digits. Default the server's.", Options.Text, null, shell);
        var user = Options.Value<string?>("--user", "NAME", "The name of its owner in refusals and resource policies. Default the access key id.", Options.Text, null, shell);
        var expires = Options.Value<TimeSpan?>("--expires", "TIME", "How long it is good for, such as 12h; it then comes with a session token. Default for ever.", ReadLifetime, null, shell);
        var json = Options.Flag("--json", "Answer in JSON.", shell);
        var command = new Command("add", "Make an access key and print it with its secret, which is not shown again.") { file, account, user, expires, json };
        var policy = new PolicyOptions(command, shell);
        command.SetAction(result =>
        {
            var path = result.Get(file)!;
            var key = new NewAccessKey
            {
                AccountId = result.Get(account),
                UserName = result.Get(user),
                Lifetime = result.Get(expires),
                Policy = policy.Text(result, result.Get(account)),
            };
            var issued = CredentialsCommand.With(path, shell, credentials => credentials.Add(key, shell.Time));
            if (result.Get(json))
                WriteJson(shell, issued);
            else
                WriteVariables(shell, issued);
            shell.Error.WriteLine($"The secret is shown only now. A server that is started with --credentials {path} takes the key, a running one within a second.");
            return CommandLine.Success;
        });
        return command;
    }

    // The variables that every client of AWS reads: the output can be evaluated by a shell, or given to a container as its environment.
    private static void WriteVariables(Shell shell, IssuedAccessKey issued)
    {
        shell.OutText.WriteLine($"AWS_ACCESS_KEY_ID={issued.Key.AccessKeyId}");
        shell.OutText.WriteLine($"AWS_SECRET_ACCESS_KEY={issued.SecretAccessKey}");
        if (issued.SessionToken is { } token)
            shell.OutText.WriteLine($"AWS_SESSION_TOKEN={token}");
    }

    private static void WriteJson(Shell shell, IssuedAccessKey issued) => JsonOutput.Write(shell, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("accessKeyId", issued.Key.AccessKeyId);
        writer.WriteString("secretAccessKey", issued.SecretAccessKey);
        if (issued.SessionToken is { } token)
            writer.WriteString("sessionToken", token);
        if (issued.Key.ExpiresAt is { } end)
            writer.WriteString("expires", end.UtcDateTime);
        writer.WriteEndObject();
    });

    private static TimeSpan? ReadLifetime(string text) =>
        Options.Duration(text) is var time && time > TimeSpan.Zero ? time : throw new FormatException($"expected {TimeText.Form}, and more than 0s");
}
