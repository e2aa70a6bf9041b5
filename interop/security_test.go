package interop

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

// The system users of every Debian as whom these tests act.
var twins = []string{"sys", "bin"}

// startTwins serves a folder in which everybody is who he is on the host, until
// the test ends; the accounts are twins.
func startTwins(t *testing.T) *server {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "the root user, who can act as others,")
	}
	bin, err := binary()
	must(t, err)
	dir := publicDir(t)
	s := &server{share: filepath.Join(dir, "share"), state: filepath.Join(dir, "state"), log: new(bytes.Buffer)}
	must(t, os.Mkdir(s.share, 0o777))
	must(t, os.Chmod(s.share, 0o777))
	// The first account of smbd here is nobody, so that RIDs are the same.
	for _, user := range append([]string{"nobody"}, twins...) {
		cmd := exec.Command(bin, "user", "add", user, "--state", s.state, "--password-file", "-")
		cmd.Stdin = strings.NewReader(password + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("user add: %v\n%s", err, out)
		}
	}
	s.run(t, bin, []string{"serve", "--listen", "127.0.0.1:0", "--admin", "off", "--state", s.state, shareName + "=" + s.share})
	return s
}

// smbcacls is Samba's program of that name at one server.
type smbcacls struct {
	name string // of the server, for messages
	host string // where it is on port 445, the only one that the program knows
}

// run shows or changes the descriptor of a file, as one of twins, and answers
// what it printed.
func (c smbcacls) run(t *testing.T, user, file string, args ...string) string {
	t.Helper()
	out, err := c.try(t, user, file, args...)
	if err != nil {
		t.Fatalf("smbcacls %s %q as %s at %s: %v\n%s", file, args, user, c.name, err, out)
	}
	return out
}

