# Who is asked, and how.

# Connections that were made, by their ids, and the id of the last one. Client,
# Cookie and Token stay here: what users hold has none of them.
$script:Connections = @{}
$script:LastConnection = $null

# New-SignetError makes a record to be thrown or written.
function New-SignetError {
    param(
        [string] $Id,
        [System.Management.Automation.ErrorCategory] $Category,
        [string] $Message,
        $Target
    )
    [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($Message), $Id, $Category, $Target)
}

# Send-SignetRequest sends one request and returns status, cookie and body. It
# throws only if there is no answer.
function Send-SignetRequest {
    param($State, [string] $Method, [string] $Path, $Body)
    $request = [System.Net.Http.HttpRequestMessage]::new([System.Net.Http.HttpMethod]::new($Method), [uri]($State.Base + $Path))
    try {
        if ($State.Cookie) { $null = $request.Headers.TryAddWithoutValidation('Cookie', $State.Cookie) }
        if ($State.Token -and $Method -ne 'GET') { $null = $request.Headers.TryAddWithoutValidation('X-Signet-Token', $State.Token) }
        if ($null -ne $Body) {
            $json = ConvertTo-Json -InputObject $Body -Depth 5 -Compress
            $request.Content = [System.Net.Http.StringContent]::new($json, [System.Text.Encoding]::UTF8, 'application/json')
        }
        Write-Debug "$Method $Path"
        $response = $State.Client.SendAsync($request).GetAwaiter().GetResult()
        try {
            $cookie = $null
            $values = $null
            if ($response.Headers.TryGetValues('Set-Cookie', [ref] $values)) { $cookie = (@($values)[0] -split ';')[0] }
            $text = $response.Content.ReadAsStringAsync().GetAwaiter().GetResult()
            $value = $null
            if ($text) { $value = ConvertFrom-Json -InputObject $text }
            @{ Status = [int] $response.StatusCode; Cookie = $cookie; Value = $value }
        } finally {
            $response.Dispose()
        }
    } finally {
        $request.Dispose()
    }
}

# Invoke-SignetOperation asks a server for one operation of its API and returns
# the answer. A refusal is thrown, with the server's word for it as its id.
function Invoke-SignetOperation {
    param($Connection, [string] $Operation, [hashtable] $Path = @{}, $Body)
    $row = $script:Operations[$Operation]
    $where = $row.Path
    foreach ($name in $Path.Keys) { $where = $where.Replace("{$name}", [uri]::EscapeDataString([string] $Path[$name])) }
    $state = $script:Connections[$Connection.Id]
    try {
        $reply = Send-SignetRequest -State $state -Method $row.Method -Path $where -Body $Body
    } catch {
        $inner = $_.Exception.GetBaseException().Message
        throw (New-SignetError -Id 'NoAnswer' -Category ConnectionError -Target $Connection.Server -Message "$($Connection.Server) does not answer: $inner")
    }
    if ($reply.Status -lt 200 -or $reply.Status -gt 299) { throw (ConvertTo-SignetRefusal -Reply $reply -Operation $Operation -Server $Connection.Server) }
    $reply.Value
}

# ConvertTo-SignetRefusal makes an error of what the server refused.
function ConvertTo-SignetRefusal {
    param($Reply, [string] $Operation, [string] $Server)
    $category = switch ($Reply.Status) {
        400 { 'InvalidArgument' }
        401 { 'AuthenticationError' }
        403 { 'PermissionDenied' }
        404 { 'ObjectNotFound' }
        409 { 'ResourceExists' }
        422 { 'InvalidArgument' }
        429 { 'LimitsExceeded' }
        default { 'InvalidOperation' }
    }
    $code = "Status$($Reply.Status)"
    $message = "$Server refused ${Operation}: status $($Reply.Status)"
    if ($Reply.Value -and $Reply.Value.PSObject.Properties['Message']) {
        $code = $Reply.Value.Code
        $message = "${Server}: $($Reply.Value.Message)"
        if ($Reply.Value.PSObject.Properties['Hint'] -and $Reply.Value.Hint) { $message += ". $($Reply.Value.Hint)" }
        if ($Reply.Value.PSObject.Properties['Allowed'] -and $Reply.Value.Allowed) { $message += ". Allowed: $($Reply.Value.Allowed -join ', ')" }
    }
    if ($code -eq 'ReasonRequired') { $message += '. Say why with -Reason' }
    if ($code -eq 'SignInRequired' -or $code -eq 'SignInAgain') { $message += '. Connect-Signet signs in' }
    New-SignetError -Id $code -Category $category -Message $message -Target $Server
}

