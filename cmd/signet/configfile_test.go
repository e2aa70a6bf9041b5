package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

func TestAConfigurationFileIsReadAsItIsMeant(t *testing.T) {
	got, err := decodeConfig([]byte(`
version: 1
listen: ["127.0.0.1:4445", ":445"]
admin: off
adminCertificate: tls/cert.pem
adminKey: /srv/key.pem
eventAnchors: [syslog, "file:heads"]
eventAnchorInterval: 1h
profile: Signet
rules: []
client: {}
shares:
  - Name: Docs
    Path: docs
  - {Name: pub, path: /srv/pub, ReadOnly: $True, RunAs: www-data, EncryptData: 1, RequireSecuritySignature: TRUE, FolderEnumerationMode: accessbased, LeasingMode: none, Description: for all, ConcurrentUserLimit: 20}
  - Name: team
    Path: /srv/team
    FullAccess: [ann]
    ChangeAccess: [bob, carl]
    ReadAccess: [Everyone]
    NoAccess: [eve]
  - Name: closed
    Path: /srv/closed
    FullAccess: []
`), "/etc/signet/signet.yaml")
	want := &configuration{
		version: "1", dir: "/etc/signet",
		listen: []string{"127.0.0.1:4445", ":445"},
		shares: []shareSpec{
			{name: "Docs", path: "/etc/signet/docs", source: fromFile},
			{
				name: "pub", path: "/srv/pub", readOnly: true, runAs: "www-data", source: fromFile,
				encryptData: true, requireSignature: true, enumeration: store.AccessBased, leasing: store.NoLeasing, description: "for all", userLimit: 20,
			},
			{name: "team", path: "/srv/team", restricted: true, source: fromFile, grants: []store.Grant{
				{Account: "ann", Access: store.Full},
				{Account: "bob", Access: store.Change},
				{Account: "carl", Access: store.Change},
				{Account: "Everyone", Access: store.Read},
				{Account: "eve", Access: store.None},
			}},
			{name: "closed", path: "/srv/closed", restricted: true, source: fromFile},
		},
		properties: policy.NewValues(policy.Origin{Layer: policy.LayerFile, Name: "/etc/signet/signet.yaml"}),
		admin:      adminFlags{addr: "off", certificate: "/etc/signet/tls/cert.pem", key: "/srv/key.pem"},
		anchors:    anchorFlags{names: []string{"syslog", "file:/etc/signet/heads"}, every: time.Hour},
	}
	if want.profile, _ = policy.Profile("signet"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, %v\nwant    %+v", got, err, want)
	}
}

