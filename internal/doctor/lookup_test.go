package doctor_test

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/doctor"
	"github.com/signet-smb/signet/ntstatus"
)

func TestEverySpellingOfACodeIsUnderstood(t *testing.T) {
	for _, row := range []struct{ text, name, cause string }{
		{"0xC000A000", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"0xc000a000", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"C000A000", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"-1073700864", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"3221266432", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"0xFFFFFFFFC000A000", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"0xD000A000", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"The cryptographic signature is invalid.", "STATUS_INVALID_SIGNATURE", "no-signing"},
		{"System error 3227320323 has occurred.", "ERROR_SMB_GUEST_LOGON_BLOCKED_SIGNING_REQUIRED", "guest-only"},
		{"0xC05D0003", "ERROR_SMB_GUEST_LOGON_BLOCKED_SIGNING_REQUIRED", "guest-only"},
		{"1272", "ERROR_SMB_GUEST_LOGON_BLOCKED", "guest-only"},
		{"0x4F8", "ERROR_SMB_GUEST_LOGON_BLOCKED", "guest-only"},
		{"0x800704F8", "ERROR_SMB_GUEST_LOGON_BLOCKED", "guest-only"},
		{"You can't access this shared folder because your organization's security policies block unauthenticated guest access.", "ERROR_SMB_GUEST_LOGON_BLOCKED", "guest-only"},
		{"53", "ERROR_BAD_NETPATH", "name-not-resolved"},
		{"0x80070035", "ERROR_BAD_NETPATH", "name-not-resolved"},
		{"-2147024843", "ERROR_BAD_NETPATH", "name-not-resolved"},
		{"Error code: 0x80070035\nThe network path was not found.", "ERROR_BAD_NETPATH", "name-not-resolved"},
		{"ERROR_BAD_NETPATH", "ERROR_BAD_NETPATH", "name-not-resolved"},
		{"error_bad_netpath", "ERROR_BAD_NETPATH", "name-not-resolved"},
		{"0x80070520", "ERROR_NO_SUCH_LOGON_SESSION", "credentials-lost"},
		{"1396", "ERROR_WRONG_TARGET_NAME", "spn-missing"},
		{"System error 1219 has occurred.", "ERROR_SESSION_CREDENTIAL_CONFLICT", "two-users"},
		{"52", "ERROR_DUP_NAME", "name-refused"},
		{"STATUS_ACCESS_DENIED", "STATUS_ACCESS_DENIED", "no-right"},
		{"session setup failed: NT_STATUS_LOGON_FAILURE", "STATUS_LOGON_FAILURE", "wrong-password"},
		{"tree connect failed: NT_STATUS_BAD_NETWORK_NAME", "STATUS_BAD_NETWORK_NAME", "share-missing"},
		{"NT_STATUS_NTLM_BLOCKED", "STATUS_NTLM_BLOCKED", "ntlm-blocked-there"},
		{"mount error(13): Permission denied", "EACCES", "wrong-password"},
		{"mount error(112)", "EHOSTDOWN", "smb1-only"},
		{"mount error 95 = Operation not supported", "EOPNOTSUPP", "no-common-dialect"},
		{"CIFS: VFS: cifs_mount failed w/return code = -13", "EACCES", "wrong-password"},
		{"Host is down", "EHOSTDOWN", "smb1-only"},
		{"EHOSTDOWN", "EHOSTDOWN", "smb1-only"},
		{"Required key not available", "ENOKEY", "kerberos-needed"},
		{"mount_smbfs: server rejected the connection: Authentication error", "EAUTH", "wrong-password"},
		{"mount_smbfs errno 61", "ECONNREFUSED", "port-closed"},
		{"-36", "ioErr", "connection-lost"},
		{"SEC_E_WRONG_PRINCIPAL", "SEC_E_WRONG_PRINCIPAL", "spn-missing"},
		{"0x80004005", "E_FAIL", "name-not-resolved"},
	} {
		a := doctor.Lookup(row.text)
		if len(a.Codes) == 0 || a.Codes[0].Name != row.name || a.Codes[0].Causes[0] != row.cause {
			t.Errorf("Lookup(%q) = %+v, want %s by %s", row.text, a, row.name, row.cause)
		}
	}
}

