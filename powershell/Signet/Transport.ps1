# HTTP clients. Whether a certificate is to be trusted is asked on a thread that
# runs no PowerShell, so that answer is compiled.

$script:TransportSource = @'
using System;
using System.Net.Http;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Signet
{
    public static class Transport
    {
        // Over returns a client that follows nowhere, keeps no cookies and knows no
        // proxy. With a fingerprint, the SHA-256 of the server's certificate in
        // hexadecimal digits, it trusts that certificate and no other; with null it
        // trusts whom the system trusts.
        public static HttpClient Over(string fingerprint, bool onlyTls12)
        {
            var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
            if (onlyTls12)
            {
                handler.SslProtocols = SslProtocols.Tls12;
            }
            if (fingerprint != null)
            {
                handler.ServerCertificateCustomValidationCallback = (request, certificate, chain, errors) =>
                    certificate != null && Fingerprint(certificate.RawData) == fingerprint;
            }
            return new HttpClient(handler);
        }

        public static string Fingerprint(byte[] certificate)
        {
            using (var hash = SHA256.Create())
            {
                return BitConverter.ToString(hash.ComputeHash(certificate)).Replace("-", "");
            }
        }
    }
}
'@

$script:SocketSource = @'
using System.IO;
using System.Net.Http;
using System.Net.Sockets;

namespace Signet
{
    public static class SocketTransport
    {
        // Over returns a client that speaks to a unix socket, whatever the host.
        public static HttpClient Over(string path)
        {
            var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
            handler.ConnectCallback = async (context, cancelled) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancelled);
                    return new NetworkStream(socket, true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
            return new HttpClient(handler);
        }
    }
}
'@

# New-SignetClient returns an HttpClient for a server, by TCP.
function New-SignetClient {
    param([string] $Fingerprint)
    $desktop = $PSVersionTable.PSEdition -ne 'Core'
    if (-not ('Signet.Transport' -as [type])) {
        if ($desktop) {
            Add-Type -TypeDefinition $script:TransportSource -ReferencedAssemblies System.Net.Http
        } else {
            Add-Type -TypeDefinition $script:TransportSource
        }
    }
    $pin = [NullString]::Value
    if ($Fingerprint) { $pin = ConvertTo-SignetFingerprint $Fingerprint }
    # Windows PowerShell starts with what was usual once; PowerShell leaves it to the system.
    [Signet.Transport]::Over($pin, $desktop)
}

# New-SignetSocketClient returns an HttpClient for a unix socket.
function New-SignetSocketClient {
    param([string] $Path)
    if ($PSVersionTable.PSVersion -lt [version]'7.2') {
        throw (New-SignetError -Id 'SocketNeedsPowerShell7' -Category NotImplemented -Message 'A socket is reached from PowerShell 7.2 on: sign in over HTTPS instead.')
    }
    if (-not ('Signet.SocketTransport' -as [type])) { Add-Type -TypeDefinition $script:SocketSource }
    [Signet.SocketTransport]::Over($Path)
}

# ConvertTo-SignetFingerprint writes a SHA-256 as digits alone, in upper case.
function ConvertTo-SignetFingerprint {
    param([string] $Text)
    $digits = ($Text -replace '[:\s-]', '').ToUpperInvariant()
    if ($digits -notmatch '^[0-9A-F]{64}$') {
        throw (New-SignetError -Id 'InvalidFingerprint' -Category InvalidArgument -Message 'A fingerprint is a SHA-256: 64 hexadecimal digits, as signet admin link prints it.')
    }
    $digits
}
