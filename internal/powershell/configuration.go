package powershell

import "strings"

// terms are the parameters of a change that Windows does not have.
var terms = []Parameter{
	{Name: "Reason", Type: "string", Own: true, Help: "Why; needed for what lowers protection. It goes into the history and the log."},
	{Name: "Until", Type: "datetime", Own: true, Help: "When all of it goes back by itself."},
	{Name: "ConfirmWithin", Type: "timespan", Own: true, Help: "All of it goes back after this time unless it is confirmed: signet config confirm, or Keep on the page."},
	{Name: "CloseSessions", Type: "switch", Own: true, Help: "Also end the sessions that comply no more."},
}

// termsOfTheTests are what those parameters become in a request.
func termsOfTheTests(body map[string]any) map[string]any {
	body["Reason"], body["Until"], body["ConfirmWithinSeconds"], body["Now"], body["DryRun"] = "a test", "$soon", 600, true, false
	return body
}

// configurationCmdlets are Get-, Set- and Reset- of both sides.
func configurationCmdlets() (list []Cmdlet, err error) {
	for _, side := range []struct{ name, title, of string }{
		{"server", "SmbServerConfiguration", "the server"},
		{"client", "SmbClientConfiguration", "the client of the server's machine"},
	} {
		properties, err := Properties(side.name)
		if err != nil {
			return nil, err
		}
		list = append(list,
			getConfiguration(side.name, side.title, side.of),
			setConfiguration(side.name, side.title, side.of, properties),
			resetConfiguration(side.name, side.title, side.of, properties))
	}
	return list, nil
}

func getConfiguration(side, title, of string) Cmdlet {
	return Cmdlet{
		Name: "Get-" + title, Synopsis: "Shows the configuration of " + of + ".",
		Description: "Shows what is in force, whoever has said so: profile, file, store, group policy or command line. " +
			"A list shows what Windows has, in Windows' order; Select-Object * shows Signet's own properties after that.",
		Examples: []Example{
			{"Get-" + title + " | Format-List RequireSecuritySignature, EncryptData", "Shows two properties."},
			{"Get-" + title + " | Select-Object *", "Shows all, Signet's own included."},
		},
		Output:      "Signet." + title,
		Body:        "Get-SignetConfiguration -Side '" + side + "' -CimSession $CimSession",
		Requests:    []Request{{Operation: "get-config"}},
		Differences: askedInWindows(),
	}
}

func setConfiguration(side, title, of string, properties []Property) Cmdlet {
	c := Cmdlet{
		Name: "Set-" + title, Synopsis: "Changes the configuration of " + of + ".",
		Description: "Changes what the store says, all of it or nothing, and says first what would follow. " +
			"What lowers protection needs Reason, and a sign-in of the last ten minutes. A value that a higher layer holds otherwise is stored, and a warning says who holds it.",
		Examples: []Example{
			{"Set-" + title + " -RequireSecuritySignature $true -Force", "Requires signing, without being asked."},
			{"Set-" + title + " -Smb2DialectMin SMB311 -ConfirmWithin 0:10 -WhatIf", "Shows what would follow, and changes nothing."},
		},
		Asks:     true,
		Body:     "Set-SignetConfiguration -Cmdlet $PSCmdlet -Side '" + side + "' -CimSession $CimSession -Bound $PSBoundParameters",
		Requests: []Request{{Operation: "change-config", Body: termsOfTheTests(map[string]any{"Set": everyDefault(side, properties)})}},
	}
	if side == "server" {
		c.Differences = append(c.Differences, Difference{"Smb2DialectMax", "type", "a word, as of Smb2DialectMin; the reference calls it a switch, and gives it words"})
		for _, name := range []string{"AuditClientCertificateAccess", "AuditSmb1Access"} {
			c.Differences = append(c.Differences, Difference{name, "type", "$true and $false, as of all others; the reference has a switch, with which it could not be turned off"})
		}
	}
	for _, p := range properties {
		c.Parameters = append(c.Parameters, Parameter{
			Name: p.Name, Type: typeNames[p.Type], Values: p.Values, Help: p.Help,
			Own: !p.Windows || p.Type == "String[]" || p.Name == "EnableAuthRateLimiter",
		})
	}
	c.Parameters = append(c.Parameters, terms...)
	return c
}

func resetConfiguration(side, title, of string, properties []Property) Cmdlet {
	c := Cmdlet{
		Name: "Reset-" + title, Synopsis: "Takes back what was set of the configuration of " + of + ".",
		Description: "Takes back what the store says; what the profile and the configuration file say counts then, and a change that lowers protection needs Reason. " +
			"Windows has no switch for RequireSecuritySignature and a few others; here every property has one.",
		Examples: []Example{
			{"Reset-" + title + " -Smb2DialectMin", "Takes one property back, after asking."},
			{"Reset-" + title + " -All -WhatIf", "Shows what taking back everything would change."},
		},
		Asks:       true,
		Body:       "Reset-SignetConfiguration -Cmdlet $PSCmdlet -Side '" + side + "' -CimSession $CimSession -Bound $PSBoundParameters",
		Parameters: []Parameter{{Name: "All", Type: "switch", Help: "Take all properties back."}},
	}
	var all []string
	for _, p := range properties {
		all = append(all, side+"."+p.Name)
		parameter := Parameter{Name: p.Name, Type: "switch", Help: "Take this property back.", Own: !p.Windows || !resettable(side, p)}
		if side+"."+p.Name == "client.EnableCompressibilitySampling" {
			parameter.Aliases = []string{"CompressibilitySampling"} // as Windows calls it here alone
		}
		c.Parameters = append(c.Parameters, parameter)
	}
	c.Requests = []Request{{Operation: "change-config", Body: termsOfTheTests(map[string]any{"Reset": all})}}
	c.Parameters = append(c.Parameters, terms...)
	c.Differences = []Difference{
		{"Smb2DialectMax", "values", "a switch takes no words"},
		{"Smb2DialectMin", "values", "a switch takes no words"},
	}
	return c
}

// notResettable are the properties for which Windows' Reset cmdlets have no
// switch.
const notResettable = " server.AutoDisconnectTimeoutInMinutesV1 server.AutoDisconnectTimeoutInSecondsV2 server.EnableAuthRateLimiter" +
	" server.EnableAuthenticateUserSharing server.EnableForcedLogoff server.EnableSMB1Protocol server.EnableSecuritySignature" +
	" server.InvalidAuthenticationDelayTimeInMs server.NullSessionPipes server.RequireSecuritySignature" +
	" client.BlockNTLMServerExceptionList client.CompressibilitySamplingSize client.CompressibleThreshold client.DisabledSMBQUICServerExceptionList" +
	" client.EnableCompressibilitySampling client.EnableInsecureGuestLogons client.EnableSecuritySignature client.RequireSecuritySignature "

func resettable(side string, p Property) bool {
	return !strings.Contains(notResettable, " "+side+"."+p.Name+" ")
}

// everyDefault is each property with its default.
func everyDefault(side string, properties []Property) map[string]string {
	values := make(map[string]string)
	for _, p := range properties {
		values[side+"."+p.Name] = p.Default
	}
	return values
}

// typeNames are what the types of properties are called between brackets.
var typeNames = map[string]string{"Boolean": "bool", "UInt32": "uint32", "UInt64": "uint64", "String": "string", "String[]": "string[]"}