func (c smbcacls) try(t *testing.T, user, file string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args = append([]string{
		"//" + c.host + "/" + shareName, file, "--user=" + user + "%" + password,
		"--configfile=" + privateConfig(t), "--use-kerberos=off", "--numeric",
	}, args...)
	cmd := exec.CommandContext(ctx, "smbcacls", args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// sidOf asks the server who an account is.
func sidOf(t *testing.T, s *server, user string) string {
	t.Helper()
	cmd := exec.Command("rpcclient", "--port="+s.port, "--user="+user+"%"+password, "--configfile="+privateConfig(t),
		"--use-kerberos=off", "--command=lookupnames "+user, s.host)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	sid := regexp.MustCompile(`S-1-5-21(-\d+){4}`).FindString(string(out))
	if err != nil || sid == "" {
		t.Fatalf("rpcclient lookupnames: %v\n%s", err, out)
	}
	return sid
}

// TestSmbdAndSignetTakeTurnsOnDescriptors sets security descriptors through
// either server, reads and changes them through the other, and lets another
// user work with the files through both.
func TestSmbdAndSignetTakeTurnsOnDescriptors(t *testing.T) {
	for _, program := range []string{"smbcacls", "smbclient", "rpcclient", "net"} {
		need(t, program)
	}
	needSmbd(t)
	signet := startTwins(t)
	sids := make(map[string]string)
	for _, user := range twins {
		sids[user] = sidOf(t, signet, user)
	}
	sids["machine"], _, _ = strings.Cut(sids["bin"], "-"+sids["bin"][strings.LastIndexByte(sids["bin"], '-')+1:])
	smbd, _ := startSmbdPrepared(t, signet.share, func(config string) {
		run := func(stdin, name string, args ...string) {
			t.Helper()
			cmd := exec.Command(name, args...)
			cmd.Stdin = strings.NewReader(stdin)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s %q: %v\n%s", name, args, err, out)
			}
		}
		run("", "net", "--configfile="+config, "setlocalsid", sids["machine"])
		for _, user := range twins {
			run(password+"\n"+password+"\n", "smbpasswd", "-c", config, "-s", "-a", user)
		}
	}, "vfs objects = acl_xattr", "map archive = no", "store dos attributes = yes")
	bySignet := smbcacls{"signet", carry445(t, signet, "127.77.0.2")}
	bySmbd := smbcacls{"smbd", carry445(t, smbd, "127.77.0.3")}

	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "x"), []byte("x"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "y"), []byte("y"), 0o644))
	at := map[string]*server{"signet": signet, "smbd": smbd}
	client := func(user string) smbclient {
		c := signingWith("AES-128-GMAC")
		c.user = user + "%" + password
		return c
	}
	for _, row := range []struct{ writer, reader smbcacls }{{bySignet, bySmbd}, {bySmbd, bySignet}} {
		t.Run("written by "+row.writer.name, func(t *testing.T) {
			file, folder := row.writer.name, row.writer.name+"-folder"
			same := func(name string) string {
				t.Helper()
				wrote, read := row.writer.run(t, "sys", name), row.reader.run(t, "sys", name)
				if wrote != read {
					t.Errorf("%s: %s shows\n%s%s shows\n%s", name, row.writer.name, wrote, row.reader.name, read)
				}
				return read
			}
			do := func(c smbcacls, user string, commands ...string) {
				t.Helper()
				client(user).do(t, at[c.name], dir, commands...)
			}
			do(row.writer, "sys", "put x "+file, "mkdir "+folder)
			client("bin").refused(t, at[row.reader.name], dir, "put y "+file, "NT_STATUS_ACCESS_DENIED")

			// One other user may read, then write, then nothing.
			row.writer.run(t, "sys", file, "-S", "ACL:"+sids["sys"]+":0/0/0x1f01ff,ACL:"+sids["bin"]+":0/0/0x120089")
			if out := same(file); !strings.Contains(out, "ACL:"+sids["bin"]+":0/0x0/0x00120089") {
				t.Errorf("%s shows\n%s\nwant that bin may read", row.reader.name, out)
			}
			for _, server := range []smbcacls{row.writer, row.reader} {
				do(server, "bin", "get "+file+" got")
				client("bin").refused(t, at[server.name], dir, "put y "+file, "NT_STATUS_ACCESS_DENIED")
			}
			row.reader.run(t, "sys", file, "-S", "ACL:"+sids["sys"]+":0/0/0x1f01ff,ACL:"+sids["bin"]+":0/0/0x1301bf")
			same(file)
			for _, server := range []smbcacls{row.writer, row.reader} {
				do(server, "bin", "put y "+file)
			}
			row.reader.run(t, "sys", file, "-S", "ACL:"+sids["sys"]+":0/0/0x1f01ff")
			same(file)
			for _, server := range []smbcacls{row.writer, row.reader} {
				client("bin").refused(t, at[server.name], dir, "get "+file+" got", "NT_STATUS_ACCESS_DENIED")
			}

			// What a folder passes on, both servers give to what is made in it.
			row.writer.run(t, "sys", folder, "-S", strings.Join([]string{
				"ACL:" + sids["sys"] + ":0/OI|CI/0x1f01ff", "ACL:" + sids["bin"] + ":0/OI|CI/0x1200a9",
			}, ","))
			same(folder)
			do(row.writer, "sys", "put x "+folder+`\first`, "mkdir "+folder+`\sub`)
			do(row.reader, "sys", "put x "+folder+`\second`)
			first, second := same(folder+`\first`), same(folder+`\second`)
			if first != second || !strings.Contains(first, "ACL:"+sids["bin"]+":0/0x0/0x001200a9") {
				t.Errorf("made by %s:\n%smade by %s:\n%swant the same, and that bin may read", row.writer.name, first, row.reader.name, second)
			}
			if out := same(folder + `\sub`); !strings.Contains(out, "ACL:"+sids["bin"]+":0/0x3/0x001200a9") {
				t.Errorf("a folder in it:\n%swant that bin may read, and what comes in it", out)
			}
			do(row.reader, "bin", "get "+folder+`\first got`)
			client("bin").refused(t, at[row.reader.name], dir, "del "+folder+`\first`, "NT_STATUS_ACCESS_DENIED")
			client("bin").refused(t, at[row.writer.name], dir, "put y "+folder+`\third`, "NT_STATUS_ACCESS_DENIED")

			// On the host the same holds.
			info, err := os.Stat(filepath.Join(signet.share, folder, "first"))
			if err != nil || info.Mode().Perm()&0o007 != 0 {
				t.Errorf("on the host: %v, %v; want nothing for others", info.Mode(), err)
			}
			// A change there takes the descriptor's force, at both.
			must(t, os.Chmod(filepath.Join(signet.share, folder, "first"), 0o644))
			if out := same(folder + `\first`); strings.Contains(out, "0x001200a9") && !strings.Contains(out, "ACL:S-1-1-0:") {
				t.Errorf("after chmod:\n%swant what the mode says", out)
			}
		})
	}
}

// TestOurClientReadsAndSetsDescriptors has the client of this repository at its
// server, in the words of SDDL.
func TestOurClientReadsAndSetsDescriptors(t *testing.T) {
	s := startServer(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	share := ourShare(t, s, account)
	must(t, share.WriteFile(ctx, "file", []byte("x")))
	const parts = dtyp.OwnerSecurityInformation | dtyp.DACLSecurityInformation
	sd, err := share.Security(ctx, "file", parts)
	must(t, err)
	if sd.Owner.IsZero() || sd.DACL == nil || len(sd.DACL.ACEs) != 3 {
		t.Errorf("of a new file: %+v, want an owner and three entries", sd)
	}
	const list = "D:P(A;;FR;;;WD)"
	want, err := dtyp.ParseSDDL(list)
	must(t, err)
	must(t, share.SetSecurity(ctx, "file", dtyp.DACLSecurityInformation, want))
	sd, err = share.Security(ctx, "file", dtyp.DACLSecurityInformation)
	must(t, err)
	if text, err := sd.SDDL(); err != nil || text != list {
		t.Errorf("read again: %s, %v; want %s", text, err, list)
	}
	if _, err := share.ReadFile(ctx, "file"); err != nil {
		t.Errorf("reading: %v", err)
	}
	if err := share.WriteFile(ctx, "file", []byte("y")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("writing: %v, want a refusal", err)
	}
	must(t, share.SetSecurity(ctx, "file", dtyp.DACLSecurityInformation, dtyp.SecurityDescriptor{DACL: &dtyp.ACL{}}))
	if _, err := share.ReadFile(ctx, "file"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("reading with an empty list: %v, want a refusal", err)
	}
}
