package smbconf

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/policy"
)

// known are the accounts that exist.
func known(name string) bool { return slices.Contains([]string{"ann", "bob", "eve"}, name) }

// read reads a file that holds text.
func read(t *testing.T, text string) (*Result, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "smb.conf")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return Read(path, known)
}

func mustRead(t *testing.T, text string) *Result {
	t.Helper()
	r, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outcomes are those of the parameters called name.
func (r *Result) outcomes(name string) []Outcome {
	var list []Outcome
	for _, row := range r.Rows {
		if row.Parameter == name {
			list = append(list, row.Outcome)
		}
	}
	return list
}

func TestEachGlobalParameterIsTakenChangedOrIgnored(t *testing.T) {
	for _, c := range []struct {
		line     string
		property string // "" where nothing is set
		text     string
		outcome  Outcome
	}{
		{"server signing = mandatory", "server.RequireSecuritySignature", "True", Taken},
		{"server signing = required", "server.RequireSecuritySignature", "True", Taken},
		{"server signing = auto", "server.RequireSecuritySignature", "False", Taken},
		{"server signing = disabled", "server.RequireSecuritySignature", "False", Changed},
		{"server signing = default", "", "", Ignored},
		{"client signing = required", "client.RequireSecuritySignature", "True", Taken},
		{"client signing = desired", "client.RequireSecuritySignature", "False", Taken},
		{"server min protocol = SMB3_11", "server.Smb2DialectMin", "SMB311", Taken},
		{"min protocol = smb2", "server.Smb2DialectMin", "SMB210", Taken},
		{"server min protocol = NT1", "server.Smb2DialectMin", "None", Changed},
		{"max protocol = SMB3_02", "server.Smb2DialectMax", "SMB302", Taken},
		{"protocol = NT1", "", "", Ignored},
		{"client min protocol = SMB3", "client.Smb2DialectMin", "SMB311", Taken},
		{"client max protocol = default", "", "", Ignored},
		{"smb encrypt = required", "server.EncryptData", "True", Taken},
		{"server smb encrypt = desired", "server.EncryptData", "False", Taken},
		{"SMB  Encrypt = off", "server.EncryptData", "False", Changed},
		{"client smb encrypt = required", "client.RequireEncryption", "True", Taken},
		{"server smb3 signing algorithms = AES-128-CMAC, HMAC-SHA256", "server.SigningAlgorithms", "AES_128_CMAC, HMAC_SHA256", Taken},
		{"server smb3 encryption algorithms = aes-256-gcm", "server.EncryptionCiphers", "AES_256_GCM", Taken},
		{"map to guest = Bad User", "server.EnableGuestAccess", "True", Taken},
		{"map to guest = bad password", "server.EnableGuestAccess", "True", Changed},
		{"map to guest = never", "server.EnableGuestAccess", "False", Taken},
		{"restrict anonymous = 2", "server.NullSessionPipes", "", Taken},
		{"restrict anonymous = 0", "", "", Ignored},
		{"ntlm auth = ntlmv1-permitted", "", "", Ignored},
		{"ntlm auth = disabled", "", "", Lost},
		{"server string = Files", "server.AnnounceComment", "Files", Taken},
		{"server string = %h server", "", "", Ignored},
		{"deadtime = 15", "server.AutoDisconnectTimeoutInSecondsV2", "900", Taken},
		{"keepalive = 300", "server.KeepAliveTime", "5", Changed},
		{"server multi channel support = yes", "server.EnableMultiChannel", "True", Taken},
		{"netbios aliases = fs1 \"fs2\"", "server.OptionalNames", "fs1, fs2", Taken},
		{"smb ports = 445", "", "", Ignored},
		{"security = ads", "", "", Ignored},
		{"server sining = mandatory", "", "", Unknown},
		{"include = registry", "", "", Ignored},
		{"include = /etc/samba/%m.conf", "", "", Ignored},
		{"read only = no", "", "", ""},
	} {
		r := mustRead(t, "[global]\n"+c.line+"\n")
		want := map[string]string{}
		if c.property != "" {
			want[c.property] = c.text
		}
		var got Outcome
		for _, row := range r.Rows {
			got = row.Outcome
			if (row.Outcome != Taken) != (row.Reason != "") || row.Line != 2 {
				t.Errorf("%s: line %d, %s with the reason %q", c.line, row.Line, row.Outcome, row.Reason)
			}
		}
		if !maps.Equal(r.Values, want) || got != c.outcome || len(r.Rows) > 1 {
			t.Errorf("%s: %v, %s, %d rows; want %v, %s", c.line, r.Values, got, len(r.Rows), want, c.outcome)
		}
	}
}

func TestTheNameAndTheAliasesAddUp(t *testing.T) {
	r := mustRead(t, "netbios name = FS\nnetbios aliases = files, data\n")
	if got := r.Values["server.OptionalNames"]; got != "FS, files, data" {
		t.Errorf("OptionalNames is %q", got)
	}
}

func TestAValueThatAParameterCannotHaveIsRefusedWithItsLine(t *testing.T) {
	for _, line := range []string{
		"server signing = perhaps", "server min protocol = SMB4", "smb encrypt = much", "map to guest = sometimes", "restrict anonymous = 3",
		"deadtime = soon", "keepalive = -1", "ntlm auth = 5", "security = share", "server smb3 encryption algorithms = ROT13", "smb2 max credits = 1",
		"client smb encrypt = x", "client signing = x", "server multi channel support = maybe",
	} {
		_, err := read(t, "# first\n[global]\n"+line+"\n")
		if bad, ok := errors.AsType[*ValueError](err); !ok || bad.Row.Line != 3 || !strings.Contains(err.Error(), "line 3: [global] ") {
			t.Errorf("%s: %v, want line 3", line, err)
		}
	}
	if _, err := read(t, "server smb3 encryption algorithms = ROT13\n"); err != nil {
		if p, ok := errors.AsType[*policy.PropertyError](err); !ok || p.Property != "server.EncryptionCiphers" {
			t.Errorf("%v names no property", err)
		}
	}
	for _, line := range []string{"read only = perhaps", "guest ok = 2", "smb encrypt = much", "hide unreadable = x", "max connections = few", "max connections = 4294967296"} {
		if _, err := read(t, "[docs]\npath = /srv\n"+line+"\n"); err == nil || !strings.Contains(err.Error(), "line 3: [docs] ") {
			t.Errorf("%s: %v, want line 3", line, err)
		}
	}
}

func TestSharesAreWhatTheySayAboveTheDefaultsOfGlobal(t *testing.T) {
	everyone := []string{"Everyone"}
	for what, c := range map[string]struct {
		text string
		want Share
	}{
		"nothing said: read only, for accounts": {"", Share{Restricted: true, ReadAccess: everyone}},
		"writable":                              {"writable = yes", Share{Restricted: true, FullAccess: everyone}},
		"read only of global":                   {"[global]\nread only = no\n[docs]", Share{Restricted: true, FullAccess: everyone}},
		"guests":                                {"read only = no\npublic = yes", Share{GuestsAllowed: true}},
		"guests that read":                      {"guest ok = yes", Share{ReadOnly: true, GuestsAllowed: true}},
		"valid users":                           {"valid users = ann, bob\nwrite list = bob", Share{Restricted: true, ReadAccess: []string{"ann"}, FullAccess: []string{"bob"}}},
		"valid users who write":                 {"valid users = ann bob\nread only = no\nread list = bob", Share{Restricted: true, FullAccess: []string{"ann"}, ReadAccess: []string{"bob"}}},
		"valid users shut guests out":           {"valid users = ann\nguest ok = yes\nread only = no", Share{Restricted: true, FullAccess: []string{"ann"}}},
		"only a group":                          {"valid users = @staff", Share{Restricted: true}},
		"nobody that exists":                    {"valid users = carl", Share{Restricted: true}},
		"write list":                            {"write list = eve", Share{Restricted: true, ReadAccess: everyone, FullAccess: []string{"eve"}}},
		"invalid users":                         {"invalid users = eve\nread only = no", Share{Restricted: true, FullAccess: everyone, NoAccess: []string{"eve"}}},
		"force user":                            {"force user = www-data\nguest ok = yes\nread only = no", Share{RunAs: "www-data", GuestsAllowed: true}},
		"force user root":                       {"force user = root\nguest ok = yes\nread only = no", Share{GuestsAllowed: true}},
		"encryption":                            {"smb encrypt = required\nguest ok = yes\nread only = no", Share{EncryptData: true, GuestsAllowed: true}},
		"comment":                               {"comment = for all\nmax connections = 20\nguest ok = yes\nread only = no", Share{Description: "for all", ConcurrentUserLimit: 20, GuestsAllowed: true}},
		"comment of who asks":                   {"comment = for %U\nmax connections = 0\nguest ok = yes\nread only = no", Share{GuestsAllowed: true}},
		"comment that is long":                  {"comment = " + strings.Repeat("x", 257) + "\nguest ok = yes\nread only = no", Share{GuestsAllowed: true}},
		"hide unreadable":                       {"hide unreadable = yes\nguest ok = yes\nread only = no", Share{AccessBased: true, GuestsAllowed: true}},
	} {
		r := mustRead(t, "[docs]\nPath = /srv/docs/\n"+c.text+"\n")
		c.want.Name, c.want.Path = "docs", "/srv/docs"
		if len(r.Shares) != 1 || !reflect.DeepEqual(r.Shares[0], c.want) {
			t.Errorf("%s: %+v\nwant %+v", what, r.Shares, c.want)
		}
	}
}

func TestWhatProtectsAndCannotBeTakenIsSaid(t *testing.T) {
	for _, text := range []string{
		"hosts allow = 10.", "deny hosts = all", "veto files = /secret/", "invalid users = @guests", "read only = no\nread list = ann",
	} {
		if r := mustRead(t, "[docs]\npath = /srv\n"+text+"\n"); len(r.Lost()) != 1 {
			t.Errorf("%s: lost %q, want one", text, r.Lost())
		}
	}
	r := mustRead(t, "hosts allow = 127.\n[a]\npath = /a\n[b]\npath = /b\nhosts allow = 10.\n")
	if got, want := r.Lost(), []string{"[a] hosts allow", "[b] hosts allow"}; !slices.Equal(got, want) {
		t.Errorf("lost %q, want %q", got, want)
	}
}

func TestSectionsThatAreNoFoldersAreLeftOutWithTheReason(t *testing.T) {
	r := mustRead(t, `
[homes]
 read only = no
[printers]
 path = /var/spool
[scans]
 path = /srv/%U
[nothing]
 comment = no path
[lp]
 path = /x
 printable = yes
[old]
 path = /x
 available = no
[twin]
 copy = docs
 path = /x
[here]
 path = x
`)
	if len(r.Shares) != 0 || len(r.Rows) != 8 {
		t.Errorf("%d shares, %d rows: %+v", len(r.Shares), len(r.Rows), r)
	}
	for _, row := range r.Rows {
		if row.Outcome != Ignored || row.Reason == "" || row.Target != "Share "+row.Section {
			t.Errorf("%+v", row)
		}
	}
}

func TestNamesAreComparedAsSambaDoes(t *testing.T) {
	r := mustRead(t, "SERVER signing=auto\n Server\tSigning = man\\\ndatory\n; x = y\n# x = y\n[Docs]\npa th = /srv\n[DOCS]\nWRITE OK = \"yes\"\nfrobnicate = 1\nworkgroup = X\n")
	if got := r.Values["server.RequireSecuritySignature"]; got != "True" {
		t.Errorf("the later line, which goes on, does not count: %v", r.Values)
	}
	if len(r.Shares) != 1 || r.Shares[0].Name != "Docs" || !slices.Equal(r.Shares[0].FullAccess, []string{"Everyone"}) {
		t.Errorf("%+v", r.Shares)
	}
	for name, want := range map[string]Outcome{"SERVER signing": Ignored, "Server\tSigning": Taken, "frobnicate": Unknown, "workgroup": Ignored} {
		if got := r.outcomes(name); !slices.Equal(got, []Outcome{want}) {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

func TestFilesAreIncludedFromTheirFolderOnly(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("etc/more/signing.conf", "server signing = mandatory\n")
	outside := write("outside.conf", "server signing = auto\n")
	for _, name := range []string{"more/signing.conf", filepath.Join(dir, "etc/more/signing.conf"), "./more/../more/signing.conf"} {
		r, err := Read(write("etc/smb.conf", "[global]\ninclude = "+name+"\n"), known)
		if err != nil || r.Values["server.RequireSecuritySignature"] != "True" || r.Rows[0].File != "more/signing.conf" {
			t.Errorf("include %s: %+v, %v", name, r, err)
		}
	}
	names := []string{"../outside.conf", outside, "more", "nothing.conf", "smb.conf"}
	if runtime.GOOS != "windows" {
		if err := os.Symlink(outside, filepath.Join(dir, "etc/link.conf")); err != nil {
			t.Fatal(err)
		}
		names = append(names, "link.conf")
	}
	for _, name := range names {
		if r, err := Read(write("etc/smb.conf", "include = "+name+"\n"), known); err == nil {
			t.Errorf("include %s: taken: %+v", name, r)
		}
	}
}

func TestAFileThatIsNoneIsRefused(t *testing.T) {
	for what, text := range map[string]string{
		"no assignment":     "hello\n",
		"no section":        "[docs\n",
		"an empty section":  "[]\n",
		"no name":           "= yes\n",
		"no UTF-8":          "server string = \xFF\n",
		"a NUL":             "server string = \x00\n",
		"an open end":       "server string = x\\\n",
		"a huge file":       strings.Repeat("# comment\n", maxBytes/10+1),
		"too many lines":    strings.Repeat("\n", maxLines+1),
		"too many sections": sections(maxSections + 1),
	} {
		if r, err := read(t, text); err == nil {
			t.Errorf("%s: taken: %+v", what, r.Values)
		}
	}
}

func sections(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("[s" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + string(rune('0'+i/26%10)) + string(rune('A'+i/260)) + "]\n")
	}
	return b.String()
}

func TestEveryRowOfTheTablesCanBeReached(t *testing.T) {
	for _, table := range []map[string]bool{keysOf(globals), keysOf(forShares)} {
		for name := range table {
			if fold(name) != name || synonyms[name] != "" {
				t.Errorf("%q is never looked up: fold makes %q of it, a synonym %q", name, fold(name), synonyms[name])
			}
		}
	}
	for from, to := range synonyms {
		if fold(from) != from || globals[to] == nil && forShares[to].outcome == "" && !ofAShare[to] {
			t.Errorf("the synonym %q leads to %q, which no table has", from, to)
		}
	}
}

func keysOf[V any](m map[string]V) map[string]bool {
	keys := make(map[string]bool)
	for k := range m {
		keys[k] = true
	}
	return keys
}

func FuzzSmbConf(f *testing.F) {
	f.Add("[global]\nserver signing = mandatory\nhosts allow = 10.\n[docs]\npath = /srv\nvalid users = ann @x\nread only = no\n")
	f.Add("include = x\n[a]\ncopy=b\\\n\n")
	root, err := os.OpenRoot(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { root.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		p := newParser(root)
		if p.text("f", text, 0) != nil {
			return
		}
		r, err := p.result(known)
		if err != nil {
			return
		}
		for name, value := range r.Values {
			definition, err := policy.Find(name)
			if err == nil {
				_, err = definition.Parse(value)
			}
			if err != nil {
				t.Errorf("%s is to be %q: %v", name, value, err)
			}
		}
		for _, sh := range r.Shares {
			if sh.Restricted && sh.GuestsAllowed || sh.RunAs == "root" || !filepath.IsAbs(sh.Path) {
				t.Errorf("%+v", sh)
			}
		}
	})
}
