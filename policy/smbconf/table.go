package smbconf

import (
	"strconv"
	"strings"
)

// synonyms are other names of parameters, in the form of fold.
var synonyms = map[string]string{
	"browsable":      "browseable",
	"public":         "guestok",
	"writeable":      "readonly",
	"writable":       "readonly",
	"writeok":        "readonly",
	"directory":      "path",
	"user":           "username",
	"users":          "username",
	"allowhosts":     "hostsallow",
	"denyhosts":      "hostsdeny",
	"onlyguest":      "guestonly",
	"minprotocol":    "serverminprotocol",
	"maxprotocol":    "servermaxprotocol",
	"protocol":       "servermaxprotocol",
	"smbencrypt":     "serversmbencrypt",
	"group":          "forcegroup",
	"printok":        "printable",
	"vfsobject":      "vfsobjects",
	"createmode":     "createmask",
	"directorymode":  "directorymask",
	"exec":           "preexec",
	"debuglevel":     "loglevel",
	"autoservices":   "preload",
	"lockdir":        "lockdirectory",
	"defaultservice": "default",
	"preferedmaster": "preferredmaster",
	"idmapuid":       "idmapconfig",
	"idmapgid":       "idmapconfig",
}

// inverse are the synonyms whose values mean the opposite.
var inverse = map[string]bool{"writeable": true, "writable": true, "writeok": true}

// meaning is what a value of a parameter of [global] comes to.
type meaning struct {
	outcome Outcome
	values  []setting // of what is taken
	reason  string
}

// setting is one property and its value.
type setting struct{ property, text string }

// take makes the meaning of a value that is taken for one property.
func take(property, text string) meaning {
	return meaning{outcome: Taken, values: []setting{{property, text}}}
}

// as is m, which says something else than the file, and why.
func (m meaning) as(reason string) meaning {
	m.outcome, m.reason = Changed, reason
	return m
}

func ignore(reason string) meaning { return meaning{outcome: Ignored, reason: reason} }

// lost makes the meaning of what protects and cannot be taken.
func lost(reason string) meaning { return meaning{outcome: Lost, reason: reason} }

