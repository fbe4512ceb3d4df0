using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Server.Security.Credentials;
using Weir.TestKit;

namespace Weir.Server.Tests.Security.Credentials;

[UnsupportedOSPlatform("windows")]
public sealed class CredentialsFileTests : IDisposable
{
    private const string Account = TestServer.Account;

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(TestServer.Begin);

    private string FilePath => Path.Combine(_directory.Path, "credentials.json");

    private string KeyPath => FilePath + ".key";

    private CredentialsFile File => new(FilePath);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_key_that_was_added_is_in_force_with_its_secret_and_owner()
    {
        var issued = Add(user: "ann", account: "123456789012");

        var key = Load().Find(issued.Key.AccessKeyId)!;

        Assert.Equal(issued.SecretAccessKey, key.Secret);
        Assert.Equal("arn:aws:iam::123456789012:user/ann", key.Owner.Arn);
        Assert.Matches("^AKIA[A-Z2-7]{16}$", issued.Key.AccessKeyId);
        Assert.Matches("^[A-Za-z0-9]{40}$", issued.SecretAccessKey);
        Assert.Null(issued.SessionToken);
    }

    [Fact]
    public void A_key_without_account_and_user_belongs_to_the_server_s_account_by_its_own_name()
    {
        var issued = Add();

        Assert.Equal($"arn:aws:iam::{Account}:user/{issued.Key.AccessKeyId}", Load().Find(issued.Key.AccessKeyId)!.Owner.Arn);
    }

