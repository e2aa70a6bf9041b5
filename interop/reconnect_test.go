package interop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// cutting is a connection that breaks after so many bytes.
type cutting struct {
	net.Conn
	left atomic.Int64
}

func (c *cutting) spend(n int) {
	if c.left.Add(-int64(n)) <= 0 {
		_ = c.Close()
	}
}

func (c *cutting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.spend(n)
	return n, err
}

func (c *cutting) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.spend(n)
	return n, err
}

// cutAfter is a dialer whose connections break after as many bytes as limits
// say, one after the other; those behind them do not. It counts them.
func cutAfter(t *testing.T, s *server, values []string, limits ...int64) (*client.Dialer, *atomic.Int64) {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "test"})
	for i := 0; i < len(values); i += 2 {
		must(t, v.Set(values[i], values[i+1]))
	}
	snapshot, err := policy.Stack(v)
	must(t, err)
	made := new(atomic.Int64)
	return &client.Dialer{
		Credentials: client.Credentials{User: "nobody", Password: password},
		Policy:      snapshot,
		Reconnect:   client.Reconnect{Delay: time.Millisecond},
		Connect: func(ctx context.Context, network, _ string) (net.Conn, error) {
			nc, err := new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(s.host, s.port))
			if err != nil {
				return nil, err
			}
			c := &cutting{Conn: nc}
			c.left.Store(1 << 60)
			if n := int(made.Add(1)); n <= len(limits) {
				c.left.Store(limits[n-1])
			}
			return c, nil
		},
	}, made
}

// keepsFiles are the settings by which smbd keeps files open for a client that
// has gone: smb.conf(5), "durable handles". A WRITE that smbd has begun when the
// connection is lost, and ends after it has noted how the file was, makes it
// refuse the file: thus each is to be done at once (durable.c of Samba 4.17
// compares the size).
var keepsFiles = []string{
	"durable handles = yes", "kernel oplocks = no", "kernel share modes = no", "posix locking = no", "aio read size = 0", "aio write size = 0",
}

func TestOurClientKeepsFilesOpenOnSmbd(t *testing.T) {
	needSmbd(t)
	for name, c := range map[string]struct{ smbd, client []string }{
		"leases":       {nil, nil},
		"oplocks":      {[]string{"smb2 leases = no"}, nil},
		"sealed":       {nil, []string{"client.RequireEncryption", "True"}},
		"3.0":          {nil, []string{"client.Smb2DialectMax", "SMB300"}},
		"2.1":          {nil, []string{"client.Smb2DialectMax", "SMB210"}},
		"2.1, oplocks": {[]string{"smb2 leases = no"}, []string{"client.Smb2DialectMax", "SMB210"}},
		"2.0.2":        {nil, []string{"client.Smb2DialectMax", "SMB202"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := nobodysFolder(t)
			s, _ := startSmbd(t, folder, append(keepsFiles, c.smbd...)...)
			d, made := cutAfter(t, s, c.client, 5<<20+77, 9<<20, 6<<20, 10<<20)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			session, err := d.Dial(ctx, s.host)
			must(t, err)
			defer session.Close()
			share, err := session.Share(ctx, shareName)
			must(t, err)
			f, err := share.OpenFile(ctx, "f", client.OpenOptions{
				Access: dtyp.GenericRead | dtyp.GenericWrite, Disposition: client.CreateNew,
			})
			must(t, err)
			must(t, f.Lock(ctx, 1<<40, 1, client.ExclusiveLock))

			data := make([]byte, 16<<20+123)
			rand.NewChaCha8([32]byte{1}).Read(data)
			n, err := f.ReadFrom(bytes.NewReader(data[:7<<20]))
			must(t, err)
			_, err = f.WriteAt(data[n:], n)
			must(t, err)
			if made.Load() < 3 {
				t.Errorf("written over %d connections", made.Load())
			}
			_, err = f.Seek(0, io.SeekStart)
			must(t, err)
			got, err := io.ReadAll(f)
			must(t, err)
			stored, err := os.ReadFile(filepath.Join(folder, "f"))
			must(t, err)
			if !bytes.Equal(got, data) || !bytes.Equal(stored, data) {
				t.Errorf("%d bytes written, %d read, %d stored; equal: %t, %t", len(data), len(got), len(stored), bytes.Equal(got, data), bytes.Equal(stored, data))
			}
			if made.Load() < 5 {
				t.Errorf("written and read over %d connections", made.Load())
			}
			must(t, f.Unlock(ctx, 1<<40, 1)) // it has lasted, too
			must(t, f.Close())
		})
	}
}