// globals is the table of the parameters of [global], in the form of fold. A
// function returns false for a value that the parameter cannot have.
var globals = map[string]func(value string) (meaning, bool){
	"serversigning": func(v string) (meaning, bool) { return signing("server.RequireSecuritySignature", v) },
	"clientsigning": func(v string) (meaning, bool) { return signing("client.RequireSecuritySignature", v) },
	"serverminprotocol": func(v string) (meaning, bool) {
		return dialect("server.Smb2DialectMin", v, true)
	},
	"servermaxprotocol": func(v string) (meaning, bool) {
		return dialect("server.Smb2DialectMax", v, false)
	},
	"clientminprotocol": func(v string) (meaning, bool) {
		return dialect("client.Smb2DialectMin", v, true)
	},
	"clientmaxprotocol": func(v string) (meaning, bool) {
		return dialect("client.Smb2DialectMax", v, false)
	},
	"serversmbencrypt": func(v string) (meaning, bool) {
		level, ok := protection(v)
		switch {
		case !ok:
			return meaning{}, false
		case level == required:
			return take("server.EncryptData", "True"), true
		case level == off:
			return take("server.EncryptData", "False").as("encryption stays on offer to clients that want it"), true
		}
		return take("server.EncryptData", "False"), true
	},
	"clientsmbencrypt": func(v string) (meaning, bool) {
		level, ok := protection(v)
		return take("client.RequireEncryption", title(level == required)), ok
	},
	"serversmb3signingalgorithms":    func(v string) (meaning, bool) { return take("server.SigningAlgorithms", algorithms(v)), true },
	"serversmb3encryptionalgorithms": func(v string) (meaning, bool) { return take("server.EncryptionCiphers", algorithms(v)), true },
	"clientsmb3encryptionalgorithms": func(v string) (meaning, bool) { return take("client.EncryptionCiphers", algorithms(v)), true },
	"clientsmb3signingalgorithms":    constant(ignore("the client takes what the server chooses among what it knows")),
	"servermultichannelsupport":      switched("server.EnableMultiChannel"),
	"maptoguest": func(v string) (meaning, bool) {
		switch fold(v) {
		case "never":
			return take("server.EnableGuestAccess", "False"), true
		case "baduser":
			return take("server.EnableGuestAccess", "True"), true
		case "badpassword":
			return take("server.EnableGuestAccess", "True").as("a wrong password makes nobody a guest, only an unknown name does"), true
		case "baduid":
			return ignore("accounts are not of a domain"), true
		}
		return meaning{}, false
	},
	"restrictanonymous": func(v string) (meaning, bool) {
		switch v {
		case "0", "1":
			return ignore("anonymous users always reach server.NullSessionPipes and server.NullSessionShares only"), true
		case "2":
			return take("server.NullSessionPipes", ""), true
		}
		return meaning{}, false
	},
	"ntlmauth": func(v string) (meaning, bool) {
		switch strings.ToLower(v) {
		case "disabled":
			return lost("the server cannot refuse NTLM yet: it has no other way to sign in"), true
		case "yes", "true", "1", "on", "ntlmv1-permitted":
			return ignore("NTLMv1 is never taken, only NTLMv2"), true
		case "no", "false", "0", "off", "ntlmv2-only", "mschapv2-and-ntlmv2-only":
			return ignore("so it always is: NTLMv2 only"), true
		}
		return meaning{}, false
	},
	"serverstring": func(v string) (meaning, bool) { return take("server.AnnounceComment", v), true },
	"netbiosname":  func(v string) (meaning, bool) { return take("server.OptionalNames", v), true },
	"netbiosaliases": func(v string) (meaning, bool) {
		return take("server.OptionalNames", strings.Join(list(v), ",")), true
	},
	"deadtime": func(v string) (meaning, bool) {
		n, err := strconv.ParseUint(v, 10, 24)
		return take("server.AutoDisconnectTimeoutInSecondsV2", strconv.FormatUint(n*60, 10)), err == nil
	},
	"keepalive": func(v string) (meaning, bool) {
		n, err := strconv.ParseUint(v, 10, 16)
		return take("server.KeepAliveTime", strconv.FormatUint((n+59)/60, 10)).as("whole minutes, and asked by TCP"), err == nil
	},
	"smb2maxcredits": number("server.Smb2CreditsMax"),
	"maxopenfiles":   number("server.MaxOpenFilesPerSession"),

	"security": func(v string) (meaning, bool) {
		switch strings.ToLower(v) {
		case "auto", "user":
			return ignore("so it always is: accounts of the server's own"), true
		case "ads", "domain":
			return ignore("accounts of a domain are not known here: signet user add"), true
		}
		return meaning{}, false
	},
	"serverrole":           constant(ignore("a server of its own, always")),
	"passdbbackend":        constant(ignore("pdbedit -Lw | signet user import - takes the accounts over")),
	"workgroup":            constant(ignore("sign-ins of any workgroup reach the accounts")),
	"realm":                constant(ignore("accounts of a domain are not known here")),
	"interfaces":           constant(ignore("addresses are not stored: signet serve --listen")),
	"bindinterfacesonly":   constant(ignore("addresses are not stored: signet serve --listen")),
	"smbports":             constant(ignore("addresses are not stored: signet serve --listen")),
	"guestaccount":         constant(ignore("a guest uses files as serve --run-as, or as who runs it")),
	"lanmanauth":           constant(ignore("LM is never taken")),
	"encryptpasswords":     constant(ignore("so it always is")),
	"clientntlmv2auth":     constant(ignore("so it always is")),
	"clientlanmanauth":     constant(ignore("LM is never sent")),
	"clientplaintextauth":  constant(ignore("passwords are never sent in the clear")),
	"rawntlmv2auth":        constant(ignore("SMB1 is never spoken")),
	"unixextensions":       constant(ignore("SMB1 is never spoken")),
	"smb1unixextensions":   constant(ignore("SMB1 is never spoken")),
	"nullpasswords":        constant(ignore("accounts without a password do not exist")),
	"usernamemap":          constant(ignore("signet user set NAME --unix NAME says which system user an account is")),
	"obeypamrestrictions":  constant(ignore("PAM is not asked")),
	"pampasswordchange":    constant(ignore("PAM is not asked")),
	"unixpasswordsync":     constant(ignore("passwords of the system are not changed")),
	"passwdprogram":        constant(ignore("passwords of the system are not changed")),
	"passwdchat":           constant(ignore("passwords of the system are not changed")),
	"loadprinters":         constant(ignore("printers are not shared")),
	"printing":             constant(ignore("printers are not shared")),
	"printcapname":         constant(ignore("printers are not shared")),
	"disablespoolss":       constant(ignore("printers are not shared")),
	"logfile":              constant(ignore("the log goes to standard error")),
	"loglevel":             constant(ignore("the log goes to standard error")),
	"logging":              constant(ignore("the log goes to standard error")),
	"maxlogsize":           constant(ignore("the log goes to standard error")),
	"syslog":               constant(ignore("the log goes to standard error")),
	"panicaction":          constant(ignore("no program is started")),
	"dnsproxy":             constant(ignore("NetBIOS is never spoken")),
	"winssupport":          constant(ignore("NetBIOS is never spoken")),
	"winsserver":           constant(ignore("NetBIOS is never spoken")),
	"disablenetbios":       constant(ignore("NetBIOS is never spoken")),
	"nameresolveorder":     constant(ignore("NetBIOS is never spoken")),
	"localmaster":          constant(ignore("NetBIOS is never spoken")),
	"domainmaster":         constant(ignore("NetBIOS is never spoken")),
	"preferredmaster":      constant(ignore("NetBIOS is never spoken")),
	"oslevel":              constant(ignore("NetBIOS is never spoken")),
	"domainlogons":         constant(ignore("a domain is not served")),
	"logonpath":            constant(ignore("a domain is not served")),
	"logondrive":           constant(ignore("a domain is not served")),
	"logonscript":          constant(ignore("a domain is not served")),
	"adduserscript":        constant(ignore("no program is started")),
	"addmachinescript":     constant(ignore("no program is started")),
	"addgroupscript":       constant(ignore("no program is started")),
	"usershareallowguests": constant(ignore("shares are made by administrators only")),
	"usersharemaxshares":   constant(ignore("shares are made by administrators only")),
	"usersharepath":        constant(ignore("shares are made by administrators only")),
	"socketoptions":        constant(ignore("the system's are good")),
	"usesendfile":          constant(ignore("it is done where it helps")),
	"aioreadsize":          constant(ignore("it is done where it helps")),
	"aiowritesize":         constant(ignore("it is done where it helps")),
	"idmapconfig":          constant(ignore("accounts of a domain are not known here")),
	"privatedir":           constant(ignore("Signet's state lies in --state")),
	"statedirectory":       constant(ignore("Signet's state lies in --state")),
	"lockdirectory":        constant(ignore("Signet's state lies in --state")),
	"cachedirectory":       constant(ignore("Signet's state lies in --state")),
	"piddirectory":         constant(ignore("Signet's state lies in --state")),
	"configfile":           constant(ignore("another file is imported by its name")),
	"preload":              constant(ignore("shares are listed anyway")),
	"default":              constant(ignore("a share that does not exist is none")),
}

