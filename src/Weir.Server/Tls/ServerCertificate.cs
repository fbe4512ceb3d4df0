using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Server.Tls;

/// <summary>The certificate that the server shows: a given one, or one that it signs itself and keeps beside its data.</summary>
/// <remarks>
/// A self-signed certificate stays the same over restarts, so that a client that was told to trust it (<c>AWS_CA_BUNDLE</c>,
/// <c>NODE_EXTRA_CA_CERTS</c>) goes on to. It names localhost, the loopback addresses, the address that the server listens on and the
/// machine. Its key is readable by its owner only.
/// </remarks>
internal static class ServerCertificate
{
    private const string CertificateFile = "weir-certificate.pem";
    private const string KeyFile = "weir-key.pem";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(825);

    // A kept certificate with less time left than this is replaced at the start, before clients begin to refuse it.
    private static readonly TimeSpan LeastTimeLeft = TimeSpan.FromDays(30);

    /// <summary>Loads a certificate with its key, and the chain behind it, from PEM files.</summary>
    /// <returns>The certificate first, then the others of its file.</returns>
    /// <exception cref="ArgumentException">The files cannot be used; the message names them.</exception>
    public static X509Certificate2Collection Load(string certificateFile, string keyFile)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            chain[0].Dispose();
            chain[0] = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            return chain;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ArgumentException($"TLS certificate {certificateFile} with key {keyFile} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>The certificate kept in a directory; makes it when there is none, or when it is about to end or names another address.</summary>
    /// <param name="directory">Where to keep it; null keeps it in memory, a new one at each start.</param>
    /// <param name="address">What the server listens on.</param>
    /// <param name="time">The clock.</param>
    public static X509Certificate2 SelfSigned(string? directory, IPAddress address, TimeProvider time)
    {
        if (directory is null)
            return Create(address, time);
        var certificateFile = CertificatePath(directory);
        var keyFile = Path.Combine(directory, KeyFile);
        if (File.Exists(certificateFile) && File.Exists(keyFile))
        {
            var kept = Load(certificateFile, keyFile)[0];
            if (kept.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > LeastTimeLeft && Names(kept, address))
                return kept;
            kept.Dispose();
        }

        var made = Create(address, time);
        WriteSecret(keyFile, made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, made.ExportCertificatePem());
        return made;
    }

    /// <summary>Where the self-signed certificate of a data directory is, for clients to trust.</summary>
    public static string CertificatePath(string directory) => Path.Combine(directory, CertificateFile);

    private static X509Certificate2 Create(IPAddress address, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=weir", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(SubjectNames(address));
        // Trusting it must not mean to trust whatever else it might sign.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "TLS server")], critical: false));
        var now = time.GetUtcNow();
        // A client whose clock is a little behind accepts it too.
        return request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
    }

    private static X509Extension SubjectNames(IPAddress address)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        foreach (var ip in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback, address }.Distinct())
            names.AddIpAddress(ip);
        return names.Build();
    }

    private static bool Names(X509Certificate2 certificate, IPAddress address) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Any(names => names.EnumerateIPAddresses().Contains(address));

    private static void WriteSecret(string file, string text)
    {
        // Made with its mode, so that it is never readable by others, not even for a moment.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
