package powershell

// shareCmdlets are about shares and who may use them.
func shareCmdlets() []Cmdlet {
	return []Cmdlet{getShare(), newShare(), setShare(), removeShare(), getAccess(), changeAccess("Grant"), changeAccess("Revoke")}
}

// enumerations are what listings of a share may show.
var enumerations = []string{"AccessBased", "Unrestricted"}

// leasingModes are the words of LeasingMode.
var leasingModes = []string{"Full", "Shared", "None"}

const leasingHelp = "What clients may cache: Full: what oplocks and leases allow; Shared: what they read; None: nothing."

// noneOfThese are the parameters of Windows' shares that shares here have not.
func noneOfThese(names ...string) (list []Difference) {
	why := map[string]string{
		"CachingMode": "clients cache by hand, as is Windows' default, and nothing else can be set",
		"CATimeout":   "no share is continuously available", "ContinuouslyAvailable": "no share is continuously available",
		"CompressData":           "messages are not compressed",
		"DirectoryHandleLeasing": "Set-SmbServerConfiguration has it, for all shares",
		"IsolatedTransport":      "a share has no transport of its own", "QoSFlowScope": "there is no bandwidth policy", "QoSPolicyId": "there is no bandwidth policy",
		"Temporary": "what is added is stored; signet serve DIR shares for as long as it runs", "ScopeName": "a server has no scopes",
	}
	for _, name := range names {
		list = append(list, Difference{Parameter: name, Why: why[name]})
	}
	return list
}

// own are the properties of a share that Windows does not have.
func own() []Parameter {
	return []Parameter{
		{Name: "RequireSecuritySignature", Type: "bool", Own: true, Help: "Whether every message about it must be signed or encrypted."},
		{Name: "ReadOnly", Type: "bool", Own: true, Help: "Whether nothing in it can be changed, whatever else is granted."},
		{Name: "RunAs", Type: "string", Own: true, Help: "The system user as whom it is used; empty: as the server was started."},
		{Name: "EnableGuestAccess", Type: "bool", Own: true, Help: "Whether guests may use it, where the server lets them in."},
	}
}

func getShare() Cmdlet {
	c := Cmdlet{
		Name: "Get-SmbShare", Synopsis: "Shows the shares.",
		Description: "Shows the shares of the store, of the configuration file and of the command line. A table shows what Windows shows; a list shows all.",
		Examples:    []Example{{"Get-SmbShare -EncryptData $false", "Shows the shares that do not demand encryption."}},
		Output:      "Signet.SmbShare",
		Body:        "Find-SignetObject -Kind 'Signet.SmbShare' -CimSession $CimSession -Bound $PSBoundParameters",
		Requests:    []Request{{Operation: "list-shares"}},
		Parameters: []Parameter{
			filter("Name", "string[]", "", 1, "Only those of these names; wildcards are taken."),
			filter("ScopeName", "string[]", "", 2, "Only those of these scopes. There is one, *."),
			{Name: "AvailabilityType", Type: "string[]", Pipeline: "ByPropertyName", Values: []string{"NonClustered", "Clustered", "ScaleOut", "CSV", "DFS"}, Help: "Only those that are available so. All are NonClustered."},
			{Name: "CachingMode", Type: "string[]", Pipeline: "ByPropertyName", Values: []string{"None", "Manual", "Documents", "Programs", "BranchCache", "Unknown"}, Help: "Only those that clients cache so. All are Manual."},
			filter("CATimeout", "uint32[]", "", 0, "Only those with this time. Of all it is 0."),
			filter("CompressData", "bool[]", "", 0, "Only those that are compressed, or not. None is."),
			filter("ConcurrentUserLimit", "uint32[]", "", 0, "Only those with this limit to the connections at a time; 0: those without."),
			filter("ContinuouslyAvailable", "bool[]", "", 0, "Only those that are, or are not. None is."),
			filter("EncryptData", "bool[]", "", 0, "Only those that demand encryption, or do not."),
			{Name: "FolderEnumerationMode", Type: "string[]", Pipeline: "ByPropertyName", Values: enumerations, Help: "Only those whose listings show what the user may read (AccessBased), or all."},
			{Name: "LeasingMode", Type: "string[]", Values: leasingModes, Help: "Only those of which clients may cache all (Full), what they read (Shared), or nothing (None)."},
			filter("Scoped", "bool[]", "", 0, "Only those of a scope, or not. None is."),
			{Name: "ShareState", Type: "string[]", Pipeline: "ByPropertyName", Values: []string{"Pending", "Online", "Offline"}, Help: "Only those that are served now (Online), or are not."},
			filter("Special", "bool[]", "", 0, "Only those that Windows makes by itself, or not. None is."),
			{Name: "IncludeHidden", Type: "switch", Help: "Taken, and changes nothing: no share is hidden."},
			instance(""),
		},
		Differences: []Difference{instanceDifference},
	}
	c.Differences = append(c.Differences, noneOfThese("IsolatedTransport", "QoSFlowScope", "QoSPolicyId")...)
	for _, name := range []string{"AvailabilityType", "CachingMode", "FolderEnumerationMode", "LeasingMode", "ShareState"} {
		c.Differences = append(c.Differences, Difference{name, "type", "words instead of CIM's enumeration"})
	}
	return c
}

