# Tests for Pester 5, to be run where PowerShell is:
#
#   Invoke-Pester powershell/tests
#
# Without a server, the module's own answers stand for one. Those at the end ask a
# real one, where SIGNET_TEST_SERVER, SIGNET_TEST_USER and SIGNET_TEST_PASSWORD
# say which; SIGNET_TEST_FINGERPRINT is that of its certificate.

BeforeAll {
    Import-Module "$PSScriptRoot/../Signet/Signet.psd1" -Force
}

Describe 'The module' {
    It 'gives every function help' {
        foreach ($command in Get-Command -Module Signet) {
            (Get-Help $command.Name).Synopsis | Should -Not -BeNullOrEmpty
        }
    }

    It 'finds a server by what users call it' {
        InModuleScope Signet {
            ConvertTo-SignetBase -Server 'fs1' | Should -Be 'https://fs1:8445'
            ConvertTo-SignetBase -Server 'fs1:9000' | Should -Be 'https://fs1:9000'
            ConvertTo-SignetBase -Server '127.0.0.1' | Should -Be 'http://127.0.0.1:8445'
            ConvertTo-SignetBase -Server '::1' | Should -Be 'http://[::1]:8445'
            ConvertTo-SignetBase -Server 'https://fs1:8445/' | Should -Be 'https://fs1:8445'
            { ConvertTo-SignetBase -Server 'http://fs1:8445' } | Should -Throw -ErrorId 'TLSRequired'
        }
    }

    It 'takes a fingerprint as it is printed' {
        InModuleScope Signet {
            ConvertTo-SignetFingerprint -Text (('ab:' * 31) + 'cd') | Should -Be (('AB' * 31) + 'CD')
            { ConvertTo-SignetFingerprint -Text 'ab:cd' } | Should -Throw -ErrorId 'InvalidFingerprint'
        }
    }

    It 'writes ids as the API does' {
        InModuleScope Signet {
            ConvertTo-SignetId -Id 17 | Should -Be '0x0000000000000011'
            ConvertFrom-SignetValue -Value '0x0000000000000011' -As 'Id' | Should -Be 17
        }
    }

    It 'says that it is not connected' {
        { Get-SmbSession -ErrorAction Stop } | Should -Throw -ErrorId 'NotConnected,Get-SmbSession'
    }
}