func TestAnUnknownCodeIsSaidToBeOneAndTheNearestIsNamed(t *testing.T) {
	for _, row := range []struct{ text, read, name, nearest string }{
		{"0xC000006C", "0xC000006C", "", "STATUS_LOGON_FAILURE"},
		{"0xC0000054", "0xC0000054", "STATUS_FILE_LOCK_CONFLICT", "STATUS_NO_LOGON_SERVERS"},
		{"1273", "1273", "", "ERROR_SMB_GUEST_LOGON_BLOCKED"},
		{"NT_STATUS_LOGON_FALURE", "NT_STATUS_LOGON_FALURE", "", "STATUS_LOGON_FAILURE"},
		{"99999999999", "99999999999", "", ""},
		{"it does not work", "", "", ""},
		{"", "", "", ""},
	} {
		a := doctor.Lookup(row.text)
		nearest := ""
		if a.Nearest != nil {
			nearest = a.Nearest.Name
		}
		if len(a.Codes) != 0 || a.Read != row.read || a.Name != row.name || nearest != row.nearest {
			t.Errorf("Lookup(%q) = %+v, nearest %q, want %+v", row.text, a, nearest, row)
		}
	}
}

func TestTheTablesHoldTogether(t *testing.T) {
	causes := make(map[string]bool)
	for _, c := range doctor.Causes {
		if causes[c.ID] {
			t.Errorf("cause %s stands there twice", c.ID)
		}
		causes[c.ID] = true
		if c.Title == "" || c.Why == "" || c.Server == "" && c.Client == "" {
			t.Errorf("cause %s lacks a title, an explanation or a cure", c.ID)
		}
	}
	type key struct {
		space doctor.Space
		value int64
	}
	seen := make(map[key]bool)
	for _, c := range doctor.Codes {
		k := key{c.Space, c.Value}
		if seen[k] {
			t.Errorf("%s %s stands there twice", c.Space, c.Number())
		}
		seen[k] = true
		if len(c.Causes) == 0 || c.Meaning == "" || c.Phrase != strings.ToLower(c.Phrase) {
			t.Errorf("%s: no cause, no meaning, or a phrase in capitals", c.Name)
		}
		for _, id := range c.Causes {
			if !causes[id] {
				t.Errorf("%s names the cause %s, which there is not", c.Name, id)
			}
		}
		if c.Space != doctor.NTStatus || c.Value > math.MaxUint32 {
			continue
		}
		if name := ntstatus.Status(c.Value).String(); !strings.HasPrefix(name, "NTSTATUS ") && name != c.Name {
			t.Errorf("%s is called %s by package ntstatus", c.Name, name)
		}
	}
}

func TestNoCureIsToTurnProtectionOff(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)RequireSecuritySignature\W+(to )?(False|0|off)|(disable|turn off|without) signing|signing off|` +
		`signing = (disabled|auto)|EnableInsecureGuestLogons\W+(to )?True|AllowInsecureGuestAuth|turn on SMB ?1|enable SMB ?1|RequireEncryption\W+(to )?False|ntlmv1-permitted`)
	for _, c := range doctor.Causes {
		for _, text := range []string{c.Title, c.Why, c.Server, c.Client} {
			if found := forbidden.FindString(text); found != "" {
				t.Errorf("%s says %q in %q", c.ID, found, text)
			}
		}
	}
}

func FuzzLookup(f *testing.F) {
	for _, text := range []string{"0x80070035", "-1073700864", "mount error(13)", "NT_STATUS_X", "rc = -5", "C000A000", "E_FAIL", "-36", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a := doctor.Lookup(text)
		for _, c := range a.Codes {
			if c == nil || len(c.Reasons()) == 0 {
				t.Errorf("Lookup(%q) = %+v", text, a)
			}
		}
	})
}
