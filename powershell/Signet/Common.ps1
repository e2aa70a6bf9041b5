# What the cmdlets have in common. Which properties and kinds of objects there are
# stands in Operations.ps1.

# ConvertTo-SignetId writes a 64-bit id as the API does.
function ConvertTo-SignetId {
    param([uint64] $Id)
    '0x{0:x16}' -f $Id
}

# ConvertFrom-SignetValue makes of a value of an answer what its member is.
function ConvertFrom-SignetValue {
    param($Value, [string] $As)
    switch ($As) {
        'Boolean' { return [bool] $Value }
        'UInt32' { return [uint32] $Value }
        'UInt64' { return [uint64] $Value }
        'Id' { return [System.Convert]::ToUInt64(([string] $Value).Substring(2), 16) }
        'String[]' { return , [string[]] @($Value) }
    }
    [string] $Value
}

# ConvertTo-SignetObject makes an object of one element of an answer. It names its
# server as PSComputerName, so that what is done with it is done there.
function ConvertTo-SignetObject {
    param([string] $Kind, $Connection, $Value)
    $members = [ordered] @{}
    foreach ($entry in $script:Kinds[$Kind].Members.GetEnumerator()) {
        $how = $entry.Value
        if ($how.ContainsKey('Value')) {
            $members[$entry.Key] = $how.Value
        } else {
            $members[$entry.Key] = ConvertFrom-SignetValue -Value $Value.($how.From) -As $how.As
        }
    }
    $members['PSComputerName'] = $Connection.Server
    $object = [pscustomobject] $members
    $object.PSObject.TypeNames.Insert(0, $Kind)
    $object
}

# Test-SignetFilter reports whether an object has, of each member that was asked
# for, one of the values asked for. Text is compared with wildcards.
function Test-SignetFilter {
    param($Object, $Bound, [string[]] $Filter)
    foreach ($name in $Filter) {
        if (-not $Bound.ContainsKey($name)) { continue }
        $matched = $false
        foreach ($wanted in $Bound[$name]) {
            if ($wanted -is [string]) {
                $matched = $matched -or $Object.$name -like $wanted -or $Object.$name -eq $wanted
            } else {
                $matched = $matched -or $Object.$name -eq $wanted
            }
        }
        if (-not $matched) { return $false }
    }
    $true
}