# ConvertTo-SignetBase makes of what users call a server where its API is.
function ConvertTo-SignetBase {
    param([string] $Server)
    $loopback = '^(localhost|127(\.\d+){3}|\[?::1\]?)$'
    if ($Server -notmatch '^[a-z]+://') {
        $name = $Server
        if ($Server -notmatch '^\[.*\]' -and ($Server -split ':').Count -gt 2) { $name = "[$Server]" }
        if ($name -notmatch ':\d+$') { $name = "${name}:8445" }
        $bare = ($name -replace ':\d+$', '')
        $scheme = 'https'
        if ($bare -match $loopback) { $scheme = 'http' }
        $Server = "${scheme}://$name"
    }
    $address = [uri] $Server
    if ($address.Scheme -ne 'https' -and -not ($address.Scheme -eq 'http' -and $address.Host -match $loopback)) {
        throw (New-SignetError -Id 'TLSRequired' -Category SecurityError -Target $Server -Message "Beyond this host a password travels over TLS alone: https://$($address.Authority)")
    }
    "$($address.Scheme)://$($address.Authority)"
}

# Add-SignetConnection keeps a connection and returns what users hold of it.
function Add-SignetConnection {
    param($State, [string] $Server, $SignIn, [string] $Fingerprint)
    $id = [guid]::NewGuid().ToString()
    $script:Connections[$id] = $State
    $connection = [pscustomobject] @{ Server = $Server; Account = $SignIn.Account; Role = $SignIn.Role; Fingerprint = $Fingerprint; Id = $id }
    $connection.PSObject.TypeNames.Insert(0, 'Signet.Connection')
    $State.Connection = $connection
    $script:LastConnection = $id
    $connection
}

