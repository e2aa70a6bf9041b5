package fsa_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
)

// cacher is what one client does with one file: it keeps what its lease lets it
// keep, and nothing else.
type cacher struct {
	key     fsa.LeaseKey
	keeps   fsa.Caching
	handles []*fsa.Handle
	cached  bool // value is what the file holds
	dirty   bool // and the server does not know it yet
	value   byte
}

// TestNobodyReadsStaleData has clients open, read, write and close files at
// random, out of caches where their leases let them, and compares each read with
// what was written last, by whoever.
func TestNobodyReadsStaleData(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { runClients(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

func runClients(t *testing.T, random *rand.Rand) {
	const files, clients, steps = 2, 4, 1500
	f := newFixture(t)
	var truth [files]byte
	var world [files][clients]*cacher
	all := make(map[fsa.LeaseKey]*cacher)
	for i := range world {
		f.make(fileName(i))
		for j := range world[i] {
			c := &cacher{key: fsa.LeaseKey{Client: dtyp.GUID{byte(j)}, Key: [16]byte{byte(i)}}}
			world[i][j], all[c.key] = c, c
		}
	}
	ctx := t.Context()
	flush := func(c *cacher) {
		if !c.dirty {
			return
		}
		c.dirty = false
		if _, err := c.handles[0].WriteAt(ctx, []byte{c.value}, 0, false); err != nil {
			t.Fatalf("writing back: %v", err)
		}
	}
	answer := func() {
		for b, ok := f.store.NextBreak(); ok; b, ok = f.store.NextBreak() {
			c := all[b.Key]
			if c.keeps&fsa.WriteCaching != 0 && b.To&fsa.WriteCaching == 0 {
				flush(c)
			}
			if c.keeps = b.To; c.keeps&fsa.ReadCaching == 0 {
				c.cached = false
			}
			if !b.Final {
				g, err := f.store.AcknowledgeLease(b.Key, b.To)
				if err != nil {
					t.Fatalf("acknowledgment of %v: %v", b, err)
				}
				g.Told(nil)
			}
		}
	}
	states := []fsa.Caching{fsa.ReadCaching, 3, 5, 7}
	open := func(file int, c *cacher) {
		r := request(fileName(file), access(bothAccess))
		r.Oplock = &fsa.OplockRequest{
			Lease: true, V2: true, Key: c.key, Timeout: breakTimeout, Want: states[random.IntN(len(states))],
		}
		if random.IntN(5) == 0 {
			r.Disposition = fscc.DispositionOverwrite
		}
		for {
			h, _, err := f.volume.Open(ctx, r)
			if _, waits := errors.AsType[*fsa.BreakWait](err); waits {
				answer()
				continue
			}
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			c.handles = append(c.handles, h)
			c.keeps = r.Oplock.Granted.Caching
			r.Oplock.Granted.Told(c)
			if r.Disposition == fscc.DispositionOverwrite {
				truth[file], c.cached, c.dirty = 0, false, false
			}
			return
		}
	}
	for step := range steps {
		file := random.IntN(files)
		c := world[file][random.IntN(clients)]
		switch {
		case len(c.handles) == 0 || len(c.handles) < 3 && random.IntN(4) == 0:
			open(file, c)
		case random.IntN(4) == 0:
			last := len(c.handles) - 1
			if last == 0 {
				flush(c)
				c.keeps, c.cached = 0, false
			}
			if err := c.handles[last].Close(ctx); err != nil {
				t.Fatal(err)
			}
			c.handles = c.handles[:last]
		case random.IntN(2) == 0:
			truth[file]++
			if c.keeps&fsa.WriteCaching != 0 {
				c.value, c.cached, c.dirty = truth[file], true, true
			} else if _, err := c.handles[0].WriteAt(ctx, []byte{truth[file]}, 0, false); err != nil {
				t.Fatal(err)
			} else {
				c.value, c.cached = truth[file], c.keeps&fsa.ReadCaching != 0
			}
		default:
			got := c.value
			if !c.cached {
				var p [1]byte
				if _, err := c.handles[0].ReadAt(ctx, p[:], 0); err != nil && !errors.Is(err, ntstatus.EndOfFile) {
					t.Fatal(err)
				}
				got = p[0]
				c.value, c.cached = got, c.keeps&fsa.ReadCaching != 0
			}
			if got != truth[file] {
				t.Fatalf("step %d: %v reads %d from %s (cached %t, keeps %s), want %d", step, c.key, got, fileName(file), c.cached, spellCaching(c.keeps), truth[file])
			}
		}
		answer()
	}
	for _, c := range all {
		for _, h := range c.handles {
			h.Close(ctx)
		}
	}
	answer()
}

func fileName(i int) string { return fmt.Sprintf("file%d", i) }

// bothAccess reads and writes.
const bothAccess = dtyp.FileReadData | dtyp.FileWriteData | dtyp.FileReadAttributes
