package gpo

import (
	"bytes"
	"encoding/binary"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

var update = flag.Bool("update", false, "write testdata/backup anew")

// The backup in testdata is made here, byte by byte, by [MS-GPSB] 2.2 and
// [MS-GPREG] 2.2.1; nothing of it was made by Windows. The form of bkupInfo.xml
// and of the folders is known from public backups.
const (
	backupGUID = "{2B9D3A74-6E0F-4C51-9A3D-7F1E5C0A8B62}"
	objectGUID = "{6F7C1D20-93B4-4E8A-8E57-0C4A2D9B1E35}"
	objectName = "Signet test: file servers"
)

// instruction is one of Registry.pol.
type instruction struct {
	key, name string
	kind      valueType
	data      []byte
}

// polOf encodes Registry.pol. [MS-GPREG] 2.2.1.
func polOf(instructions ...instruction) []byte {
	b := []byte("PReg\x01\x00\x00\x00")
	for _, i := range instructions {
		b = append(b, utf16le("[")...)
		b = append(b, utf16le(i.key+"\x00;"+i.name+"\x00;")...)
		b = binary.LittleEndian.AppendUint32(b, uint32(i.kind))
		b = append(b, utf16le(";")...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(i.data)))
		b = append(b, utf16le(";")...)
		b = append(b, i.data...)
		b = append(b, utf16le("]")...)
	}
	return b
}

func utf16le(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func dword(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// number is an instruction that sets a DWORD.
func number(key, name string, n uint32) instruction {
	return instruction{key, name, typeDWORD, dword(n)}
}

// infOf encodes a GptTmpl.inf with these lines behind its preamble. [MS-GPSB]
// 2.2.
func infOf(lines ...string) []byte {
	text := append([]string{"[Unicode]", "Unicode=yes", "[Version]", `signature="$CHICAGO$"`, "Revision=1"}, lines...)
	return append([]byte{0xFF, 0xFE}, utf16le(strings.Join(text, "\r\n")+"\r\n")...)
}

// backupFiles are the files of the backup in testdata.
func backupFiles() map[string][]byte {
	const sysvol = backupGUID + "/DomainSysvol/GPO/"
	return map[string][]byte{
		backupGUID + "/bkupInfo.xml": []byte(`<BackupInst xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"><GPOGuid><![CDATA[` + objectGUID +
			`]]></GPOGuid><GPODomain><![CDATA[example.test]]></GPODomain><ID><![CDATA[` + backupGUID + `]]></ID><GPODisplayName><![CDATA[` + objectName + `]]></GPODisplayName></BackupInst>` + "\r\n"),
		"manifest.xml": []byte(`<Backups xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"><BackupInst><GPOGuid><![CDATA[` + objectGUID +
			`]]></GPOGuid><ID><![CDATA[` + backupGUID + `]]></ID><GPODisplayName><![CDATA[` + objectName + `]]></GPODisplayName></BackupInst></Backups>` + "\r\n"),
		sysvol + "Machine/microsoft/windows nt/SecEdit/GptTmpl.inf": infOf(
			"[System Access]",
			"MinimumPasswordLength = 14",
			"[Registry Values]",
			`MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\RequireSecuritySignature=4,1`,
			`MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\EnableSecuritySignature=4,1`,
			`MACHINE\System\CurrentControlSet\Services\LanmanWorkstation\Parameters\RequireSecuritySignature=4,1`,
			`MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\SmbServerNameHardeningLevel=4,1`,
			`MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\AutoDisconnect=4,10`,
			`MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\NullSessionPipes=7,`,
			`MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\RestrictNullSessAccess=4,1`,
			`MACHINE\System\CurrentControlSet\Services\LanmanWorkstation\Parameters\EnablePlainTextPassword=4,0`,
			`MACHINE\System\CurrentControlSet\Control\Lsa\LmCompatibilityLevel=4,5`,
			`MACHINE\Software\Microsoft\Windows\CurrentVersion\Policies\System\EnableLUA=4,1`,
			"[Privilege Rights]",
			"SeNetworkLogonRight = *S-1-5-32-544",
		),
		sysvol + "Machine/registry.pol": polOf(
			number(serverPolicyKey, "MinSmb2Dialect", 0x0300),
			number(serverPolicyKey, "EnableAuthRateLimiter", 1),
			number(serverPolicyKey, "InvalidAuthenticationDelayTimeInMs", 5000),
			number(serverPolicyKey, "AuditClientDoesNotSupportSigning", 1),
			number(serverPolicyKey, "AuditInsecureGuestLogon", 1),
			instruction{serverPolicyKey, "CipherSuiteOrder", typeMultiString, utf16le("AES_256_GCM\x00AES_128_GCM\x00\x00")},
			number(clientPolicyKey, "AllowInsecureGuestAuth", 0),
			number(clientPolicyKey, "RequireEncryption", 1),
			instruction{hardenedKey, `\\*\SYSVOL`, typeString, utf16le("RequireMutualAuthentication=1, RequireIntegrity=1\x00")},
			number(`SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile`, "EnableFirewall", 1),
		),
		sysvol + "User/registry.pol": polOf(),
	}
}

// inForce is what the backup makes of properties.
var inForce = map[string]string{
	"server.RequireSecuritySignature":           "True",
	"server.EnableSecuritySignature":            "True",
	"server.SmbServerNameHardeningLevel":        "1",
	"server.AutoDisconnectTimeoutInSecondsV2":   "600",
	"server.NullSessionPipes":                   "",
	"server.Smb2DialectMin":                     "SMB300",
	"server.EnableAuthRateLimiter":              "True",
	"server.InvalidAuthenticationDelayTimeInMs": "5000",
	"server.AuditClientDoesNotSupportSigning":   "True",
	"server.AuditInsecureGuestLogon":            "True",
	"server.EncryptionCiphers":                  "AES_256_GCM, AES_128_GCM",
	"client.RequireSecuritySignature":           "True",
	"client.EnableInsecureGuestLogons":          "False",
	"client.RequireEncryption":                  "True",
	"client.HardenedPaths":                      `\\*\SYSVOL=RequireMutualAuthentication, RequireIntegrity; \\*\NETLOGON=RequireMutualAuthentication, RequireIntegrity`,
}

// writeTree writes files below a folder.
func writeTree(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheBackupInTestdataIsWhatTheSpecificationsSay(t *testing.T) {
	const dir = "testdata/backup"
	files := backupFiles()
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		writeTree(t, dir, files)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		name = filepath.ToSlash(name)
		got, err := os.ReadFile(path)
		if want, ok := files[name]; err == nil && (!ok || !bytes.Equal(got, want)) {
			t.Errorf("%s is not what this file makes (-update writes it)", path)
		}
		delete(files, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		t.Errorf("%s is missing (-update writes it)", name)
	}
}
