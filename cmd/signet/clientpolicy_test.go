//go:build linux

package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/policy"
)

// policyApp is a run whose machine's and whose own policy say this; "" is no
// file.
func policyApp(t *testing.T, machine, own string) *app {
	t.Helper()
	dir := t.TempDir()
	a := &app{stateDir: dir, machinePolicy: filepath.Join(dir, "machine.yaml"), machineOwner: os.Geteuid(), log: slog.New(slog.DiscardHandler)}
	for path, text := range map[string]string{a.machinePolicy: machine, filepath.Join(dir, ownPolicyFile): own} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(path, []byte("version: 1\nclient:\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// given are the flags of a command of the client.
func given(t *testing.T, args ...string) *clientFlags {
	t.Helper()
	f := new(clientFlags)
	cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
	addClientFlags(cmd, f)
	cmd.SetArgs(args)
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestUsersAndFlagsMayOnlyTightenThePolicy(t *testing.T) {
	const (
		signing    = "client.RequireSecuritySignature"
		encryption = "client.RequireEncryption"
		guests     = "client.EnableInsecureGuestLogons"
		lowest     = "client.Smb2DialectMin"
		highest    = "client.Smb2DialectMax"
		ntlm       = "client.BlockNTLM"
		exceptions = "client.BlockNTLMServerExceptionList"
		ciphers    = "client.EncryptionCiphers"
	)
	for _, c := range []struct {
		name         string
		machine, own string
		flags        []string
		property     string
		value        string // "": refused
		origin       string
	}{
		{"nobody says anything", "", "", nil, signing, "True", "profile signet"},
		{"the user against the default", "", "  RequireSecuritySignature: False\n", nil, signing, "", "profile signet"},
		{"a flag against the default", "", "", []string{"--require-signing=False"}, signing, "", "profile signet"},
		{"the user lets guests be", "", "  EnableInsecureGuestLogons: True\n", nil, guests, "", "profile signet"},
		{"the machine loosens", "  RequireSecuritySignature: False\n", "", nil, signing, "False", "machine policy"},
		{"the user tightens it again", "  RequireSecuritySignature: False\n", "  RequireSecuritySignature: True\n", nil, signing, "True", "store"},
		{"a flag tightens it again", "  RequireSecuritySignature: False\n", "", []string{"--require-signing"}, signing, "True", "command line --require-signing"},
		{"a flag says what holds anyhow", "  RequireSecuritySignature: False\n", "", []string{"--require-signing=False"}, signing, "False", "command line"},
		{"the user against the machine", "  RequireEncryption: True\n", "  RequireEncryption: False\n", nil, encryption, "", "machine policy"},
		{"the machine against nobody", "  RequireEncryption: True\n", "", nil, encryption, "True", "machine policy"},
		{"a flag against the user", "", "  RequireEncryption: True\n", []string{"--require-encryption=False"}, encryption, "", "store"},
		{"fewer dialects", "", "  Smb2DialectMin: SMB300\n", []string{"--dialect-min=SMB311"}, lowest, "SMB311", "command line"},
		{"older dialects", "  Smb2DialectMin: SMB300\n", "", []string{"--dialect-min=SMB202"}, lowest, "", "machine policy"},
		{"an older highest one", "", "", []string{"--dialect-max=SMB210"}, highest, "SMB210", "command line"},
		{"a newer highest one", "  Smb2DialectMax: SMB302\n", "", []string{"--dialect-max=SMB311"}, highest, "", "machine policy"},
		{"NTLM blocked", "", "", []string{"--block-ntlm"}, ntlm, "True", "command line"},
		{"NTLM allowed", "  BlockNTLM: True\n", "", []string{"--block-ntlm=0"}, ntlm, "", "machine policy"},
		{"one more exception", "  BlockNTLM: True\n  BlockNTLMServerExceptionList: [fs1]\n", "  BlockNTLMServerExceptionList: [fs1, fs2]\n", nil, exceptions, "", "machine policy"},
		{"exceptions of one's own block", "", "  BlockNTLM: True\n  BlockNTLMServerExceptionList: [fs1]\n", nil, exceptions, "fs1", "store"},
		{"fewer ciphers", "", "  EncryptionCiphers: AES_256_GCM\n", nil, ciphers, "AES_256_GCM", "store"},
		{"more ciphers", "  EncryptionCiphers: AES_256_GCM\n", "  EncryptionCiphers: AES_128_CCM\n", nil, ciphers, "", "machine policy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := policyApp(t, c.machine, c.own)
			s, err := a.clientPolicy(given(t, c.flags...))
			if c.value == "" {
				a.started = true
				if a.exitCode(err) != exitRefused || !strings.Contains(err.Error(), c.property+" is ") || !strings.Contains(err.Error(), "("+c.origin) {
					t.Fatalf("%v; want exit 3, %s and who holds it: %s", err, c.property, c.origin)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := settingsByName(s)[c.property]
			if got.Value != c.value || !strings.HasPrefix(got.Origin.String(), c.origin) {
				t.Errorf("%s is %s, from %s; want %s, from %s", c.property, got.Value, got.Origin, c.value, c.origin)
			}
		})
	}
}

func TestAPolicyThatOthersMayHaveChangedIsNotTrusted(t *testing.T) {
	const text = "version: 1\nclient:\n  RequireSecuritySignature: False\n"
	for _, c := range []struct {
		name string
		make func(path string) error
		why  string
	}{
		{"anybody may write to it", func(p string) error { return errors.Join(os.WriteFile(p, []byte(text), 0o600), os.Chmod(p, 0o666)) }, "mode 0666"},
		{"its group may write to it", func(p string) error { return errors.Join(os.WriteFile(p, []byte(text), 0o600), os.Chmod(p, 0o664)) }, "mode 0664"},
		{"a directory", func(p string) error { return os.Mkdir(p, 0o755) }, "no regular file"},
		{"a pipe, which nobody writes to", func(p string) error { return unix.Mkfifo(p, 0o600) }, "no regular file"},
		{"not what it should be", func(p string) error { return os.WriteFile(p, []byte("version: 1\nserver: {}\n"), 0o600) }, "server"},
		{"a property that there is not", func(p string) error { return os.WriteFile(p, []byte("version: 1\nclient:\n  Trust: True\n"), 0o600) }, "Trust"},
		{"what follows would be cut off", func(p string) error {
			return os.WriteFile(p, []byte(text+strings.Repeat("#", maxConfigBytes)), 0o600)
		}, "longer than"},
	} {
		for _, which := range []string{"machine", "own"} {
			t.Run(c.name+", "+which, func(t *testing.T) {
				a := policyApp(t, "", "")
				path := a.machinePolicy
				if which == "own" {
					path = filepath.Join(a.stateDir, ownPolicyFile)
				}
				if err := c.make(path); err != nil {
					t.Fatal(err)
				}
				a.started = true
				_, err := a.clientPolicy(given(t))
				if a.exitCode(err) != exitRefused || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.why) {
					t.Errorf("%v; want exit 3, %s and %q", err, path, c.why)
				}
			})
		}
	}
}

func TestAMachinePolicyOfAUserIsNotTrusted(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give a file to somebody else")
	}
	for _, c := range []struct {
		name    string
		owner   int
		trusted bool
	}{{"root's", 0, true}, {"a user's", nobody, false}} {
		t.Run(c.name, func(t *testing.T) {
			a := policyApp(t, "  RequireSecuritySignature: False\n", "")
			if err := os.Chown(a.machinePolicy, c.owner, c.owner); err != nil {
				t.Fatal(err)
			}
			a.machineOwner, a.started = 0, true
			_, err := a.clientPolicy(given(t))
			if want := map[bool]int{true: exitDone, false: exitRefused}[c.trusted]; a.exitCode(err) != want {
				t.Errorf("%v; want exit %d", err, want)
			}
		})
	}
}

func TestWhatIsHeldToTheFloorIsStoredAndNotPublished(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	a := policyApp(t, "  RequireEncryption: True\n  RequireSecuritySignature: False\n", "")
	machine, err := a.readMachinePolicy()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.policy.under(machine); err != nil {
		t.Fatal(err)
	}
	var published string
	c.publish = func(decided []*policy.Values) error {
		text, err := clientYAML(machine, decided)
		published = string(text)
		return err
	}
	for _, step := range []struct {
		name, value, held, inForce string
		published                  bool
	}{
		{"client.RequireSecuritySignature", "True", "", "True", false}, // the default needs no line
		{"client.Smb2DialectMin", "SMB300", "", "SMB300", true},
		{"client.BlockNTLM", "True", "", "True", true},
		{"client.EnableInsecureGuestLogons", "True", "the machine's floor: " + a.machinePolicy, "False", false},
	} {
		r := mustChange(t, c, setting(step.name, step.value, "test"))
		if e := r.Effects[0]; e.HeldBy != step.held || e.After != step.inForce {
			t.Errorf("%s=%s: held by %q, %s in force; want %q, %s", step.name, step.value, e.HeldBy, e.After, step.held, step.inForce)
		}
		_, name, _ := strings.Cut(step.name, ".")
		if strings.Contains(published, "  "+name+": ") != step.published {
			t.Errorf("after %s=%s, clients read:\n%s", step.name, step.value, published)
		}
	}
	e, err := c.Explain(t.Context(), "client.RequireEncryption")
	if err != nil || e.Layer != "Machine" || e.Source != a.machinePolicy || e.Value != "True" {
		t.Errorf("RequireEncryption is %+v, %v; want True of the machine", e.Property, err)
	}
	e, err = c.Explain(t.Context(), "client.EnableInsecureGuestLogons")
	if err != nil || e.Layer != "Floor" || e.Value != "False" || len(e.Layers) < 2 || e.Layers[1].Layer != "Store" || e.Layers[1].Value != "True" {
		t.Errorf("EnableInsecureGuestLogons is %+v in %+v, %v; want False of the floor over True of the store", e.Property, e.Layers, err)
	}
}

func TestAFailedPublicationIsSaidToWhoChangesSomething(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	c.publish = func([]*policy.Values) error { return errors.New("the disk is full") }
	r := mustChange(t, c, setting("client.RequireEncryption", "True", ""))
	if r.Unpublished != "the disk is full" || !r.Changed {
		t.Errorf("%+v, want a revision and why it is not published", r)
	}
	c.publish = func([]*policy.Values) error { return nil }
	if r = mustChange(t, c, setting("client.RequireEncryption", "False", "test")); r.Unpublished != "" {
		t.Errorf("%+v, want it published", r)
	}
}

func TestGroupPolicyIsPublishedToClients(t *testing.T) {
	v := policy.NewValues(policy.Origin{Layer: policy.LayerGroupPolicy, Name: "Default Domain Policy"})
	if err := v.Set("client.RequireEncryption", "True"); err != nil {
		t.Fatal(err)
	}
	text, err := clientYAML(machinePolicy{}, []*policy.Values{v})
	if err != nil || !strings.Contains(string(text), `RequireEncryption: "True"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestASessionIsNotUsedUnderATighterPolicy(t *testing.T) {
	a := policyApp(t, "", "")
	text := func(args ...string) string {
		t.Helper()
		s, err := a.clientPolicy(given(t, args...))
		if err != nil {
			t.Fatal(err)
		}
		return policyText(s)
	}
	if text() != text("--require-signing") {
		t.Error("what holds anyhow needs a session of its own")
	}
	if text() == text("--require-encryption") || text("--dialect-min=SMB311") == text("--dialect-min=SMB300") {
		t.Error("a tighter flag is given a session that was signed in without it")
	}
}