func newShare() Cmdlet {
	c := Cmdlet{
		Name: "New-SmbShare", Synopsis: "Shares a folder.",
		Description: "Shares a folder of the server's machine, from now on and after a restart. Without FullAccess, ChangeAccess, ReadAccess and NoAccess, Everyone has full access; with one of them, nobody else has any.",
		Examples:    []Example{{"New-SmbShare -Name Docs -Path /srv/docs -FullAccess ann -ReadAccess Everyone -EncryptData $true", "Shares a folder, encrypted."}},
		Acts:        true, Output: "Signet.SmbShare",
		Body: `$connections = Resolve-SignetConnection -CimSession $CimSession
$body = Select-SignetBound -Bound $PSBoundParameters -Name 'Name', 'Path', 'Description', 'ConcurrentUserLimit', 'EncryptData', 'FolderEnumerationMode', 'LeasingMode', 'SecurityDescriptor', 'FullAccess', 'ChangeAccess', 'ReadAccess', 'NoAccess', 'RequireSecuritySignature', 'ReadOnly', 'RunAs', 'EnableGuestAccess'
foreach ($connection in $connections) {
    if ($PSCmdlet.ShouldProcess("SMB share $Name of $($connection.Server)", 'New')) {
        ConvertTo-SignetObject -Kind 'Signet.SmbShare' -Connection $connection -Value (
            Invoke-SignetOperation -Connection $connection -Operation 'add-share' -Body $body)
    }
}`,
		Requests: []Request{{Operation: "add-share", Body: map[string]any{
			"Name": "Fresh", "Path": "$folder", "EncryptData": true, "FolderEnumerationMode": "AccessBased", "LeasingMode": "Shared", "FullAccess": []string{"ann"}, "ChangeAccess": []string{"Everyone"},
			"ReadAccess": []string{"olga"}, "NoAccess": []string{"vera"}, "RequireSecuritySignature": true, "ReadOnly": false, "RunAs": "", "EnableGuestAccess": false,
			"Description": "papers", "ConcurrentUserLimit": 20,
		}}},
		Parameters: []Parameter{
			{Name: "Name", Type: "string", Position: 1, Required: true, Pipeline: "ByPropertyName", Help: "Its name."},
			{Name: "Path", Type: "string", Position: 2, Required: true, Pipeline: "ByPropertyName", Help: "The folder, absolute, as the server's machine calls it."},
			{Name: "Description", Type: "string", Help: "What it holds, for people; at most 256 characters."},
			{Name: "ConcurrentUserLimit", Type: "uint32", Help: "How many may be connected to it at a time; 0: as many as come."},
			{Name: "EncryptData", Type: "bool", Help: "Whether every message about it must be encrypted."},
			{Name: "FolderEnumerationMode", Type: "string", Values: enumerations, Help: "AccessBased: listings show what the user may read."},
			{Name: "LeasingMode", Type: "string", Values: leasingModes, Help: leasingHelp},
			{Name: "SecurityDescriptor", Type: "string", Pipeline: "ByPropertyName", Help: "Who may use it, in SDDL, instead of the lists of accounts; refused if they cannot say the same."},
			{Name: "FullAccess", Type: "string[]", Help: "Accounts that may do everything, or Everyone."},
			{Name: "ChangeAccess", Type: "string[]", Help: "Accounts that may read and change."},
			{Name: "ReadAccess", Type: "string[]", Help: "Accounts that may read."},
			{Name: "NoAccess", Type: "string[]", Help: "Accounts that may do nothing, whatever else is granted."},
		},
		Differences: append(
			noneOfThese("CachingMode", "CATimeout", "CompressData", "ContinuouslyAvailable", "ScopeName", "Temporary"),
			Difference{"FolderEnumerationMode", "type", "words instead of CIM's enumeration"}, Difference{"LeasingMode", "type", "words instead of CIM's enumeration"}, Difference{"LeasingMode", "values", "words instead of CIM's enumeration"}),
	}
	c.Parameters = append(c.Parameters, own()...)
	return c
}

