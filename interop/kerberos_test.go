package interop

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/signet-smb/signet/auth/krb5"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/policy"
)

// ourKerberos is our client of k's user, with its password.
func (k *kdc) ourKerberos(t *testing.T, o krb5.Options) *krb5.Client {
	t.Helper()
	config, err := krb5.ReadConfig(k.config)
	must(t, err)
	o.Config = config
	c, err := krb5.NewClient(o)
	must(t, err)
	return c
}

// kerberosShare connects to the share of s with c's tickets, NTLM blocked.
func kerberosShare(t *testing.T, s *server, c *krb5.Client, values ...string) *client.Share {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "test"})
	must(t, v.Set("client.BlockNTLM", "True"))
	for i := 0; i < len(values); i += 2 {
		must(t, v.Set(values[i], values[i+1]))
	}
	snapshot, err := policy.Stack(v)
	must(t, err)
	d := client.Dialer{Kerberos: c, Policy: snapshot}
	session, err := d.Dial(t.Context(), net.JoinHostPort(kerberized, s.port))
	must(t, err)
	t.Cleanup(func() { session.Close() })
	share, err := session.Share(t.Context(), shareName)
	must(t, err)
	return share
}

// TestKerberosOnSmbd signs in at every dialect, with every signing algorithm
// and cipher, and works with files.
func TestKerberosOnSmbd(t *testing.T) {
	k := startKDC(t)
	c := k.ourKerberos(t, krb5.Options{User: "nobody", Password: password})
	for _, algorithm := range []string{"", "aes-128-gmac", "aes-128-cmac", "hmac-sha256"} {
		t.Run("signing "+algorithm, func(t *testing.T) {
			var lines []string
			if algorithm != "" {
				lines = append(lines, "server smb3 signing algorithms = "+algorithm)
			}
			s := k.smbd(t, nobodysFolder(t), lines...)
			for _, w := range ourWays() {
				if w.smbd == algorithm {
					t.Run(w.name, func(t *testing.T) {
						ctx, cancel := context.WithTimeout(t.Context(), patience)
						defer cancel()
						share := kerberosShare(t, s, c, w.client...)
						i := share.Session().Info()
						if !w.want(i) || i.Mechanism != "Kerberos" || i.User != "nobody@"+realm || i.NTLMReason != nil {
							t.Fatalf("session: %+v", i)
						}
						name := strings.ReplaceAll(w.name, " ", "-")
						f, err := share.Create(ctx, name)
						must(t, err)
						_, err = f.WriteAt([]byte("by ticket"), 0)
						must(t, err)
						must(t, f.Close())
						data, err := share.ReadFile(ctx, name)
						if err != nil || string(data) != "by ticket" {
							t.Errorf("read %q, %v", data, err)
						}
					})
				}
			}
		})
	}
}

// TestKerberosByWhateverGetsTickets signs in with a password, a cache that
// kinit has made, and a keytab, at every encryption type.
func TestKerberosByWhateverGetsTickets(t *testing.T) {
	k := startKDC(t)
	s := k.smbd(t, nobodysFolder(t))
	k.kinit(t)
	keytab := k.keytab(t, "nobody")
	for name, o := range map[string]krb5.Options{
		"password": {User: "nobody", Password: password},
		"realm":    {User: "nobody@" + strings.ToLower(realm), Password: password},
		"domain":   {User: `signet\nobody`, Password: password},
		"cache":    {Cache: filepath.Join(k.dir, "cache")},
		"keytab":   {Keytab: keytab},
	} {
		t.Run(name, func(t *testing.T) {
			i := kerberosShare(t, s, k.ourKerberos(t, o)).Session().Info()
			if i.Mechanism != "Kerberos" || i.User != "nobody@"+realm || !i.Signed {
				t.Errorf("session: %+v", i)
			}
		})
	}
}