# Find-SignetObject returns what came in as InputObject, or else lists the objects
# of a kind that match what was asked for. One that was asked for by its key and
# is not there is an error.
function Find-SignetObject {
    [CmdletBinding()]
    param([string] $Kind, [object[]] $CimSession, $Bound, [string[]] $Filter)
    if ($Bound.ContainsKey('InputObject')) { return $Bound['InputObject'] }
    $how = $script:Kinds[$Kind]
    if (-not $Filter) { $Filter = [string[]] @($how.Members.Keys) }
    $found = @(
        foreach ($connection in Resolve-SignetConnection -CimSession $CimSession) {
            $reply = Invoke-SignetOperation -Connection $connection -Operation $how.Operation
            foreach ($item in @($reply.($how.Field))) {
                $object = ConvertTo-SignetObject -Kind $Kind -Connection $connection -Value $item
                if (Test-SignetFilter -Object $object -Bound $Bound -Filter $Filter) { $object }
            }
        }
    )
    if ($Bound.ContainsKey($how.Key)) {
        foreach ($wanted in $Bound[$how.Key]) {
            if ([System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters([string] $wanted)) { continue }
            if (-not ($found | Where-Object { $_.($how.Key) -eq $wanted })) {
                $PSCmdlet.WriteError((New-SignetError -Id 'NotFound' -Category ObjectNotFound -Target $wanted -Message "No $Kind found with property '$($how.Key)' equal to '$wanted'."))
            }
        }
    }
    $found
}

# ConvertTo-SignetAccess makes of a share one object for each account that may use
# it, or may not.
function ConvertTo-SignetAccess {
    param($Share)
    $lists = @(
        @{ Accounts = $Share.FullAccess; Control = 'Allow'; Right = 'Full' }
        @{ Accounts = $Share.ChangeAccess; Control = 'Allow'; Right = 'Change' }
        @{ Accounts = $Share.ReadAccess; Control = 'Allow'; Right = 'Read' }
        @{ Accounts = $Share.NoAccess; Control = 'Deny'; Right = 'Full' }
    )
    foreach ($list in $lists) {
        foreach ($account in $list.Accounts) {
            $object = [pscustomobject] [ordered] @{
                Name = $Share.Name
                ScopeName = $Share.ScopeName
                AccountName = $account
                AccessControlType = $list.Control
                AccessRight = $list.Right
                PSComputerName = $Share.PSComputerName
            }
            $object.PSObject.TypeNames.Insert(0, 'Signet.SmbShareAccess')
            $object
        }
    }
}

# Select-SignetBound returns those of the bound parameters that have these names,
# as the body of a request.
function Select-SignetBound {
    param($Bound, [string[]] $Name)
    $body = [ordered] @{}
    foreach ($one in $Name) {
        if ($Bound.ContainsKey($one)) { $body[$one] = $Bound[$one] }
    }
    $body
}

# ConvertFrom-SignetText makes of a value of the configuration what its property
# is.
function ConvertFrom-SignetText {
    param([string] $Text, [string] $As)
    switch ($As) {
        'Boolean' { return $Text -eq 'True' }
        'UInt32' { return [uint32] $Text }
        'UInt64' { return [uint64] $Text }
        'String[]' {
            if (-not $Text) { return $null }
            return , [string[]] ($Text -split ',\s*')
        }
    }
    $Text
}

# ConvertTo-SignetText writes a value as the configuration has it.
function ConvertTo-SignetText {
    param($Value)
    if ($Value -is [array]) { return $Value -join ', ' }
    [string] $Value
}

# Get-SignetConfiguration shows one side of the configuration. What the module does
# not know yet is shown as text, last.
function Get-SignetConfiguration {
    param([string] $Side, [object[]] $CimSession)
    foreach ($connection in Resolve-SignetConnection -CimSession $CimSession) {
        $values = [ordered] @{}
        foreach ($property in (Invoke-SignetOperation -Connection $connection -Operation 'get-config').Properties) {
            if ($property.Side -eq $Side) { $values[$property.Name] = $property.Value }
        }
        $members = [ordered] @{}
        foreach ($name in $script:Properties[$Side].Keys) {
            if ($values.Contains($name)) { $members[$name] = ConvertFrom-SignetText -Text $values[$name] -As $script:Properties[$Side][$name] }
        }
        foreach ($name in $values.Keys) {
            if (-not $members.Contains($name)) { $members[$name] = $values[$name] }
        }
        $members['PSComputerName'] = $connection.Server
        $object = [pscustomobject] $members
        $kind = 'Signet.SmbServerConfiguration'
        if ($Side -eq 'client') { $kind = 'Signet.SmbClientConfiguration' }
        $object.PSObject.TypeNames.Insert(0, $kind)
        $object
    }
}

# Set-SignetConfiguration sets the properties that were bound.
function Set-SignetConfiguration {
    param($Cmdlet, [string] $Side, [object[]] $CimSession, $Bound)
    $set = [ordered] @{}
    foreach ($name in $script:Properties[$Side].Keys) {
        if ($Bound.ContainsKey($name)) { $set["$Side.$name"] = ConvertTo-SignetText -Value $Bound[$name] }
    }
    if ($set.Count -eq 0) {
        throw (New-SignetError -Id 'NothingToSet' -Category InvalidArgument -Message 'Say what to set: -RequireSecuritySignature $true, or another property.')
    }
    Edit-SignetConfiguration -Cmdlet $Cmdlet -CimSession $CimSession -Bound $Bound -Change @{ Set = $set }
}

# Reset-SignetConfiguration takes back the properties whose switches were bound.
function Reset-SignetConfiguration {
    param($Cmdlet, [string] $Side, [object[]] $CimSession, $Bound)
    $all = $Bound.ContainsKey('All') -and $Bound['All']
    $reset = @(
        foreach ($name in $script:Properties[$Side].Keys) {
            if ($all -or ($Bound.ContainsKey($name) -and $Bound[$name])) { "$Side.$name" }
        }
    )
    if ($reset.Count -eq 0) {
        throw (New-SignetError -Id 'NothingToReset' -Category InvalidArgument -Message 'Say what to take back: -All, or the switch of a property.')
    }
    Edit-SignetConfiguration -Cmdlet $Cmdlet -CimSession $CimSession -Bound $Bound -Change @{ Reset = $reset }
}

# Edit-SignetConfiguration asks each server what would follow, shows that, and
# makes the change if it may: of the revision that was shown, and of no other.
function Edit-SignetConfiguration {
    param($Cmdlet, [object[]] $CimSession, $Bound, [hashtable] $Change)
    if ($Bound.ContainsKey('Reason')) { $Change.Reason = $Bound['Reason'] }
    if ($Bound.ContainsKey('Until')) { $Change.Until = ([datetime] $Bound['Until']).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [cultureinfo]::InvariantCulture) }
    if ($Bound.ContainsKey('ConfirmWithin')) { $Change.ConfirmWithinSeconds = [int64] ([timespan] $Bound['ConfirmWithin']).TotalSeconds }
    if ($Bound.ContainsKey('CloseSessions')) { $Change.Now = [bool] $Bound['CloseSessions'] }
    foreach ($connection in Resolve-SignetConnection -CimSession $CimSession) {
        $Change.Remove('IfRevision')
        $Change.DryRun = $true
        $plan = Invoke-SignetOperation -Connection $connection -Operation 'change-config' -Body $Change
        $lines = @(Format-SignetPlan -Plan $plan)
        if (-not $Cmdlet.ShouldProcess("Modify $($connection.Server): $($lines -join '; ')", ($lines -join [Environment]::NewLine), "Modify the SMB configuration of $($connection.Server)?")) { continue }
        $Change.DryRun = $false
        $Change.IfRevision = $plan.Revision
        $result = Invoke-SignetOperation -Connection $connection -Operation 'change-config' -Body $Change
        Write-Verbose "$($connection.Server) is at revision $($result.Revision)."
        foreach ($effect in $result.Effects) {
            if ($effect.PSObject.Properties['HeldBy'] -and $effect.HeldBy) { Write-Warning "$($effect.Property) is stored, and $($effect.HeldBy) holds $($effect.After)." }
            if ($effect.PSObject.Properties['Warning'] -and $effect.Warning) { Write-Warning "$($effect.Property): $($effect.Warning)" }
        }
        $left = @($result.Sessions).Count
        if ($left -gt 0 -and -not ($Bound.ContainsKey('CloseSessions') -and $Bound['CloseSessions'])) {
            Write-Warning "$left sessions comply no more and go on as they are; -CloseSessions ends them."
        }
    }
}

# Format-SignetPlan says what would follow of a change, a line for each property.
function Format-SignetPlan {
    param($Plan)
    foreach ($effect in $Plan.Effects) {
        $line = "$($effect.Property): $($effect.Before) -> $($effect.After)"
        if ($effect.PSObject.Properties['HeldBy'] -and $effect.HeldBy) { $line += " (held by $($effect.HeldBy))" }
        if ($effect.PSObject.Properties['Caution'] -and $effect.Caution) { $line += ". $($effect.Caution)" }
        $line
    }
    if (-not $Plan.Effects) { 'nothing changes' }
    $count = @($Plan.Sessions).Count
    if ($count -gt 0) { "$count open sessions comply no more" }
}