function Connect-Signet {
    <#
    .SYNOPSIS
    Signs in to a server, so that the other cmdlets can ask it.

    .DESCRIPTION
    Over HTTPS, by name and password or by a link of signet admin link; or, on the server itself and from PowerShell 7.2 on, over its socket, where the kernel tells who asks.
    The certificate must be one that the system trusts, or the one whose fingerprint is given. Nothing switches that off.
    Plain HTTP is taken on the loopback alone, where a server without a certificate offers it.

    .PARAMETER Server
    The name or address of the server, with its port unless that is 8445; or the whole address, https://fs1:8445. A bare loopback name means http.

    .PARAMETER Credential
    The name and the password of an account with a role.

    .PARAMETER Link
    What signet admin link printed, as it is. It works once, for five minutes.

    .PARAMETER Fingerprint
    The SHA-256 of the server's certificate, as signet admin link and the server itself print it. Then that certificate is trusted, and no other.

    .PARAMETER Socket
    Ask the server of this machine, over its socket.

    .PARAMETER Path
    Where that socket is: signet.sock in the server's state directory, or, of root's, /run/signet/signet.sock, which is tried if nothing else is said.

    .EXAMPLE
    Connect-Signet fs1 -Credential (Get-Credential ann)

    Signs in at https://fs1:8445.

    .EXAMPLE
    Connect-Signet -Socket

    Asks the server of this machine as who you are.

    .OUTPUTS
    Signet.Connection

    .NOTES
    A sign-in ends after 30 minutes without a request. What lowers protection is taken within ten minutes of it.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Password', PositionalBinding = $false)]
    [OutputType('Signet.Connection')]
    param(
        [Parameter(ParameterSetName = 'Password', Mandatory, Position = 0)]
        [string] $Server,

        [Parameter(ParameterSetName = 'Password', Mandatory)]
        [pscredential] $Credential,

        [Parameter(ParameterSetName = 'Link', Mandatory)]
        [string] $Link,

        [Parameter(ParameterSetName = 'Password')]
        [Parameter(ParameterSetName = 'Link')]
        [string] $Fingerprint,

        [Parameter(ParameterSetName = 'Socket', Mandatory)]
        [switch] $Socket,

        [Parameter(ParameterSetName = 'Socket')]
        [string] $Path = '/run/signet/signet.sock'
    )
    process {
        try {
            if ($Socket) {
                $state = @{ Base = 'http://signet'; Client = (New-SignetSocketClient -Path $Path); Cookie = $null; Token = $null; Connection = $null }
                $connection = Add-SignetConnection -State $state -Server $Path -SignIn @{ Account = ''; Role = '' }
                try {
                    $who = Invoke-SignetOperation -Connection $connection -Operation 'get-sign-in'
                } catch {
                    Remove-SignetConnection -Connection $connection
                    throw
                }
                $connection.Account = $who.Account
                $connection.Role = $who.Role
                return $connection
            }
            $body = @{}
            $name = $Server
            if ($Link) {
                if ($Link -notmatch '^(?<base>https?://[^/]+)/#token=(?<token>[0-9A-Za-z_-]+)$') {
                    throw (New-SignetError -Id 'InvalidLink' -Category InvalidArgument -Message 'This is no link of signet admin link.')
                }
                $name = $Matches['base']
                $body.Token = $Matches['token']
            } else {
                $body.Name = $Credential.UserName.TrimStart('\')
                $body.Password = $Credential.GetNetworkCredential().Password
            }
            $state = @{ Base = (ConvertTo-SignetBase -Server $name); Client = (New-SignetClient -Fingerprint $Fingerprint); Cookie = $null; Token = $null; Connection = $null }
            try {
                $reply = Send-SignetRequest -State $state -Method POST -Path $script:Operations['sign-in'].Path -Body $body
            } catch {
                $state.Client.Dispose()
                $inner = $_.Exception.GetBaseException().Message
                throw (New-SignetError -Id 'NoAnswer' -Category ConnectionError -Target $name -Message "$name does not answer, or its certificate is not trusted: $inner")
            }
            if ($reply.Status -ne 200) {
                $state.Client.Dispose()
                throw (ConvertTo-SignetRefusal -Reply $reply -Operation 'sign-in' -Server $name)
            }
            $state.Cookie = $reply.Cookie
            $state.Token = $reply.Value.Token
            Add-SignetConnection -State $state -Server $name -SignIn $reply.Value -Fingerprint $Fingerprint
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

function Disconnect-Signet {
    <#
    .SYNOPSIS
    Signs out.

    .DESCRIPTION
    Signs out at the servers, and forgets them.

    .PARAMETER CimSession
    What Connect-Signet returned, or the names of servers. Without it, the server connected to last.

    .EXAMPLE
    Disconnect-Signet fs1

    Signs out at one server.
    #>
    [CmdletBinding(PositionalBinding = $false)]
    param(
        [Parameter(Position = 0, ValueFromPipeline)]
        [Alias('Session')]
        [object[]] $CimSession
    )
    process {
        try {
            foreach ($connection in Resolve-SignetConnection -CimSession $CimSession) {
                try {
                    if ($script:Connections[$connection.Id].Token) { $null = Invoke-SignetOperation -Connection $connection -Operation 'sign-out' }
                } finally {
                    Remove-SignetConnection -Connection $connection
                }
            }
        } catch {
            $PSCmdlet.WriteError($_)
        }
    }
}

# Remove-SignetConnection forgets a connection.
function Remove-SignetConnection {
    param($Connection)
    $script:Connections[$Connection.Id].Client.Dispose()
    $script:Connections.Remove($Connection.Id)
    if ($script:LastConnection -eq $Connection.Id) { $script:LastConnection = $null }
}

# Resolve-SignetConnection returns the connections that are meant: those given, by
# themselves or by the names of their servers, or the last one.
function Resolve-SignetConnection {
    param([object[]] $CimSession)
    if (-not $CimSession) {
        if (-not $script:LastConnection) {
            throw (New-SignetError -Id 'NotConnected' -Category ConnectionError -Message 'Not connected to a server: Connect-Signet')
        }
        return $script:Connections[$script:LastConnection].Connection
    }
    foreach ($one in $CimSession) {
        $name = [string] $one
        $found = $null
        if ($one.PSObject.TypeNames -contains 'Signet.Connection') {
            $name = $one.Server
            if ($script:Connections.ContainsKey($one.Id)) { $found = $one }
        } else {
            $last = $null
            if ($script:LastConnection) { $last = $script:Connections[$script:LastConnection].Connection }
            if ($last -and $last.Server -eq $name) {
                $found = $last
            } else {
                $found = $script:Connections.Values | ForEach-Object { $_.Connection } | Where-Object { $_.Server -eq $name } | Select-Object -First 1
            }
        }
        if (-not $found) { throw (New-SignetError -Id 'NotConnected' -Category ConnectionError -Target $name -Message "Not connected to ${name}: Connect-Signet") }
        $found
    }
}
