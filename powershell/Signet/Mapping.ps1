function Test-SmbMapping {
    <#
    .SYNOPSIS
    Tries what a mapping would be: signed or sealed, how, and who demanded it.

    .DESCRIPTION
    Connects to a share with Signet's own client, the program signet of this machine, under the demands that New-SmbMapping takes on Windows, says how the session is protected, and disconnects. Nothing is mapped.
    If the server does not meet a demand, that is an error, as it would be of a mapping. What is decided for this machine's client holds, too: demands can be added here, not taken away.

    .PARAMETER RemotePath
    The share, \\server\share.

    .PARAMETER RequireIntegrity
    Refuse a server that does not sign.

    .PARAMETER RequirePrivacy
    Refuse a server that does not encrypt.

    .PARAMETER BlockNTLM
    Sign in by Kerberos only.

    .PARAMETER TcpPort
    The port of the server, 445 if nothing else is said.

    .PARAMETER Credential
    Who signs in. Without it, who you are here, by Kerberos.

    .EXAMPLE
    Test-SmbMapping \\fs1\docs -RequireIntegrity $true -Credential (Get-Credential ann)

    Shows whether a mapping that must be signed would be made.

    .OUTPUTS
    Signet.SmbMappingTest

    .NOTES
    The program signet must be in the path. It is not asked of a server that Connect-Signet knows: it runs here.
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('Signet.SmbMappingTest')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [ValidatePattern('^\\\\[^\\]+\\[^\\]+$')]
        [string] $RemotePath,

        [bool] $RequireIntegrity,

        [bool] $RequirePrivacy,

        [bool] $BlockNTLM,

        [ValidateRange(1, 65535)]
        [uint16] $TcpPort,

        [pscredential] $Credential
    )
    process {
        # What the program writes is read here, and its exit code, not by PowerShell.
        $ErrorActionPreference = 'Continue'
        $PSNativeCommandUseErrorActionPreference = $false
        try {
            $server, $share = $RemotePath.Substring(2) -split '\\', 2
            $place = "smb://$server/$share"
            if ($TcpPort) { $place = "smb://${server}:$TcpPort/$share" }
            $arguments = @('info', $place, '--json')
            if ($RequireIntegrity) { $arguments += '--require-integrity' }
            if ($RequirePrivacy) { $arguments += '--require-privacy' }
            if ($BlockNTLM) { $arguments += '--block-ntlm' }
            # The password goes through standard input: arguments are seen by others.
            if ($Credential) {
                $arguments += @('--user', $Credential.UserName, '--password-file', '-')
                $output = $Credential.GetNetworkCredential().Password | & signet $arguments 2>&1
            } else {
                $arguments += '-k'
                $output = & signet $arguments 2>&1
            }
            $code = $LASTEXITCODE
            $complaints = @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }) -join [Environment]::NewLine
            $text = @($output | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] }) -join [Environment]::NewLine
            if ($code -ne 0) {
                $category = 'ConnectionError'
                if ($code -eq 3) { $category = 'SecurityError' }
                throw (New-SignetError -Id "Signet$code" -Category $category -Target $RemotePath -Message "${RemotePath}: $complaints")
            }
            $info = ConvertFrom-Json -InputObject $text
            $object = [pscustomobject] [ordered] @{
                Status = 'OK'
                RemotePath = $RemotePath
                Dialect = $info.Dialect
                Signed = $info.Signed
                SigningAlgorithm = $info.SigningAlgorithm
                SigningRequiredBy = [string[]] @($info.SigningRequiredBy)
                Encrypted = $info.Encrypted
                Cipher = $info.Cipher
                EncryptionRequiredBy = [string[]] @($info.EncryptionRequiredBy)
                Authentication = $info.Authentication
                User = $info.User
                Identity = $info.Identity
            }
            $object.PSObject.TypeNames.Insert(0, 'Signet.SmbMappingTest')
            $object
        } catch {
            $PSCmdlet.WriteError($_)
        }
    }
}
