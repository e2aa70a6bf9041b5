package gpo

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/policy"
)

func mustRead(t *testing.T, path string) *Result {
	t.Helper()
	r, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// settingsOf are the texts of an object's settings, by property.
func settingsOf(o *Object) map[string]string {
	texts := make(map[string]string)
	for _, s := range o.Settings {
		texts[s.Property] = s.Text
	}
	return texts
}

func expectSettings(t *testing.T, o *Object, want map[string]string) {
	t.Helper()
	if got := settingsOf(o); !maps.Equal(got, want) {
		t.Errorf("%s says\n     %v\nwant %v", o.Name, got, want)
	}
}

// expectNote fails the test unless o has a note of that outcome on what.
func expectNote(t *testing.T, o *Object, outcome Outcome, what string) {
	t.Helper()
	if !slices.ContainsFunc(o.Notes, func(n Note) bool { return n.Outcome == outcome && strings.HasSuffix(n.What, what) && n.Reason != "" }) {
		t.Errorf("no note %s of %s: %+v", outcome, what, o.Notes)
	}
}

func TestABackupIsReadFromAnyFolderAboveIt(t *testing.T) {
	for _, path := range []string{"testdata", "testdata/backup", "testdata/backup/" + backupGUID} {
		r := mustRead(t, path)
		if len(r.Objects) != 1 {
			t.Fatalf("%s holds %d objects, want 1", path, len(r.Objects))
		}
		o := &r.Objects[0]
		if o.Name != objectName || o.GUID != objectGUID {
			t.Errorf("%s: the object is %q %s", path, o.Name, o.GUID)
		}
		expectSettings(t, o, inForce)
		for what, outcome := range map[string]Outcome{
			"[System Access]": NotRead, "[Privilege Rights]": NotRead, "User/registry.pol": NotRead,
			"LmCompatibilityLevel": Ignored, "RestrictNullSessAccess": Ignored, "EnablePlainTextPassword": Ignored,
			"EnableLUA": Unknown, "EnableFirewall": Unknown,
		} {
			expectNote(t, o, outcome, what)
		}
		if got, want := o.Origin(o.Settings[0]), objectName+" "+objectGUID+", Machine/registry.pol"; got != want {
			t.Errorf("the origin is %q, want %q", got, want)
		}
	}
}

func TestAPolicyOfSYSVOLIsReadWithoutRegardToCase(t *testing.T) {
	dir := t.TempDir()
	const folder = "Policies/{31B2F340-016D-11D2-945F-00C04FB984F9}/"
	files := backupFiles()
	writeTree(t, dir, map[string][]byte{
		folder + "GPT.INI":                                          []byte("[General]\r\nVersion=2\r\n"),
		folder + "MACHINE/Registry.pol":                             files[backupGUID+"/DomainSysvol/GPO/Machine/registry.pol"],
		folder + "MACHINE/Microsoft/Windows NT/SECEDIT/GptTmpl.inf": files[backupGUID+"/DomainSysvol/GPO/Machine/microsoft/windows nt/SecEdit/GptTmpl.inf"],
		folder + "MACHINE/Preferences/Registry/Registry.xml":        []byte("<RegistrySettings/>"),
	})
	r := mustRead(t, dir)
	if len(r.Objects) != 1 || r.Objects[0].GUID != "{31B2F340-016D-11D2-945F-00C04FB984F9}" || r.Objects[0].Name != "" {
		t.Fatalf("%+v", r)
	}
	expectSettings(t, &r.Objects[0], inForce)
	expectNote(t, &r.Objects[0], NotRead, "Registry.xml")
}

func TestAManifestNamesABackupWithoutItsOwnInfo(t *testing.T) {
	dir := t.TempDir()
	files := backupFiles()
	delete(files, backupGUID+"/bkupInfo.xml")
	writeTree(t, dir, files)
	if r := mustRead(t, dir); r.Objects[0].Name != objectName || r.Objects[0].GUID != objectGUID {
		t.Errorf("the object is %q %s", r.Objects[0].Name, r.Objects[0].GUID)
	}
}

// single reads one file of its own.
func single(t *testing.T, data []byte) (*Object, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Read(path)
	if err != nil {
		return nil, err
	}
	return &r.Objects[0], nil
}

func TestASingleFileIsReadInItsEncoding(t *testing.T) {
	const line = "[Version]\r\nsignature=\"$CHICAGO$\"\r\n[Registry Values]\r\n" + `"MACHINE\System\CurrentControlSet\Services\LanmanServer\Parameters\srvcomment" = 1,"B` + "%s" + `ro"` + "\r\n"
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"UTF-16":                   {append([]byte{0xFF, 0xFE}, utf16le(fmt.Sprintf(line, "ü"))...), "Büro"},
		"UTF-16 without a mark":    {utf16le(fmt.Sprintf(line, "ü")), "Büro"},
		"UTF-8":                    {[]byte(fmt.Sprintf(line, "ü")), "Büro"},
		"UTF-8 with a mark":        {[]byte("\uFEFF" + fmt.Sprintf(line, "ü")), "Büro"},
		"ANSI":                     {[]byte(fmt.Sprintf(line, "\xFC")), "Büro"},
		"a pol":                    {polOf(instruction{serverKey, "srvcomment", typeString, utf16le("Büro\x00")}), "Büro"},
		"a pol, value without NUL": {polOf(instruction{serverKey, "srvcomment", typeString, utf16le("Büro")}), "Büro"},
	} {
		o, err := single(t, c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := settingsOf(o)["server.AnnounceComment"]; got != c.want {
			t.Errorf("%s: AnnounceComment is %q, want %q", name, got, c.want)
		}
	}
}

func TestTheLaterInstructionCountsAndThePolicyKey(t *testing.T) {
	o, err := single(t, polOf(
		number(serverKey, "RequireSecuritySignature", 1),
		number(serverKey, "RequireSecuritySignature", 0), // turns it off again
		number(serverPolicyKey, "MinSmb2Dialect", 0x0311),
		number(serverKey, "MinSmb2Dialect", 0x0202), // a parameters key: the policy's counts
		number(clientPolicyKey, "BlockNTLM", 1),
		instruction{clientPolicyKey, "**del.BlockNTLM", typeString, utf16le(" \x00")},
		number(clientPolicyKey, "RequireEncryption", 1),
		number(clientPolicyKey, "AllowInsecureGuestAuth", 0),
		instruction{clientPolicyKey, "**DelVals.", typeString, utf16le(" \x00")},
		number(clientPolicyKey, "AllowInsecureGuestAuth", 0),
		number(serverKey, "EncryptData", 1),
		instruction{serverKey, "**DeleteValues", typeString, utf16le("EncryptData;Other\x00")},
		number(serverKey, "AutoDisconnect", 5),
		instruction{`System\CurrentControlSet\Services\LanmanServer`, "**DeleteKeys", typeString, utf16le("Parameters\x00")},
		number(serverKey, "RequireSecuritySignature", 0),
		instruction{serverKey, "**soft.EncryptData", typeDWORD, dword(1)},
		instruction{serverKey, "**SecureKey", typeDWORD, dword(1)},
	))
	if err != nil {
		t.Fatal(err)
	}
	expectSettings(t, o, map[string]string{
		"server.RequireSecuritySignature": "False", "server.Smb2DialectMin": "SMB311", "client.EnableInsecureGuestLogons": "False",
	})
	expectNote(t, o, Overridden, "RequireSecuritySignature")
	expectNote(t, o, Overridden, "EncryptData")
	expectNote(t, o, Ignored, "**soft.EncryptData")
	expectNote(t, o, Ignored, "**SecureKey")
}

func TestTheSecurityTemplateCountsAgainstTheAdministrativeTemplates(t *testing.T) {
	dir := t.TempDir()
	writeTree(t, dir, map[string][]byte{
		"Machine/Registry.pol": polOf(number(serverKey, "RequireSecuritySignature", 0)),
		"Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf": infOf("[Registry Values]",
			`MACHINE\SYSTEM\CurrentControlSet\Services\lanmanserver\parameters\requiresecuritysignature=4,0x1`),
	})
	r := mustRead(t, dir)
	expectSettings(t, &r.Objects[0], map[string]string{"server.RequireSecuritySignature": "True"})
}

func TestEveryRowIsAPropertyThatTakesWhatWindowsWrites(t *testing.T) {
	samples := map[valueType][]*value{
		typeDWORD:       {{kind: typeDWORD, data: dword(0)}, {kind: typeDWORD, data: dword(1)}, {kind: typeDWORD, data: dword(200)}, {kind: typeDWORD, data: dword(0x0311)}},
		typeString:      {{kind: typeString, data: utf16le("x\x00")}, {name: `\\a\b`, kind: typeString, data: utf16le("RequireIntegrity=1\x00")}},
		typeMultiString: {{kind: typeMultiString, data: utf16le("AES_256_GCM\x00\x00")}},
	}
	seen := make(map[string]bool)
	for _, r := range rows {
		path := strings.ToLower(r.key + `\` + r.name)
		if seen[path] {
			t.Errorf("%s has two rows", path)
		}
		seen[path] = true
		if (r.property == "") == (r.why == "") || (r.property == "") != (r.convert == nil) {
			t.Errorf("%s: either a property and its conversion, or a reason", path)
		}
		if r.property == "" {
			continue
		}
		if d, err := policy.Find(r.property); err != nil || d.Name != r.property {
			t.Errorf("%s: %v", path, err)
		}
		if !slices.ContainsFunc(samples[r.kind], func(v *value) bool { _, err := r.setting(v); return err == nil }) {
			t.Errorf("%s takes none of the sample values", path)
		}
		for kind, values := range samples {
			if kind == r.kind {
				continue
			}
			if _, err := r.setting(values[0]); err == nil {
				t.Errorf("%s takes a %s", path, kind)
			}
		}
	}
}

func TestValuesThatCannotBeAreRefusedByName(t *testing.T) {
	for what, i := range map[string]instruction{
		"cannot be taken from it: it is 7":          number(serverKey, "RequireSecuritySignature", 7),
		"is no dialect":                             number(serverPolicyKey, "MinSmb2Dialect", 99),
		`cannot be "3"`:                             number(serverKey, "SmbServerNameHardeningLevel", 3),
		"is a REG_DWORD of 3 bytes":                 {serverKey, "RequireSecuritySignature", typeDWORD, []byte{1, 0, 0}},
		"is REG_SZ":                                 {serverKey, "RequireSecuritySignature", typeString, utf16le("1\x00")},
		"is no UTF-16":                              {serverKey, "srvcomment", typeString, []byte{0x00, 0xD8}},
		`cannot be "ROT13"`:                         {serverPolicyKey, "CipherSuiteOrder", typeMultiString, utf16le("ROT13\x00\x00")},
		"it is 4294967295, 0 or 1 is wanted; there": number(serverKey, "EncryptData", 1<<32-1),
		"holds \"a,b\", a name with a comma":        {serverKey, "NullSessionPipes", typeMultiString, utf16le("a,b\x00\x00")},
		"is 3, 0 to 2 is wanted":                    number(msvKey, "RestrictSendingNTLMTraffic", 3),
	} {
		_, err := single(t, polOf(i))
		bad, ok := errors.AsType[*ValueError](err)
		if !ok || !strings.Contains(err.Error(), what) {
			t.Errorf("%s\\%s: %v, want %q", i.key, i.name, err, what)
			continue
		}
		if _, ok := errors.AsType[*policy.PropertyError](bad.Err); !ok {
			t.Errorf("%v names no property", err)
		}
	}
}

// hostilePol are files that are no Registry.pol.
func hostilePol() map[string][]byte {
	valid := polOf(number(serverKey, "RequireSecuritySignature", 1))
	huge := slices.Clone(valid)
	copy(huge[len(huge)-10:], []byte{0xFF, 0xFF, 0xFF, 0xFF}) // the size of the data
	surrogate := polOf(instruction{"kx", "n", typeDWORD, dword(1)})
	i := 10 + 2 // behind header, bracket and "k"
	surrogate[i], surrogate[i+1] = 0x00, 0xD8
	return map[string][]byte{
		"nothing":            {},
		"another version":    []byte("PReg\x02\x00\x00\x00"),
		"4 GiB announced":    huge,
		"a lone surrogate":   surrogate,
		"a key without end":  append([]byte("PReg\x01\x00\x00\x00[\x00"), utf16le(strings.Repeat("k", 1<<20))...),
		"an empty key":       polOf(number("", "n", 1)),
		"garbage behind":     append(slices.Clone(valid), 'x', 0),
		"text":               []byte("hello"),
		"a wrong separator":  []byte("PReg\x01\x00\x00\x00[\x00k\x00\x00\x00:\x00"),
		"too many values":    polOf(make0(maxValues + 1)...),
		"too many deletions": polOf(deletions(maxRemovals + 1)...),
	}
}

func make0(n int) []instruction {
	return slices.Repeat([]instruction{{"k", "n", 0, nil}}, n)
}

func deletions(n int) []instruction {
	return slices.Repeat([]instruction{{"k", "**DelVals.", typeString, nil}}, n)
}

func TestAMalformedRegistryPolIsRefused(t *testing.T) {
	valid := polOf(number(serverKey, "RequireSecuritySignature", 1), instruction{serverKey, "srvcomment", typeString, utf16le("x\x00")})
	files := hostilePol()
	for n := range len(valid) {
		if n != 8 && n != len(polOf(number(serverKey, "RequireSecuritySignature", 1))) { // where it may end
			files[fmt.Sprintf("the first %d bytes", n)] = valid[:n]
		}
	}
	for what, data := range files {
		if o, err := single(t, data); err == nil {
			t.Errorf("%s: taken: %+v", what, o)
		}
	}
}

func TestAMalformedTemplateIsRefusedWithItsLine(t *testing.T) {
	server := `MACHINE\System\CurrentControlSet\Services\LanmanServer\Parameters\`
	for what, c := range map[string]struct {
		data []byte
		want string
	}{
		"no signature":         {[]byte("[Registry Values]\r\n"), "no security template"},
		"two values":           {infOf("[Registry Values]", server+"EncryptData=4,1", server+"encryptdata=4,0"), "line 8: "},
		"no type":              {infOf("[Registry Values]", server+"EncryptData=1"), "line 7: the type and the value are not there"},
		"no value":             {infOf("[Registry Values]", server+"EncryptData"), "line 7: "},
		"no key":               {infOf("[Registry Values]", "EncryptData=4,1"), "line 7: "},
		"half a quotation":     {infOf("[Registry Values]", `"`+server+"EncryptData=4,1"), "line 7: "},
		"no section":           {[]byte("EncryptData=4,1\r\n"), "line 1: it is in no section"},
		"no number":            {infOf("[Registry Values]", server+"EncryptData=4,yes"), "is no number of 32 bits"},
		"a number of 4 GiB":    {infOf("[Registry Values]", server+"AutoDisconnect=4,4294967296"), "is no number of 32 bits"},
		"a lone surrogate":     {append(infOf("[Registry Values]"), 0x00, 0xD8), "no UTF-16"},
		"half a character":     {append(infOf("[Registry Values]"), 'x'), "no UTF-16"},
		"the wrong byte order": {[]byte{0xFE, 0xFF, 0, '['}, "wrong byte order"},
		"a NUL":                {[]byte("[Version]\x00"), "no text"},
		"a long value":         {infOf("[Registry Values]", server+`srvcomment=1,"`+strings.Repeat("x", maxDataBytes)+`"`), "longer than"},
		"a huge file":          {make([]byte, maxFileBytes+1), "longer than"},
	} {
		if _, err := single(t, c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
	// What is said twice is said once.
	if o, err := single(t, infOf("[Registry Values]", server+"EncryptData=4,1", server+"ENCRYPTDATA=4,0x1")); err != nil || settingsOf(o)["server.EncryptData"] != "True" {
		t.Errorf("the same value twice: %v", err)
	}
}

func TestNothingOutsideOfTheFolderIsRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a right there")
	}
	outside := filepath.Join(t.TempDir(), "Registry.pol")
	if err := os.WriteFile(outside, polOf(number(serverKey, "RequireSecuritySignature", 0)), 0o644); err != nil {
		t.Fatal(err)
	}
	link := func(dir, target, name string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	file := t.TempDir()
	link(file, outside, "Machine/Registry.pol")
	folder := t.TempDir()
	link(folder, filepath.Dir(outside), "Machine")
	info := t.TempDir()
	writeTree(t, info, backupFiles())
	if err := os.Remove(filepath.Join(info, backupGUID, "bkupInfo.xml")); err != nil {
		t.Fatal(err)
	}
	link(info, outside, backupGUID+"/bkupInfo.xml")
	for what, dir := range map[string]string{"a file": file, "a folder": folder, "the info": info} {
		if r, err := Read(dir); err == nil {
			t.Errorf("%s is a link out of the folder: taken: %+v", what, r)
		}
	}
	beside := t.TempDir()
	writeTree(t, beside, backupFiles())
	link(beside, filepath.Dir(outside), "more")
	if r := mustRead(t, beside); len(r.Objects) != 1 || len(r.Notes) != 1 || r.Notes[0].What != "more" {
		t.Errorf("a link beside a backup: %+v, want it noted", r)
	}
}

func TestAFolderIsReadOnlySoDeepAndSoWide(t *testing.T) {
	deep := t.TempDir()
	writeTree(t, deep, map[string][]byte{strings.Repeat("x/", maxDepth+2) + "file": nil})
	inside := t.TempDir()
	writeTree(t, inside, map[string][]byte{"GPT.INI": nil, "Machine/" + strings.Repeat("x/", maxDepth+2) + "file": nil})
	twice := t.TempDir()
	writeTree(t, twice, map[string][]byte{"GPT.INI": nil, "Machine/Registry.pol": polOf(), "machine/Registry.pol": polOf()})
	nested := t.TempDir()
	writeTree(t, nested, map[string][]byte{"b/DomainSysvol/GPO/Machine/Registry.pol": polOf(), "b/bkupInfo.xml": []byte(strings.Repeat("<a>", 1<<18))})
	for what, c := range map[string]struct{ dir, want string }{
		"folders in folders":          {deep, "deeper"},
		"folders in an object":        {inside, "deeper"},
		"two names that are one":      {twice, "are one name"},
		"elements in elements":        {nested, "deeper"},
		"a folder that holds nothing": {t.TempDir(), "there is no group policy object"},
		"no folder":                   {filepath.Join(deep, "nothing"), "no such file"},
	} {
		if what == "two names that are one" {
			if entries, _ := os.ReadDir(twice); len(entries) == 2 {
				continue // this file system has one name for both
			}
		}
		if _, err := Read(c.dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}

func TestANameIsMadePlain(t *testing.T) {
	list, err := decodeBackups([]byte("<BackupInst><GPOGuid>no guid</GPOGuid><GPODisplayName> a\x1b[31m\u202eb\n"+strings.Repeat("c", 300)+"</GPODisplayName></BackupInst>"), "x")
	if err == nil {
		t.Fatalf("a control character in XML is taken: %+v", list)
	}
	if got := plainName(" a\u202eb\n" + strings.Repeat("c", 300)); !strings.HasPrefix(got, "abc") || len(got) != 200 {
		t.Errorf("plainName: %q", got)
	}
}

// The patterns are one property together; a path that the default has counts
// instead of that, and one that demands nothing weakens it.
func TestHardenedPathsAreOneProperty(t *testing.T) {
	path := func(name, demands string) instruction {
		return instruction{hardenedKey, name, typeString, utf16le(demands + "\x00")}
	}
	const netlogon, sysvol = `\\*\NETLOGON=RequireMutualAuthentication, RequireIntegrity`, `\\*\SYSVOL=RequireMutualAuthentication, RequireIntegrity`
	for _, c := range []struct {
		said    []instruction
		want    string
		weakens bool
	}{
		{[]instruction{path(`\\*\SYSVOL`, "RequireMutualAuthentication=1, RequireIntegrity=1")}, sysvol + "; " + netlogon, false},
		{
			[]instruction{path(`\\*\sysvol`, "RequirePrivacy=1,RequireIntegrity=1,RequireMutualAuthentication=1"), path(`\\fs1\*`, "RequirePrivacy=1")},
			`\\*\sysvol=RequireMutualAuthentication, RequireIntegrity, RequirePrivacy; ` + netlogon + `; \\fs1\*=RequirePrivacy`, false,
		},
		{[]instruction{path(`\\*\SYSVOL`, "RequireMutualAuthentication=0, RequireIntegrity=1")}, `\\*\SYSVOL=RequireIntegrity; ` + netlogon, true},
		{[]instruction{path(`\\*\SYSVOL`, "")}, `\\*\SYSVOL=; ` + netlogon, true},
	} {
		o, err := single(t, polOf(c.said...))
		if err != nil {
			t.Errorf("%v: %v", c.said, err)
			continue
		}
		expectSettings(t, o, map[string]string{"client.HardenedPaths": c.want})
		values := policy.NewValues(policy.Origin{Layer: policy.LayerGroupPolicy, Name: "test"})
		if err := values.Set("client.HardenedPaths", o.Settings[0].Text); err != nil {
			t.Fatal(err)
		}
		after, err := policy.Stack(values)
		if err != nil {
			t.Fatal(err)
		}
		before := policy.Get(policy.Default(), policy.HardenedPaths)
		if got := policy.HardensLess(before, policy.Get(after, policy.HardenedPaths)); got != c.weakens {
			t.Errorf("%s weakens: %v, want %v", c.want, got, c.weakens)
		}
	}
	for _, bad := range []instruction{
		path(`\\*\SYSVOL`, "RequireLuck=1"), path(`\\*\SYSVOL`, "RequireIntegrity=2"), path(`SYSVOL`, "RequireIntegrity=1"),
		path(`\\a`, "RequireIntegrity=1"), path(`\\a\b\c`, "RequireIntegrity=1"), path(`\\*\A`, `RequireIntegrity=1; \\*\SYSVOL=`),
		path(`\\*\A=;\\*\SYSVOL`, ""),
		{hardenedKey, `\\*\A`, typeDWORD, dword(1)},
	} {
		o, err := single(t, polOf(bad))
		if refused, ok := errors.AsType[*ValueError](err); !ok || !strings.HasPrefix(refused.Value, hardenedKey) {
			t.Errorf("%q = %q: %+v, %v", bad.name, bad.data, o, err)
		}
	}
}
