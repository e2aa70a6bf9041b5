package server_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs/faultfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

// blocks is how many blocks a writer's file has, each of blockSize bytes that
// hold the block's version over and over.
const (
	blocks    = 16
	blockSize = 512
)

func block(version uint32) []byte {
	b := make([]byte, 0, blockSize)
	for len(b) < blockSize {
		b = binary.LittleEndian.AppendUint32(b, version)
	}
	return b
}

// blockWriter writes and flushes one file until its server has no power, and
// remembers what it was promised.
type blockWriter struct {
	name     string
	peer     *smbtest.Peer
	rnd      *rand.Rand
	version  uint32
	written  [blocks]uint32 // version of the last write that was answered
	promised [blocks]uint32 // version that must survive
}

// run returns at the first answer that is no success.
func (w *blockWriter) run() {
	var res smb2.CreateResponse
	if r := w.peer.Do(smbtest.CreateFile(w.name)); r.Header.Status != ntstatus.Success || smb2.Decode(r.Raw, &res) != nil {
		return
	}
	for {
		if w.rnd.IntN(4) == 0 {
			if w.peer.Do(&smb2.FlushRequest{FileID: res.FileID}).Header.Status != ntstatus.Success {
				return
			}
			w.promised = w.written
			continue
		}
		w.version++
		n := w.rnd.IntN(blocks)
		req := &smb2.WriteRequest{FileID: res.FileID, Offset: uint64(n) * blockSize, Data: block(w.version)}
		if w.rnd.IntN(8) == 0 {
			req.Flags = smb2.WriteThrough
		}
		if w.peer.Do(req).Header.Status != ntstatus.Success {
			return
		}
		w.written[n] = w.version
		if req.Flags&smb2.WriteThrough != 0 {
			w.promised[n] = w.version
		}
	}
}

// verify looks at what is on the disk: each block whole, and as young as
// promised.
func (w *blockWriter) verify(t *testing.T, data []byte) {
	t.Helper()
	for n, promised := range w.promised {
		if promised == 0 {
			continue
		}
		if len(data) < (n+1)*blockSize {
			t.Errorf("%s is %d bytes long; block %d, version %d, was promised", w.name, len(data), n, promised)
			return
		}
		got := data[n*blockSize : (n+1)*blockSize]
		version := binary.LittleEndian.Uint32(got)
		if version < promised || string(got) != string(block(version)) {
			t.Errorf("%s, block %d: version %d is on the disk, %d was promised", w.name, n, version, promised)
		}
	}
}

// The disk keeps nothing but what was synced, so whatever is answered before
// its sync is lost here.
func TestWhatFlushAndWriteThroughAnsweredSurvivesEveryPowerCut(t *testing.T) {
	cuts := 500
	if testing.Short() {
		cuts = 50
	}
	promised := 0
	for i := range cuts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(i), 1))
			disk := faultfs.New(memfs.New())
			s := smbtest.StartServer(t, smbtest.Options{FS: disk, Pipe: true, Quiet: true})
			writers := make([]*blockWriter, 3)
			var wg sync.WaitGroup
			var calls atomic.Int32
			last := int32(rnd.IntN(200))
			disk.SetFault(func(context.Context, faultfs.Op) error {
				if calls.Add(1) > last {
					disk.Cut()
				}
				return nil
			})
			for k := range writers {
				w := &blockWriter{name: fmt.Sprintf("file%d", k), peer: s.Login(), rnd: rand.New(rand.NewPCG(uint64(i), uint64(k)+2))}
				writers[k] = w
				wg.Go(w.run)
			}
			wg.Wait()
			survivors := disk.Survivors()
			for _, w := range writers {
				w.verify(t, survivors[w.name])
				for _, v := range w.promised {
					promised += min(1, int(v))
				}
			}
		})
	}
	if promised < cuts {
		t.Errorf("in %d runs only %d blocks were promised: the test sees nothing", cuts, promised)
	}
	t.Logf("%d power cuts, %d promised blocks", cuts, promised)
}
