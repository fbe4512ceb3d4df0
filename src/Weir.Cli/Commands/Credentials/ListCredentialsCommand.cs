using System.CommandLine;
using System.Text.Json;
using Weir.Cli.Output;
using Weir.Server.Security.Credentials;

namespace Weir.Cli.Commands.Credentials;

/// <summary><c>weir credentials list</c>: the access keys, without their secrets.</summary>
internal static class ListCredentialsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var file = CredentialsCommand.File(shell);
        var json = Options.Flag("--json", "Answer in JSON, with the policies.", shell);
        var command = new Command("list", "List the access keys, without their secrets.") { file, json };
        command.SetAction(result =>
        {
            var keys = CredentialsCommand.With(result.Get(file)!, shell, credentials => credentials.List());
            if (result.Get(json))
                WriteJson(shell, keys);
            else
                WriteTable(shell, keys, result.Get(file)!);
            return CommandLine.Success;
        });
        return command;
    }

    private static void WriteTable(Shell shell, IReadOnlyList<StoredAccessKey> keys, string file)
    {
        if (keys.Count == 0)
        {
            shell.Error.WriteLine($"No access keys in {file}.");
            return;
        }

        var table = new TextTable(new Column("Access key"), new Column("Account"), new Column("User"), new Column("Created"), new Column("Expires"));
        foreach (var key in keys)
            table.Add(key.AccessKeyId, key.AccountId ?? "server's", key.UserName, Figures.Moment(key.CreatedAt), End(key, shell.Time.GetUtcNow()));
        table.Write(shell);
    }

    private static string End(StoredAccessKey key, DateTimeOffset now) =>
        key.ExpiresAt is not { } end ? "never" : end <= now ? "expired" : Figures.Moment(end);

    private static void WriteJson(Shell shell, IReadOnlyList<StoredAccessKey> keys) => JsonOutput.Write(shell, writer =>
    {
        writer.WriteStartArray();
        foreach (var key in keys)
        {
            writer.WriteStartObject();
            writer.WriteString("accessKeyId", key.AccessKeyId);
            if (key.AccountId is { } account)
                writer.WriteString("accountId", account);
            writer.WriteString("user", key.UserName);
            writer.WriteString("created", key.CreatedAt.UtcDateTime);
            if (key.ExpiresAt is { } end)
                writer.WriteString("expires", end.UtcDateTime);
            writer.WritePropertyName("policy");
            using (var policy = JsonDocument.Parse(key.Policy))
                policy.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
