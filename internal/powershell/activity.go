package powershell

// activityCmdlets are about sessions, connections and open files.
func activityCmdlets() []Cmdlet {
	return []Cmdlet{getSession(), closeSession(), getConnection(), getOpenFile(), closeOpenFile()}
}

func getSession() Cmdlet {
	c := Cmdlet{
		Name: "Get-SmbSession", Synopsis: "Shows who is signed in.",
		Description: "Shows the sessions of the server, each with how it is protected and who demanded that. A table shows what Windows shows; a list shows all.",
		Examples: []Example{
			{"Get-SmbSession | Where-Object { -not ($_.Signed -or $_.Encrypted) }", "Shows the sessions that are not protected."},
			{"Get-SmbSession -ClientUserName ann | Close-SmbSession", "Ends the sessions of ann, after asking."},
		},
		Output:   "Signet.SmbSession",
		Body:     "Find-SignetObject -Kind 'Signet.SmbSession' -CimSession $CimSession -Bound $PSBoundParameters",
		Requests: []Request{{Operation: "list-sessions"}},
		Parameters: []Parameter{
			filter("SessionId", "uint64[]", "", 1, "Only those of these ids."),
			filter("ClientComputerName", "string[]", "", 2, "Only those from these addresses or names; wildcards are taken."),
			filter("ClientUserName", "string[]", "", 3, "Only those of these users; wildcards are taken."),
			{Name: "IncludeHidden", Type: "switch", Help: "Taken, and changes nothing: no session is hidden."},
			instance(""),
		},
		Differences: []Difference{instanceDifference},
	}
	c.Parameters = append(c.Parameters, scopes("", 4, 5)...)
	return c
}

func closeSession() Cmdlet {
	c := Cmdlet{
		Name: "Close-SmbSession", Synopsis: "Ends sessions, and closes what they have open.",
		Description: "Ends the sessions that match, all of them if nothing is asked for. Clients sign in again by themselves if they may. Needs the role operator.",
		Examples:    []Example{{"Close-SmbSession -SessionId 4398046511105 -Force", "Ends one session without asking."}},
		Asks:        true, Output: "Signet.SmbSession",
		Body:     closeBody("Signet.SmbSession", "close-session", "SessionId", `"SMB session $($object.SessionId) of $($object.ClientUserName) at $($object.ClientComputerName)"`),
		Requests: []Request{{Operation: "list-sessions"}, {Operation: "close-session", Path: map[string]string{"id": "$session"}}},
		Parameters: []Parameter{
			filter("SessionId", "uint64[]", "Query", 1, "Only those of these ids."),
			filter("ClientComputerName", "string[]", "Query", 0, "Only those from these addresses or names; wildcards are taken."),
			filter("ClientUserName", "string[]", "Query", 0, "Only those of these users; wildcards are taken."),
			instance("Query"), input("SmbSession"),
			{Name: "PassThru", Type: "switch", Help: "Write what was closed."},
		},
		Differences: []Difference{instanceDifference, inputDifference},
	}
	c.Parameters = append(c.Parameters, scopes("Query", 0, 0)...)
	return c
}

func getConnection() Cmdlet {
	return Cmdlet{
		Name: "Get-SmbConnection", Synopsis: "Shows who is connected to the server, signed in or not.",
		Description: "Shows the connections that came to the server. Windows shows those that the machine's own client has made: Signet's client keeps none after a command has ended.",
		Examples:    []Example{{"Get-SmbConnection | Where-Object NumSessions -EQ 0", "Shows who is connected and has not signed in."}},
		Output:      "Signet.SmbConnection",
		Body:        "Find-SignetObject -Kind 'Signet.SmbConnection' -CimSession $CimSession -Bound $PSBoundParameters",
		Requests:    []Request{{Operation: "list-connections"}},
		Parameters: []Parameter{
			filter("ServerName", "string[]", "", 1, "Only those that came to these addresses of the server; wildcards are taken."),
			instance(""),
		},
		Differences: []Difference{instanceDifference, {"UserName", "", "a connection carries several users or none: Get-SmbSession shows users"}},
	}
}

func getOpenFile() Cmdlet {
	c := Cmdlet{
		Name: "Get-SmbOpenFile", Synopsis: "Shows what the sessions have open.",
		Description: "Shows the files and folders that are open.",
		Examples:    []Example{{"Get-SmbOpenFile | Where-Object ShareRelativePath -Like '*.xlsx' | Close-SmbOpenFile", "Closes workbooks, after asking."}},
		Output:      "Signet.SmbOpenFile",
		Body:        "Find-SignetObject -Kind 'Signet.SmbOpenFile' -CimSession $CimSession -Bound $PSBoundParameters",
		Requests:    []Request{{Operation: "list-open-files"}},
		Parameters: []Parameter{
			filter("FileId", "uint64[]", "", 1, "Only those of these ids."),
			filter("SessionId", "uint64[]", "", 2, "Only those of these sessions."),
			filter("ClientComputerName", "string[]", "", 3, "Only those from these addresses or names; wildcards are taken."),
			filter("ClientUserName", "string[]", "", 4, "Only those of these users; wildcards are taken."),
			{Name: "IncludeHidden", Type: "switch", Help: "Taken, and changes nothing: no open file is hidden."},
			instance(""),
		},
		Differences: []Difference{instanceDifference},
	}
	c.Parameters = append(c.Parameters, scopes("", 5, 6)...)
	return c
}

func closeOpenFile() Cmdlet {
	c := Cmdlet{
		Name: "Close-SmbOpenFile", Synopsis: "Closes files that sessions have open.",
		Description: "Closes the files that match, all of them if nothing is asked for. What programs have not written yet is lost. Needs the role operator.",
		Examples:    []Example{{"Close-SmbOpenFile -FileId 17 -Force", "Closes one file without asking."}},
		Asks:        true, Output: "Signet.SmbOpenFile",
		Body:     closeBody("Signet.SmbOpenFile", "close-open-file", "FileId", `"open file $($object.FileId), $($object.Path), of $($object.ClientUserName)"`),
		Requests: []Request{{Operation: "list-open-files"}, {Operation: "close-open-file", Path: map[string]string{"id": "$file"}}},
		Parameters: []Parameter{
			filter("FileId", "uint64[]", "Query", 1, "Only those of these ids."),
			filter("SessionId", "uint64[]", "Query", 0, "Only those of these sessions."),
			filter("ClientComputerName", "string[]", "Query", 0, "Only those from these addresses or names; wildcards are taken."),
			filter("ClientUserName", "string[]", "Query", 0, "Only those of these users; wildcards are taken."),
			instance("Query"), input("SmbOpenFile"),
			{Name: "PassThru", Type: "switch", Help: "Write what was closed."},
		},
		Differences: []Difference{instanceDifference, inputDifference},
	}
	c.Parameters = append(c.Parameters, scopes("Query", 0, 0)...)
	return c
}

// closeBody ends each of what was found or came in.
func closeBody(kind, operation, id, target string) string {
	return `foreach ($object in Find-SignetObject -Kind '` + kind + `' -CimSession $CimSession -Bound $PSBoundParameters) {
    if ($PSCmdlet.ShouldProcess(` + target + `, 'Close')) {
        $connection = Resolve-SignetConnection -CimSession $object.PSComputerName
        $null = Invoke-SignetOperation -Connection $connection -Operation '` + operation + `' -Path @{ id = ConvertTo-SignetId $object.` + id + ` }
        if ($PassThru) { $object }
    }
}`
}