Describe 'The cmdlets' {
    BeforeAll {
        Mock -ModuleName Signet Resolve-SignetConnection { [pscustomobject] @{ Server = 'fs1'; Id = '1' } }
        Mock -ModuleName Signet Invoke-SignetOperation {
            switch ($Operation) {
                'list-sessions' {
                    @'
{"Sessions":[{"SessionId":"0x0000040000000001","ClientComputerName":"10.0.0.7","ClientUserName":"ann","Dialect":"3.1.1","Signed":true,"SigningAlgorithm":"AES-128-GMAC","SigningRequiredBy":"server","Encrypted":false,"Cipher":"","NumChannels":1,"NumOpens":2,"SecondsExists":9,"SecondsIdle":1}]}
'@ | ConvertFrom-Json
                }
                'list-open-files' {
                    @'
{"OpenFiles":[{"FileId":"0x0000000000000011","SessionId":"0x0000040000000001","Path":"/srv/docs","ShareName":"Docs","ShareRelativePath":"a.txt","ClientComputerName":"10.0.0.7","ClientUserName":"ann","Permissions":1179785}]}
'@ | ConvertFrom-Json
                }
                'get-config' {
                    '{"Revision":3,"Properties":[{"Side":"server","Name":"RequireSecuritySignature","Value":"True"},{"Side":"server","Name":"Smb2CreditsMax","Value":"8192"}]}' | ConvertFrom-Json
                }
                'change-config' {
                    '{"Revision":4,"Changed":true,"Weakens":false,"Sessions":[],"Effects":[{"Property":"server.EncryptData","Before":"False","After":"True","TakesEffect":"NextSession"}]}' | ConvertFrom-Json
                }
            }
        }
    }

    It 'shows sessions with the names and types of Windows' {
        $session = Get-SmbSession
        $session.SessionId | Should -BeOfType [uint64]
        $session.SessionId | Should -Be 4398046511105
        $session.Signed | Should -BeTrue
        $session.PSObject.Properties.Name[0] | Should -Be 'ClientComputerName'
    }

    It 'takes filters with wildcards' {
        Get-SmbSession -ClientUserName 'a*' | Should -HaveCount 1
        Get-SmbSession -ClientUserName 'b*' | Should -BeNullOrEmpty
        Get-SmbSession -SessionId 1 -ErrorAction SilentlyContinue -ErrorVariable missing | Should -BeNullOrEmpty
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'NotFound*'
    }

    It 'shows properties with their types' {
        $configuration = Get-SmbServerConfiguration
        $configuration.RequireSecuritySignature | Should -BeOfType [bool]
        $configuration.Smb2CreditsMax | Should -BeOfType [uint32]
    }

    It 'closes nothing under WhatIf' {
        Get-SmbSession | Close-SmbSession -WhatIf
        Should -Invoke -ModuleName Signet Invoke-SignetOperation -Times 0 -Exactly -ParameterFilter { $Operation -eq 'close-session' }
    }

    It 'closes what comes by the pipeline' {
        Get-SmbSession | Close-SmbSession -Force
        Should -Invoke -ModuleName Signet Invoke-SignetOperation -Times 1 -Exactly -ParameterFilter { $Operation -eq 'close-session' -and $Path.id -eq '0x0000040000000001' }
    }

    It 'closes the files of a session that comes by the pipeline' {
        Get-SmbSession | Close-SmbOpenFile -Force
        Should -Invoke -ModuleName Signet Invoke-SignetOperation -Times 1 -Exactly -ParameterFilter { $Operation -eq 'close-open-file' -and $Path.id -eq '0x0000000000000011' }
    }

    It 'asks what would follow before it changes anything' {
        Set-SmbServerConfiguration -EncryptData $true -WhatIf
        Should -Invoke -ModuleName Signet Invoke-SignetOperation -Times 1 -Exactly -ParameterFilter { $Operation -eq 'change-config' }
        Should -Invoke -ModuleName Signet Invoke-SignetOperation -Times 0 -Exactly -ParameterFilter { $Operation -eq 'change-config' -and -not $Body.DryRun }
    }
}

Describe 'A server' -Skip:(-not $env:SIGNET_TEST_SERVER) {
    BeforeAll {
        $password = ConvertTo-SecureString $env:SIGNET_TEST_PASSWORD -AsPlainText -Force
        $arguments = @{ Server = $env:SIGNET_TEST_SERVER; Credential = [pscredential]::new($env:SIGNET_TEST_USER, $password) }
        if ($env:SIGNET_TEST_FINGERPRINT) { $arguments.Fingerprint = $env:SIGNET_TEST_FINGERPRINT }
        Connect-Signet @arguments
    }

    It 'shows its configuration' {
        (Get-SmbServerConfiguration).RequireSecuritySignature | Should -BeOfType [bool]
        (Get-SmbClientConfiguration).RequireSecuritySignature | Should -BeOfType [bool]
    }

    It 'says what would follow of a change, and changes nothing' {
        $before = (Get-SmbServerConfiguration).EncryptData
        Set-SmbServerConfiguration -EncryptData (-not $before) -WhatIf
        (Get-SmbServerConfiguration).EncryptData | Should -Be $before
    }

    It 'refuses a certificate of another fingerprint' -Skip:(-not $env:SIGNET_TEST_FINGERPRINT) {
        $arguments.Fingerprint = '00' * 32
        { Connect-Signet @arguments } | Should -Throw
    }

    AfterAll { Disconnect-Signet }
}