func setShare() Cmdlet {
	c := Cmdlet{
		Name: "Set-SmbShare", Synopsis: "Changes shares.",
		Description: "Changes shares of the store; what is not said stays. It holds from the next connection to the share on.",
		Examples:    []Example{{"Get-SmbShare Docs | Set-SmbShare -EncryptData $true -PassThru", "Demands encryption of a share, after asking, and shows it."}},
		Asks:        true, Output: "Signet.SmbShare",
		Body: `$body = Select-SignetBound -Bound $PSBoundParameters -Name 'Description', 'ConcurrentUserLimit', 'EncryptData', 'FolderEnumerationMode', 'LeasingMode', 'SecurityDescriptor', 'RequireSecuritySignature', 'ReadOnly', 'RunAs', 'EnableGuestAccess'
foreach ($object in Find-SignetObject -Kind 'Signet.SmbShare' -CimSession $CimSession -Bound $PSBoundParameters -Filter 'Name', 'ScopeName') {
    if ($PSCmdlet.ShouldProcess("SMB share $($object.Name) of $($object.PSComputerName)", 'Modify')) {
        $connection = Resolve-SignetConnection -CimSession $object.PSComputerName
        $changed = Invoke-SignetOperation -Connection $connection -Operation 'update-share' -Path @{ name = $object.Name } -Body $body
        if ($PassThru) { ConvertTo-SignetObject -Kind 'Signet.SmbShare' -Connection $connection -Value $changed }
    }
}`,
		Requests: []Request{{Operation: "list-shares"}, {Operation: "update-share", Path: map[string]string{"name": "Docs"}, Body: map[string]any{
			"EncryptData": true, "FolderEnumerationMode": "AccessBased", "LeasingMode": "Shared", "RequireSecuritySignature": true, "ReadOnly": false, "RunAs": "", "EnableGuestAccess": false,
			"Description": "papers", "ConcurrentUserLimit": 20, "SecurityDescriptor": "D:(A;;FA;;;WD)",
		}}},
		Parameters: []Parameter{
			{Name: "Name", Type: "string[]", Set: "Query", Position: 1, Required: true, Pipeline: "ByPropertyName", Help: "Their names; wildcards are taken."},
			filter("ScopeName", "string[]", "Query", 2, "Only those of these scopes. There is one, *."),
			{Name: "Description", Type: "string", Pipeline: "ByPropertyName", Help: "What it holds, for people; at most 256 characters."},
			{Name: "ConcurrentUserLimit", Type: "uint32", Pipeline: "ByPropertyName", Help: "How many may be connected to it at a time; 0: as many as come."},
			{Name: "SecurityDescriptor", Type: "string", Pipeline: "ByPropertyName", Help: "Who may use it, in SDDL, in place of all that was granted; refused if lists of accounts cannot say the same."},
			{Name: "EncryptData", Type: "bool", Pipeline: "ByPropertyName", Help: "Whether every message about it must be encrypted."},
			{Name: "FolderEnumerationMode", Type: "string", Pipeline: "ByPropertyName", Values: enumerations, Help: "AccessBased: listings show what the user may read."},
			{Name: "LeasingMode", Type: "string", Values: leasingModes, Help: leasingHelp},
			instance("Query"), input("SmbShare"),
			{Name: "PassThru", Type: "switch", Help: "Write the changed shares."},
		},
		Differences: append(
			noneOfThese("CachingMode", "CATimeout", "CompressData", "ContinuouslyAvailable", "DirectoryHandleLeasing", "IsolatedTransport", "QoSFlowScope", "QoSPolicyId"),
			Difference{"FolderEnumerationMode", "type", "words instead of CIM's enumeration"}, Difference{"LeasingMode", "type", "words instead of CIM's enumeration"}, instanceDifference, inputDifference),
	}
	c.Parameters = append(c.Parameters, own()...)
	return c
}

func removeShare() Cmdlet {
	return Cmdlet{
		Name: "Remove-SmbShare", Synopsis: "Shares folders no more.",
		Description: "Removes shares of the store. The folders stay as they are.",
		Examples:    []Example{{"Remove-SmbShare -Name Docs", "Shares a folder no more, after asking."}},
		Asks:        true, Output: "Signet.SmbShare",
		Body: `foreach ($object in Find-SignetObject -Kind 'Signet.SmbShare' -CimSession $CimSession -Bound $PSBoundParameters) {
    if ($PSCmdlet.ShouldProcess("SMB share $($object.Name) of $($object.PSComputerName)", 'Remove')) {
        $connection = Resolve-SignetConnection -CimSession $object.PSComputerName
        $null = Invoke-SignetOperation -Connection $connection -Operation 'remove-share' -Path @{ name = $object.Name }
        if ($PassThru) { $object }
    }
}`,
		Requests: []Request{{Operation: "list-shares"}, {Operation: "remove-share", Path: map[string]string{"name": "Docs"}}},
		Parameters: []Parameter{
			{Name: "Name", Type: "string[]", Set: "Query", Position: 1, Required: true, Pipeline: "ByPropertyName", Help: "Their names; wildcards are taken."},
			filter("ScopeName", "string[]", "Query", 2, "Only those of these scopes. There is one, *."),
			instance("Query"), input("SmbShare"),
			{Name: "PassThru", Type: "switch", Help: "Write what was removed."},
		},
		Differences: []Difference{instanceDifference, inputDifference},
	}
}