// forShares are parameters of shares that no share here has, and why. The rest
// of a share's parameters are read by shareOf.
var forShares = map[string]meaning{
	"browseable":             ignore("every share is listed; one that nobody shall see is one that nobody may use"),
	"comment":                {}, // read by shareOf
	"guestok":                {}, // read by shareOf
	"guestonly":              ignore("who has an account is never made a guest"),
	"hostsallow":             lost("shares are not bound to addresses: a firewall, or signet rule"),
	"hostsdeny":              lost("shares are not bound to addresses: a firewall, or signet rule"),
	"vetofiles":              lost("no names are kept from clients but the state's own"),
	"maxconnections":         {}, // read by shareOf
	"adminusers":             ignore("nobody uses files as root"),
	"forcegroup":             ignore("the group is that of the system user"),
	"username":               ignore("sign-ins name their user"),
	"hidedotfiles":           ignore("names are shown as they are; a file's own attribute hides it"),
	"hidefiles":              ignore("names are shown as they are; a file's own attribute hides it"),
	"hidespecialfiles":       ignore("devices and pipes are listed, and never opened"),
	"hideunwriteablefiles":   ignore("listings show what the user may read"),
	"accessbasedshareenum":   ignore("every share is listed"),
	"createmask":             ignore("modes are those of the system user's umask"),
	"forcecreatemode":        ignore("modes are those of the system user's umask"),
	"directorymask":          ignore("modes are those of the system user's umask"),
	"forcedirectorymode":     ignore("modes are those of the system user's umask"),
	"inheritpermissions":     ignore("modes are those of the system user's umask"),
	"inheritowner":           ignore("the owner is the system user"),
	"inheritacls":            ignore("default ACLs of the file system count anyway"),
	"maparchive":             ignore("DOS attributes are stored as Samba stores them, in user.DOSATTRIB"),
	"maphidden":              ignore("DOS attributes are stored as Samba stores them, in user.DOSATTRIB"),
	"mapsystem":              ignore("DOS attributes are stored as Samba stores them, in user.DOSATTRIB"),
	"mapreadonly":            ignore("DOS attributes are stored as Samba stores them, in user.DOSATTRIB"),
	"storedosattributes":     ignore("so it always is"),
	"easupport":              ignore("so it always is"),
	"ntaclsupport":           ignore("access is the file system's own"),
	"mapaclinherit":          ignore("access is the file system's own"),
	"casesensitive":          ignore("names are found without regard to case, and keep theirs"),
	"preservecase":           ignore("so it always is"),
	"shortpreservecase":      ignore("so it always is"),
	"defaultcase":            ignore("names keep their case"),
	"manglednames":           ignore("short names are made up where they are asked for"),
	"followsymlinks":         ignore("links within the share are followed, others never"),
	"widelinks":              ignore("links out of a share are never followed"),
	"allowinsecurewidelinks": ignore("links out of a share are never followed"),
	"oplocks":                ignore("server.EnableOplocks is for all shares"),
	"level2oplocks":          ignore("level II oplocks are granted where oplocks are"),
	"kerneloplocks":          ignore("oplocks are among the clients of this server"),
	"vetooplockfiles":        ignore("oplocks are granted of all files or none"),
	"smb2leases":             ignore("server.EnableLeasing says so"),
	"durablehandles":         ignore("there are no durable opens yet"),
	"locking":                ignore("so it always is"),
	"strictlocking":          ignore("so it always is"),
	"posixlocking":           ignore("locks hold among clients of this server"),
	"kernelsharemodes":       ignore("share modes hold among clients of this server"),
	"strictsync":             ignore("so it always is, but for server.TreatHostAsStableStorage"),
	"syncalways":             ignore("a client that wants it on disk says so"),
	"strictallocate":         ignore("files are sparse where a client leaves holes"),
	"dfreecommand":           ignore("no program is started"),
	"preexec":                ignore("no program is started"),
	"postexec":               ignore("no program is started"),
	"rootpreexec":            ignore("no program is started"),
	"rootpostexec":           ignore("no program is started"),
	"magicscript":            ignore("no program is started"),
	"vfsobjects":             ignore("there are no modules: streams, attributes and recycling are built in or not there"),
	"deletereadonly":         ignore("a file that is read-only is not deleted"),
	"dosfilemode":            ignore("access is the file system's own"),
	"dosfiletimes":           ignore("access is the file system's own"),
	"printable":              {}, // read by shareOf
	"msdfsroot":              ignore("DFS is not served"),
	"volume":                 ignore("the volume is called as the share"),
	"fstype":                 ignore("the file system is called NTFS"),
	"minprintspace":          ignore("printers are not shared"),
	"profileacls":            ignore("access is the file system's own"),
	"cscpolicy":              ignore("clients decide what they keep"),
	"aiowritebehind":         ignore("it is done where it helps"),
	"blocksize":              ignore("it is the file system's own"),
}