func TestOurClientGivesBackWhatAnotherWaitsFor(t *testing.T) {
	needSmbd(t)
	for name, line := range map[string]string{"leases": "smb2 leases = yes", "oplocks": "smb2 leases = no"} {
		t.Run(name, func(t *testing.T) {
			s, _ := startSmbd(t, nobodysFolder(t), append(keepsFiles, line)...)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			d, _ := cutAfter(t, s, nil)
			var shares [2]*client.Share
			for i := range shares {
				session, err := d.Dial(ctx, s.host)
				must(t, err)
				defer session.Close()
				shares[i], err = session.Share(ctx, shareName)
				must(t, err)
			}
			must(t, shares[0].WriteFile(ctx, "f", []byte("text")))
			f, err := shares[0].Open(ctx, "f")
			must(t, err)
			// smbd waits 35 s for an answer, and the second opener no longer than its own patience.
			brief, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			_, err = shares[1].OpenFile(brief, "f", client.OpenOptions{Access: dtyp.GenericWrite, Exclusive: true})
			if !errors.Is(err, ntstatus.SharingViolation) {
				t.Errorf("while it is open: %v", err)
			}
			must(t, f.Close())
			g, err := shares[1].OpenFile(brief, "f", client.OpenOptions{Access: dtyp.GenericWrite, Exclusive: true})
			must(t, err)
			must(t, g.Close())
		})
	}
}

func TestOurClientSignsInOnceMoreOnSmbd(t *testing.T) {
	needSmbd(t)
	s, _ := startSmbd(t, nobodysFolder(t))
	for _, w := range ourWays() {
		if w.smbd != "" {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			share := ourShare(t, s, "nobody", w.client...)
			f, err := share.Create(t.Context(), "f")
			must(t, err)
			for range 2 {
				must(t, share.Session().Reauthenticate(t.Context()))
				_, err = f.Write([]byte("still open"))
				must(t, err)
			}
			must(t, f.Close())
		})
	}
}

func TestOurClientUsesSeveralConnectionsToSmbd(t *testing.T) {
	needSmbd(t)
	for name, values := range map[string][]string{"signed": nil, "sealed": {"client.RequireEncryption", "True"}} {
		t.Run(name, func(t *testing.T) {
			folder := nobodysFolder(t)
			s, _ := startSmbd(t, folder, append(keepsFiles, "server multi channel support = yes",
				`interfaces = "127.0.0.1;if_index=1,capability=RSS,speed=1000000000"`)...)
			// The second connection breaks, and the first, and then the others.
			d, made := cutAfter(t, s, append([]string{"client.EnableMultiChannel", "True"}, values...), 8<<20, 4<<20)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			session, err := d.Dial(ctx, s.host)
			must(t, err)
			defer session.Close()
			if i := session.Info(); i.Channels != 4 || made.Load() != 4 {
				t.Fatalf("%+v, %d connections", i, made.Load())
			}
			id := session.Info().ID
			share, err := session.Share(ctx, shareName)
			must(t, err)
			f, err := share.Create(ctx, "f")
			must(t, err)
			data := make([]byte, 48<<20)
			rand.NewChaCha8([32]byte{2}).Read(data)
			for at := 0; at < len(data); at += 1 << 20 {
				_, err := f.WriteAt(data[at:at+1<<20], int64(at))
				must(t, err)
			}
			got := make([]byte, len(data))
			for at := 0; at < len(got); at += 1 << 20 {
				_, err := f.ReadAt(got[at:at+1<<20], int64(at))
				must(t, err)
			}
			// Others come in the place of the two that broke.
			for start := time.Now(); session.Info().Channels != 4 && time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
			}
			if i := session.Info(); !bytes.Equal(got, data) || i.Channels != 4 || i.ID != id || made.Load() < 6 {
				t.Errorf("equal: %t; %+v, %d connections", bytes.Equal(got, data), i, made.Load())
			}
			must(t, f.Close())
			stored, err := os.ReadFile(filepath.Join(folder, "f"))
			must(t, err)
			if !bytes.Equal(stored, data) {
				t.Errorf("%d bytes stored, not as they were written", len(stored))
			}
		})
	}
}