    [Fact]
    public void Nothing_secret_is_in_the_file_nor_in_any_text_of_the_objects()
    {
        var issued = Add(lifetime: TimeSpan.FromHours(1));
        var stored = System.IO.File.ReadAllText(FilePath);
        var texts = new[] { stored, issued.ToString(), issued.Key.ToString(), Load().Find(issued.Key.AccessKeyId)!.ToString(), $"{File.List()[0]}" };

        Assert.StartsWith("ASIA", issued.Key.AccessKeyId, StringComparison.Ordinal);
        foreach (var text in texts)
        {
            Assert.DoesNotContain(issued.SecretAccessKey, text, StringComparison.Ordinal);
            Assert.DoesNotContain(issued.SessionToken!, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Both_files_are_for_their_owner_only()
    {
        Add();
        foreach (var path in new[] { FilePath, KeyPath })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(path));
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            Assert.Equal(
                $"{path} can be read or changed by others than its owner. Run: chmod 600 {path}",
                Assert.Throws<CredentialsFileException>(() => Load()).Message);
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Load();
        }
    }

    [Fact]
    public void A_removed_key_is_gone_and_the_others_stay()
    {
        var first = Add();
        var second = Add();

        Assert.True(File.Remove(first.Key.AccessKeyId));
        Assert.False(File.Remove(first.Key.AccessKeyId));

        Assert.Equal([second.Key.AccessKeyId], File.List().Select(key => key.AccessKeyId));
        Assert.Null(Load().Find(first.Key.AccessKeyId));
        Assert.Equal(second.SecretAccessKey, Load().Find(second.Key.AccessKeyId)!.Secret);
    }

    [Fact]
    public void A_given_sealing_key_leaves_no_key_file_and_no_other_opens_the_secrets()
    {
        var sealingKey = Convert.ToBase64String(new byte[32]);
        var file = new CredentialsFile(FilePath, sealingKey);
        var issued = file.Add(new NewAccessKey { Policy = SecureServer.Everything }, _time);

        Assert.False(System.IO.File.Exists(KeyPath));
        Assert.Equal(issued.SecretAccessKey, file.Load(file.ReadBytes(), Account).Find(issued.Key.AccessKeyId)!.Secret);
        var other = new CredentialsFile(FilePath, Convert.ToBase64String([.. new byte[31], 1]));
        Assert.Equal(
            $"{FilePath}: the secret of {issued.Key.AccessKeyId} was sealed with another key than the given one, or was changed.",
            Assert.Throws<CredentialsFileException>(() => other.Load(other.ReadBytes(), Account)).Message);
        Assert.StartsWith($"{KeyPath} does not exist", Assert.Throws<CredentialsFileException>(() => File.ReadBytes()).Message, StringComparison.Ordinal);
        Assert.Equal(
            "The given key is no sealing key: it must be 32 bytes in base64.",
            Assert.Throws<CredentialsFileException>(() => new CredentialsFile(FilePath, "short").Add(new NewAccessKey { Policy = SecureServer.Everything }, _time)).Message);
    }

    [Fact]
    public void The_sealed_secret_of_one_key_is_none_for_another()
    {
        var first = Add();
        var second = Add();
        Edit(keys => keys[1]!["secret"] = keys[0]!["secret"]!.GetValue<string>());

        var message = Assert.Throws<CredentialsFileException>(() => Load()).Message;

        Assert.Contains(second.Key.AccessKeyId, message, StringComparison.Ordinal);
        Assert.DoesNotContain(first.SecretAccessKey, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_what_it_should_be_is_refused_with_the_reason()
    {
        Assert.Equal(
            $"{FilePath} does not exist. Make an access key with: weir credentials add --file {FilePath}", Assert.Throws<CredentialsFileException>(() => File.List()).Message);
        var id = Add().Key.AccessKeyId;
        var good = System.IO.File.ReadAllText(FilePath);
        foreach (var (spoil, reason) in new (Action<JsonArray>, string)[]
        {
            (keys => keys[0]!["accountId"] = "1", $"{FilePath}: the account of {id} must be twelve digits."),
            (keys => keys[0]!["expires"] = "2027-01-01T00:00:00Z", $"{FilePath}: {id} must have both tokenHash and expires, or neither."),
            (keys => keys[0]!["exipres"] = "2027-01-01T00:00:00Z", $"{FilePath} is no credentials file: an access key has no member 'exipres'"),
            (keys => keys[0]!["policy"] = new JsonObject(), $"{FilePath}: the policy of {id} cannot be used: its Version must be 2012-10-17 or 2008-10-17."),
            (keys => keys[0]!["secret"] = "AAAA", $"{FilePath}: the secret of {id} was sealed with another key than {KeyPath}, or was changed."),
            (keys => keys.Add(keys[0]!.DeepClone()), $"{FilePath} is no credentials file: access key {id} is in it twice"),
            (keys => keys.Add(1), $"{FilePath} is no credentials file: an access key is no object"),
        })
        {
            Edit(spoil);
            Assert.Equal(reason, Assert.Throws<CredentialsFileException>(() => Load()).Message);
            System.IO.File.WriteAllText(FilePath, good);
        }

        foreach (var text in new[] { "", "[]", "{", """{"version":2,"accessKeys":[]}""", """{"version":1}""", """{"version":1,"accessKeys":[{}]}""" })
        {
            System.IO.File.WriteAllText(FilePath, text);
            Assert.StartsWith($"{FilePath} is no credentials file: ", Assert.Throws<CredentialsFileException>(() => Load()).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("1", null, "The account '1' must be twelve digits.")]
    [InlineData(null, "a/b", "The user 'a/b' must have 1 to 64 letters, digits and + = , . @ _ -")]
    [InlineData(null, "", "The user '' must have 1 to 64 letters, digits and + = , . @ _ -")]
    public void What_cannot_be_is_not_added(string? account, string? user, string message)
    {
        Assert.Equal(message, Assert.Throws<CredentialsFileException>(() => Add(user, account)).Message);
        Assert.False(System.IO.File.Exists(FilePath));
    }

    [Fact]
    public void A_policy_that_is_not_understood_is_not_added() => Assert.StartsWith(
        "The policy cannot be used: 'kinesis:Fly' names no action",
        Assert.Throws<CredentialsFileException>(() => File.Add(new NewAccessKey { Policy = SecureServer.Everything.Replace("\"*\",", "\"kinesis:Fly\",", StringComparison.Ordinal) }, _time)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Two_changes_at_once_do_not_undo_each_other()
    {
        Add();
        using (ProtectedFile.Lock(FilePath))
            Assert.StartsWith($"{FilePath} cannot be changed now: ", Assert.Throws<CredentialsFileException>(() => Add()).Message, StringComparison.Ordinal);
        Add();

        Assert.Equal(2, File.List().Count);
    }

    private IssuedAccessKey Add(string? user = null, string? account = null, TimeSpan? lifetime = null) =>
        File.Add(new NewAccessKey { UserName = user, AccountId = account, Lifetime = lifetime, Policy = SecureServer.Everything }, _time);

    private AccessKeySet Load() => File.Load(File.ReadBytes(), Account);

    private void Edit(Action<JsonArray> change)
    {
        var json = JsonNode.Parse(System.IO.File.ReadAllText(FilePath))!;
        change(json["accessKeys"]!.AsArray());
        System.IO.File.WriteAllText(FilePath, json.ToJsonString(JsonSerializerOptions.Web));
    }
}