// level is how much protection is asked for.
type level uint8

const (
	off level = iota + 1
	offered
	required
)

// protection reads the words of Samba's parameters of signing and encryption.
func protection(v string) (level, bool) {
	switch strings.ToLower(v) {
	case "no", "false", "0", "off", "disabled", "never":
		return off, true
	case "yes", "true", "1", "on", "enabled", "auto", "desired", "if_required", "default":
		return offered, true
	case "required", "mandatory", "force", "forced", "enforced":
		return required, true
	}
	return 0, false
}

func signing(property, v string) (meaning, bool) {
	if strings.EqualFold(v, "default") {
		return ignore("the default is that of this server's profile"), true
	}
	l, ok := protection(v)
	m := take(property, title(l == required))
	if l == off {
		m = m.as("from SMB2 on nobody can do without signing where the other end demands it")
	}
	return m, ok
}

// dialects are Samba's words.
var dialects = map[string]string{
	"SMB2_02": "SMB202", "SMB2_10": "SMB210", "SMB2": "SMB210", "SMB2_22": "SMB210", "SMB2_24": "SMB210",
	"SMB3_00": "SMB300", "SMB3_02": "SMB302", "SMB3_10": "SMB302", "SMB3_11": "SMB311", "SMB3": "SMB311",
}