// shareNames are the parameters that say which shares access is about.
func shareNames() []Parameter {
	return []Parameter{
		{Name: "Name", Type: "string[]", Set: "Query", Position: 1, Required: true, Pipeline: "ByPropertyName", Help: "The shares; wildcards are taken."},
		filter("ScopeName", "string[]", "Query", 2, "Only those of these scopes. There is one, *."),
		instance("Query"), input("SmbShare"),
	}
}

func getAccess() Cmdlet {
	return Cmdlet{
		Name: "Get-SmbShareAccess", Synopsis: "Shows who may use shares.",
		Description: "Shows what is granted to accounts, and to whom a share is denied.",
		Examples:    []Example{{"Get-SmbShareAccess -Name Docs", "Shows who may use a share."}},
		Output:      "Signet.SmbShareAccess",
		Body: `foreach ($object in Find-SignetObject -Kind 'Signet.SmbShare' -CimSession $CimSession -Bound $PSBoundParameters) {
    ConvertTo-SignetAccess -Share $object
}`,
		Requests:    []Request{{Operation: "list-shares"}},
		Parameters:  shareNames(),
		Differences: append(askedInWindows(), instanceDifference, inputDifference),
	}
}

// changeAccess is Grant- or Revoke-SmbShareAccess.
func changeAccess(verb string) Cmdlet {
	c := Cmdlet{
		Name: verb + "-SmbShareAccess", Synopsis: "Grants accounts the use of shares.",
		Description: "Grants accounts the use of shares of the store, in place of what was granted to them before, and shows who may use the shares then.",
		Examples:    []Example{{"Grant-SmbShareAccess -Name Docs -AccountName bob -AccessRight Read -Force", "Lets bob read, without asking."}},
		Asks:        true, Output: "Signet.SmbShareAccess", Parameters: shareNames(),
		Requests: []Request{{Operation: "list-shares"}, {Operation: "grant-share-access", Path: map[string]string{"name": "Docs", "account": "olga"}, Body: map[string]any{"Access": "Read"}}},
		Differences: []Difference{
			instanceDifference, inputDifference,
			{"AccountName", "required", "asked for, instead of an error of the server"},
		},
	}
	operation, body := "grant-share-access", " -Body @{ Access = $AccessRight }"
	c.Parameters = append(c.Parameters, Parameter{Name: "AccountName", Type: "string[]", Required: true, Help: "The accounts, or Everyone."})
	if verb == "Revoke" {
		c.Synopsis = "Takes away what was granted to accounts."
		c.Description = "Takes away what shares of the store grant to accounts, denials included, and shows who may use the shares then."
		c.Examples = []Example{{"Revoke-SmbShareAccess -Name Docs -AccountName bob", "Takes away what was granted to bob, after asking."}}
		c.Requests[1] = Request{Operation: "revoke-share-access", Path: map[string]string{"name": "Docs", "account": "olga"}}
		operation, body = "revoke-share-access", ""
	} else {
		c.Parameters = append(c.Parameters, Parameter{Name: "AccessRight", Type: "string", Required: true, Values: []string{"Full", "Change", "Read"}, Help: "How much they may do."})
		c.Differences = append(c.Differences,
			Difference{"AccessRight", "type", "words instead of CIM's enumeration"},
			Difference{"AccessRight", "required", "asked for, instead of an error of the server"})
	}
	c.Body = `foreach ($object in Find-SignetObject -Kind 'Signet.SmbShare' -CimSession $CimSession -Bound $PSBoundParameters) {
    $connection = Resolve-SignetConnection -CimSession $object.PSComputerName
    foreach ($account in $AccountName) {
        if ($PSCmdlet.ShouldProcess("SMB share $($object.Name) of $($object.PSComputerName)", "` + verb + ` access of $account")) {
            $changed = Invoke-SignetOperation -Connection $connection -Operation '` + operation + `' -Path @{ name = $object.Name; account = $account }` + body + `
            $object = ConvertTo-SignetObject -Kind 'Signet.SmbShare' -Connection $connection -Value $changed
        }
    }
    ConvertTo-SignetAccess -Share $object
}`
	return c
}
