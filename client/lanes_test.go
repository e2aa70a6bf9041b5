package client_test

import (
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/policy"
)

// wide signs in on the first of servers, with a session that spreads over lanes
// sessions; the n-th connection leads to the n-th server, or to the last. It
// also returns the connections.
func wide(t *testing.T, lanes int, values []string, servers ...*smbtest.Server) (*client.Share, *line, *[4]counted) {
	t.Helper()
	conns := new([4]counted)
	l := &line{make: func(n int) (nc net.Conn, err error) {
		if n >= len(conns) {
			return nil, refused
		}
		conns[n].Conn, err = net.Dial("tcp", servers[min(n, len(servers)-1)].Addr())
		return &conns[n], err
	}}
	d := dialer()
	d.Policy, d.Connect, d.Lanes = set(t, values...), l.connect, lanes
	session, err := d.Dial(bounded(t), "SIGNET")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return shareOf(t, session), l, conns
}

// makeSmall makes small files with eight callers, until enough says so, and
// returns their names.
func makeSmall(t *testing.T, share *client.Share, enough func(made int) bool) []string {
	t.Helper()
	ctx := bounded(t)
	var names []string
	for !enough(len(names)) {
		batch := make([]string, 8)
		var at sync.WaitGroup
		for i := range batch {
			batch[i] = fmt.Sprint("f", len(names)+i)
			at.Go(func() {
				if err := share.WriteNewFile(ctx, batch[i], []byte("text"), client.NewFile{}); err != nil {
					t.Error(err)
				}
			})
		}
		if at.Wait(); t.Failed() {
			t.FailNow()
		}
		names = append(names, batch...)
	}
	return names
}

func TestSmallOperationsOfManyCallersAreSpreadOverSessions(t *testing.T) {
	for name, values := range map[string][]string{"signed": nil, "sealed": {"client.RequireEncryption", "True"}} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Unlogged: true})
			share, l, conns := wide(t, 0, values, s)
			const signIn = 8 // more than that takes
			names := makeSmall(t, share, func(int) bool { return conns[1].writes.Load() > signIn })
			before := conns[1].writes.Load()
			i, ctx := 0, bounded(t)
			for info, err := range share.StatEach(ctx, slices.Values(names)) {
				if err != nil || info.Name() != names[i] || info.Size() != 4 {
					t.Fatalf("%s: %v", names[i], err)
				}
				i++
			}
			if n := conns[1].writes.Load(); i != len(names) || n == before {
				t.Errorf("%d of %d answers; %d messages by the other connection, and %d before", i, len(names), n, before)
			}
			if n, m := len(s.Sessions()), l.dialled(); n != 2 || m != 2 {
				t.Errorf("%d sessions, %d connections", n, m)
			}
			share.Session().Close()
			if err := share.WriteNewFile(ctx, "late", nil, client.NewFile{}); err == nil {
				t.Error("a file was made in a session that is closed")
			}
			if n := len(s.Sessions()); n != 0 {
				t.Errorf("%d sessions are left", n)
			}
		})
	}
}

func TestSmallOperationsStayInASessionOfOneLane(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Unlogged: true})
	share, l, _ := wide(t, 1, nil, s)
	makeSmall(t, share, func(made int) bool { return made >= 400 })
	if n := l.dialled(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Whoever answers the second call must be who answered the first, and prove as
// much: what is spread must not be worse protected than what is not.
func TestNothingIsSpreadToWhoProvesLess(t *testing.T) {
	quiet := smbtest.Options{Quiet: true, Unlogged: true}
	weaker := set(t, "server.Smb2DialectMax", "SMB302")
	strong := policy.Default()
	now := strong
	weakened := quiet
	var mu sync.Mutex
	weakened.Policies = func() *policy.Snapshot {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	for name, servers := range map[string][]*smbtest.Server{
		"another server":   {smbtest.StartServer(t, quiet), smbtest.StartServer(t, quiet)},
		"an older dialect": {smbtest.StartServer(t, weakened)},
	} {
		t.Run(name, func(t *testing.T) {
			share, l, conns := wide(t, 0, nil, servers...)
			mu.Lock()
			now = weaker
			mu.Unlock()
			names := makeSmall(t, share, func(made int) bool { return made >= 400 && l.dialled() == 2 })
			share.Session().Close() // waits until it is clear what became of the other one
			if n := conns[1].writes.Load(); n > 4 {
				t.Errorf("%d messages were sent to who proves less", n)
			}
			mu.Lock()
			now = strong
			mu.Unlock()
			check := connect(t, servers[0], dialer())
			i := 0
			for info, err := range check.StatEach(bounded(t), slices.Values(names)) {
				if err != nil || info.Size() != 4 {
					t.Fatalf("%s: %v", names[i], err)
				}
				i++
			}
		})
	}
}

// A connection that is lost beside the session's own is made again, or done
// without.
func TestSpreadOperationsOutliveTheOtherConnection(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Unlogged: true})
	share, _, conns := wide(t, 0, nil, s)
	const signIn = 8
	names := makeSmall(t, share, func(int) bool { return conns[1].writes.Load() > signIn })
	conns[1].Close()
	i := 0
	for info, err := range share.StatEach(bounded(t), slices.Values(names)) {
		if err != nil || info.Size() != 4 {
			t.Fatalf("%s: %v", names[i], err)
		}
		i++
	}
	if i != len(names) {
		t.Errorf("%d of %d answers", i, len(names))
	}
}

func TestClosedShareHasNoLanes(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Unlogged: true})
	share, _, conns := wide(t, 0, nil, s)
	const signIn = 8
	names := makeSmall(t, share, func(int) bool { return conns[1].writes.Load() > signIn })
	if err := share.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range share.StatEach(bounded(t), slices.Values(names)) {
		if err == nil {
			t.Fatal("an answer by a share that is closed")
		}
	}
}