// oldDialects are those of SMB1.
var oldDialects = map[string]bool{"CORE": true, "COREPLUS": true, "CORE+": true, "LANMAN1": true, "LANMAN2": true, "NT1": true}

func dialect(property, v string, lowest bool) (meaning, bool) {
	word := strings.ToUpper(v)
	switch {
	case dialects[word] != "":
		return take(property, dialects[word]), true
	case word == "DEFAULT":
		return ignore("the default is that of this server's profile"), true
	case !oldDialects[word]:
		return meaning{}, false
	case lowest:
		return take(property, "None").as("SMB1 is never spoken: 2.0.2 is the lowest"), true
	}
	return ignore("SMB1 is never spoken, so SMB2 and 3 stay"), true
}

// algorithms makes Windows' words of Samba's, AES-128-GCM of AES_128_GCM.
func algorithms(v string) string {
	names := list(v)
	for i, name := range names {
		names[i] = strings.ReplaceAll(strings.ToUpper(name), "-", "_")
	}
	return strings.Join(names, ",")
}

// list splits a value at blanks and commas outside quotation marks.
func list(v string) []string {
	quoted := false
	var names []string
	for name := range strings.FieldsFuncSeq(v, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && strings.ContainsRune(" \t,;", r)
	}) {
		if name = strings.Trim(name, `"`); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func constant(m meaning) func(string) (meaning, bool) {
	return func(string) (meaning, bool) { return m, true }
}

func switched(property string) func(string) (meaning, bool) {
	return func(v string) (meaning, bool) {
		on, ok := boolean(v)
		return take(property, title(on)), ok
	}
}

func number(property string) func(string) (meaning, bool) {
	return func(v string) (meaning, bool) {
		_, err := strconv.ParseUint(v, 10, 32)
		return take(property, v), err == nil
	}
}

func title(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