func TestEveryPropertyCanBeSetInTheFile(t *testing.T) {
	values := map[string]string{ // as written, and as Windows prints it
		"RequireSecuritySignature":        "$false False",
		"EncryptData":                     "TRUE True",
		"RejectUnencryptedAccess":         "0 False",
		"Smb2DialectMin":                  "smb210 SMB210",
		"Smb2DialectMax":                  "SMB302 SMB302",
		"EncryptionCiphers":               "[aes_256_gcm,AES_128_GCM] AES_256_GCM, AES_128_GCM",
		"SigningAlgorithms":               "'AES_128_CMAC,HMAC_SHA256' AES_128_CMAC, HMAC_SHA256",
		"Smb2CreditsMax":                  "512 512",
		"MaxConnections":                  "128 128",
		"MaxConnectionsPerAddress":        "128 128",
		"MaxPendingConnections":           "128 128",
		"MaxPendingConnectionsPerAddress": "128 128",
		"AsynchronousCredits":             "128 128",
		"MaxMemoryPerConnectionInMB":      "128 128",
		"MaxMemoryInMB":                   "128 128",
		"Smb2CreditsMin":                  "128 128",
		"MaxSessionPerConnection":         "128 128",
		"MaxPendingSessionPerConnection":  "128 128",
		"MaxSessions":                     "128 128",
		"MaxTreeConnectPerSession":        "128 128",
		"MaxOpenFiles":                    "128 128",
		"MaxOpenFilesPerSession":          "128 128",
		"MaxOpenFilesPerAddress":          "128 128",
		"MaxPipesPerSession":              "128 128",
		"MaxLocksPerOpen":                 "128 128",
		"PendingClientTimeoutInSeconds":   "30 30",
		"EnableMultiChannel":              "True True",
		"EnableOplocks":                   "0 False",
		"EnableLeasing":                   "0 False",
		"EnableDirectoryHandleLeasing":    "0 False",
		"OplockBreakWait":                 "20 20",
		"MaxChannelPerSession":            "4 4",

		"AuditClientDoesNotSupportSigning":    "1 True",
		"AuditClientDoesNotSupportEncryption": "1 True",
		"AuditInsecureGuestLogon":             "1 True",
		"AuditSmb1Access":                     "1 True",
		"AuditClientSpnSupport":               "1 True",

		"AllowRemoteAdminOverNTLM":           "0 False",
		"EnableAuthRateLimiter":              "0 False",
		"InvalidAuthenticationDelayTimeInMs": "500 500",
		"EnableGuestAccess":                  "$true True",
		"NullSessionPipes":                   "[srvsvc,lsarpc] srvsvc, lsarpc",
		"NullSessionShares":                  "Public Public",
		"EnableStrictNameChecking":           "1 True",
		"OptionalNames":                      "[nas,files.example.org] nas, files.example.org",
		"SmbServerNameHardeningLevel":        "2 2",
		"AnnounceComment":                    "Films Films",
		"ServerHidden":                       "0 False",
		"KeepAliveTime":                      "10 10",
		"AutoDisconnectTimeoutInSecondsV2":   "0 0",
		"EnableSMB2Protocol":                 "0 False",
		"TreatHostAsStableStorage":           "1 True",

		"RequireEncryption":                     "1 True",
		"EnableInsecureGuestLogons":             "1 True",
		"EnableLargeMtu":                        "0 False",
		"BlockNTLM":                             "1 True",
		"BlockNTLMServerExceptionList":          "[nas,scanner] nas, scanner",
		"HardenedPaths":                         `'\\*\a=RequireIntegrity' \\*\a=RequireIntegrity`,
		"SessionTimeout":                        "90 90",
		"ExtendedSessionTimeout":                "900 900",
		"MaxCmds":                               "40 40",
		"ConnectionCountPerRssNetworkInterface": "2 2",
		"MaximumConnectionCountPerServer":       "8 8",
		"OplocksDisabled":                       "1 True",
		"UseOpportunisticLocking":               "0 False",
		"AuditServerDoesNotSupportEncryption":   "1 True",
		"AuditServerDoesNotSupportSigning":      "1 True",
	}
	for _, d := range policy.Definitions() {
		side, name, _ := strings.Cut(d.Name, ".")
		if d.State != policy.Works {
			continue
		}
		written, printed, ok := strings.Cut(values[name], " ")
		if !ok {
			t.Errorf("%s: this test has no value for it", name)
			continue
		}
		c, err := decodeConfig([]byte("version: 1\n"+side+":\n  "+strings.ToUpper(name)+": "+written+"\n"), "/f.yaml")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, err := policy.Stack(c.properties)
		if err != nil {
			t.Fatal(err)
		}
		for _, setting := range s.Settings() {
			from, value := "profile signet", setting.Value
			if setting.Name == d.Name {
				from = "file /f.yaml"
				if value != printed || len(setting.Covered) != 1 {
					t.Errorf("%s is %q above %v, want %q above that of the profile", d.Name, value, setting.Covered, printed)
				}
			}
			if setting.Origin.String() != from {
				t.Errorf("with %s set: %s is from %s", name, setting.Name, setting.Origin)
			}
		}
	}
}

func TestAConfigurationFileWithAMistakeIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      `version is ""`,
		"version: 2":                            `version is "2"`,
		"version: [1]":                          "line 1: version: a single value",
		"version: 1\nversion: 1":                "line 2: ",
		"version: 1\nVersion: 1":                `line 2: "Version" was there before`,
		"version: 1\nlisten: a":                 "line 2: listen: ",
		"version: 1\nlisten: ['a:b:c']":         "is no address",
		"version: 1\nshare: []":                 `line 2: "share" is no property; there are version, listen, admin`,
		"version: 1\n---\nversion: 1":           "second document",
		"version: 1\nadmin: nas:noon":           "line 2: admin: address \"nas:noon\" is no address",
		"version: 1\nadminKey: ''":              "line 2: adminKey: it names no file",
		"version: 1\neventAnchors: syslog":      "line 2: eventAnchors: a list is wanted here",
		"version: 1\neventAnchorInterval: soon": "line 2: eventAnchorInterval: time: invalid duration",
		"version: 1\neventAnchorInterval: 1ms":  "line 2: eventAnchorInterval: 1ms is less than a second",
		"version: 1\nprofile: windows-95":       "line 2: profile: profile cannot be \"windows-95\"; there are signet, windows-11",
		"version: 1\nrules: [{Name: a}]":        `line 2: rules: rule 1, "a": Address is missing`,
		"version: 1\nrules: [{Name: a, Address: 10.0.0.7, EncryptData: False, Until: 2099-12-31}]":                    "Reason is missing",
		"version: 1\nrules: [{Name: a, Address: 10.0.0.7, EncryptData: False, Reason: x}]":                            "Until is missing",
		"version: 1\nrules: [{Name: a, Address: 10.0.0.7, EncryptData: True, Until: soon}]":                           `Until: "soon": write 2026-12-31`,
		"version: 1\nrules: [{Name: a, Workstation: PC7, EncryptData: True}]":                                         `"Workstation" is no property`,
		"version: 1\nrules: [{Name: a, Share: IPC$, EncryptData: True}]":                                              "taken by the protocol",
		"version: 1\nrules: [{Name: a, Address: 10.0.0.7, EncryptData: True}, {Name: A, Account: b, EncryptData: 1}]": "is of another rule already",
		"version: 1\nrules: [{Name: a, Account: b, EncryptData: True}, {Name: c, Account: B, EncryptData: 1}]":        "is said by two rules",
		"version: 1\n\nserver:\n  Encrypt: True":                                                                      "line 4: server: server.Encrypt is no property; there are ",
		"version: 1\nserver:\n  EnableLeasing: 2":                                                                     "line 3: server: server.EnableLeasing cannot be \"2\"",
		"version: 1\nserver: {EnableSMB1Protocol: True}":                                                              "server.EnableSMB1Protocol cannot be \"True\"; there are False",
		"version: 1\nserver: {encryptdata: yes}":                                                                      "line 2: server: server.EncryptData cannot be \"yes\"; there are True, False",
		"version: 1\nserver: {EncryptData: [True, False]}":                                                            "cannot be",
		"version: 1\nserver: {EncryptData: }":                                                                         "a single value",
		"version: 1\nserver: {EncryptData: True, ENCRYPTDATA: False}":                                                 "was there before",
		"version: 1\nserver: {Smb2CreditsMax: 100000}":                                                                "cannot be \"100000\"; there are 128 to 8192",
		"version: 1\nserver: {Smb2DialectMin: SMB1}":                                                                  "there are None, SMB202",
		"version: 1\nserver: {Smb2DialectMin: SMB311, Smb2DialectMax: SMB302}":                                        "no dialect is left",
		"version: 1\nserver: {EncryptionCiphers: [AES_128_GCM, AES_128_GCM]}":                                         "cannot be",
		"version: 1\nserver: {EncryptionCiphers: []}":                                                                 "cannot be",
		"version: 1\nclient: {Smb2DialectMin: SMB311, Smb2DialectMax: SMB302}":                                        "no dialect is left",
		"version: 1\nclient: {Nonsense: True}":                                                                        "client.Nonsense is no property",
		"version: 1\nserver: 1":                                                                                       "properties are wanted here",
		"version: 1\nshares: [{}]":                                                                                    "has no name",
		"version: 1\nshares: [a]":                                                                                     "line 2: shares: ",
		"version: 1\nshares: [{Name: a}]":                                                                             "has no Path",
		"version: 1\nshares: [{Name: IPC$, Path: /}]":                                                                 "taken by the protocol",
		"version: 1\nshares: [{Name: a, Path: /, Guest: true}]":                                                       `"Guest" is no property`,
		"version: 1\nshares: [{Name: a, Path: /, path: /}]":                                                           "was there before",
		"version: 1\nshares: [{Name: a, Path: /}, {Name: A, Path: /}]":                                                "name is taken",
		"version: 1\nshares: [{Name: a, Path: /, ReadAccess: ['']}]":                                                  "without a name",
		"version: 1\nshares: [{Name: a, Path: /, ReadAccess: }]":                                                      "ReadAccess: nothing is said here",
		"version: 1\nshares: [{Name: a, Path: /, ReadOnly: perhaps}]":                                                 "neither True nor False",
		"version: 1\nshares:\n- Name: a\n  Path: /\n  FolderEnumerationMode: Some":                                    `line 5: shares: share 1, "a": FolderEnumerationMode: "Some" is neither AccessBased nor Unrestricted`,
		"version: 1\nshares: [{Name: a, Path: /, FullAccess: [ann], FullAccess: [bob]}]":                              "line 2: ",
		"version: 1\nshares: &a [{Name: a, Path: /}]":                                                                 "line 2: ",
		"version: &a 1\nlisten: [*a]":                                                                                 "line 1: ",
		"version: !!str 1":                                                                                            "single value",
		"{":                                                                                                           "",
	} {
		c, err := decodeConfig([]byte(text), "/signet.yaml")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %+v, %v; want one line with %q", text, c, err, want)
		}
	}
}

func TestAHugeConfigurationFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signet.yaml")
	if err := os.WriteFile(path, []byte("version: 1\n"+strings.Repeat("#\n", maxConfigBytes/2)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(path); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("readConfig = %v", err)
	}
}

// What looks like a file may be anything: it is decoded or refused.
func FuzzConfigFile(f *testing.F) {
	f.Add([]byte("version: 1\nlisten: [':445']\nshares:\n- Name: a\n  Path: b\n  ReadAccess: [ann]\n"))
	f.Add([]byte("version: 1\nserver: {EncryptData: $true, EncryptionCiphers: [AES_128_GCM]}\nadmin: off\nrules: []\n"))
	f.Add([]byte("version: 1\nrules: [{Name: a, Share: b, Address: 10.0.0.0/8, Account: ann, EncryptData: False, Until: 2026-12-31, Reason: x}]\n"))
	f.Add([]byte("version: 1\nshares: &a [*a]"))
	f.Add([]byte("a: &a [1]\nb: &b [*a,*a]\nversion: 1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decodeConfig(data, "/etc/signet.yaml")
		if (c == nil) == (err == nil) {
			t.Errorf("decodeConfig(%q) = %+v, %v", data, c, err)
		}
		if err == nil {
			for _, sh := range c.shares {
				if checkShareName(sh.name) != nil || !filepath.IsAbs(sh.path) {
					t.Errorf("decodeConfig(%q) has a share %+v", data, sh)
				}
			}
		}
	})
}

func TestAPanicOfTheLibraryIsARefusal(t *testing.T) {
	parse := func() (err error) {
		defer survive(&err)
		panic("index out of range")
	}
	if err := parse(); err == nil || err.Error() != "this is no YAML" {
		t.Errorf("%v, want a refusal", err)
	}
}
