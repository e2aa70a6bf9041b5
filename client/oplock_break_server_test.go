package client_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/internal/smbtest"
)

// Two of our clients and our server: the one that keeps a file open by a lease
// gives way when the other wants to rename, and to write, it; nobody waits until
// a break is over its time.
func TestTwoClientsGiveWayToEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true})
		one, other := connect(t, s, dialer()), connect(t, s, dialer())
		ctx := t.Context()
		begun := time.Now()
		f, err := one.Create(ctx, "f")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte("by one"), 0); err != nil {
			t.Fatal(err)
		}
		if err := other.Rename(ctx, "f", "g", false); err != nil {
			t.Fatalf("rename of what the other client has open: %v", err)
		}
		g, err := other.Open(ctx, "g")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte("by one again"), 0); err != nil {
			t.Fatal(err)
		}
		p := make([]byte, len("by one again"))
		if _, err := g.ReadAt(p, 0); err != nil || string(p) != "by one again" {
			t.Errorf("the other client reads %q, %v", p, err)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took >= time.Second {
			t.Errorf("all of it took %v: a break was waited for in vain", took)
		}
	})
}
