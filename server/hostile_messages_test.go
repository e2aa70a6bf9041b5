package server_test

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// lockedBuffer is a buffer that many may write. The zero value is empty.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lying is the encoding of m with the field of size bytes at off, from the
// start of the header, replaced, and a signature that is right nevertheless.
func lying(p *smbtest.Peer, m smb2.Message, off, size int, v uint64) []byte {
	msg := p.Encode(smbtest.Element{Message: m, Unsigned: true})
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	copy(msg[off:off+size], b[:])
	if p.Signer != nil {
		p.Signer.Sign(msg, transform.Client)
	}
	return msg
}

// body is the offset of a field in a message whose body has it at off.
func body(off int) int { return smb2.HeaderSize + off }

// echoes is a compound of n ECHOs.
func echoes(p *smbtest.Peer, n int) []byte {
	return p.Encode(slices.Repeat([]smbtest.Element{element(&smb2.EchoRequest{})}, n)...)
}

// deepPath is as deep as a name of 64 KiB can lead.
func deepPath() string { return strings.Repeat(`a\`, 16000) + "a" }

func TestMessagesThatLieAreRefusedOnceLoggedAndForgotten(t *testing.T) {
	const closed = ntstatus.Status(0xFFFFFFFF) // the connection is to be closed
	var file smb2.FileID
	for name, c := range map[string]struct {
		stranger bool // before the log-on
		msg      func(p *smbtest.Peer) []byte
		want     ntstatus.Status
	}{
		"NEGOTIATE with 65,535 dialects": {true, func(p *smbtest.Peer) []byte {
			return lying(p, p.NegotiateRequest(), body(2), 2, 0xFFFF)
		}, ntstatus.InvalidParameter},
		"NEGOTIATE with contexts behind the end": {true, func(p *smbtest.Peer) []byte {
			return lying(p, p.NegotiateRequest(), body(28), 4, 0xFFFFFFF8)
		}, ntstatus.InvalidParameter},
		"NEGOTIATE with 65,535 contexts": {true, func(p *smbtest.Peer) []byte {
			return lying(p, p.NegotiateRequest(), body(32), 2, 0xFFFF)
		}, ntstatus.InvalidParameter},
		"SESSION_SETUP before NEGOTIATE": {true, func(p *smbtest.Peer) []byte {
			return p.Encode(element(&smb2.SessionSetupRequest{SecurityBuffer: []byte("x")}))
		}, closed},
		"an empty message": {true, func(*smbtest.Peer) []byte { return nil }, closed},
		"half a header":    {true, func(p *smbtest.Peer) []byte { return echoes(p, 1)[:40] }, closed},
		"SMB1":             {true, func(*smbtest.Peer) []byte { return append([]byte("\xFFSMB"), make([]byte, 60)...) }, closed},

		"SESSION_SETUP whose token is behind the end": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.SessionSetupRequest{SecurityBuffer: []byte("x")}, body(14), 2, 0xFFFF)
		}, ntstatus.InvalidParameter},
		"TREE_CONNECT with a path of 65,535 bytes": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.TreeConnectRequest{Path: `\\a\b`}, body(6), 2, 0xFFFF)
		}, ntstatus.InvalidParameter},
		"CREATE with a name of 65,534 bytes": {false, func(p *smbtest.Peer) []byte {
			return lying(p, smbtest.CreateFile("f"), body(46), 2, 0xFFFE)
		}, ntstatus.InvalidParameter},
		"CREATE with contexts of 1 GiB": {false, func(p *smbtest.Peer) []byte {
			return lying(p, smbtest.CreateFile("f"), body(52), 4, 1<<30)
		}, ntstatus.InvalidParameter},
		"CREATE of 16,001 components": {false, func(p *smbtest.Peer) []byte {
			return p.Encode(element(smbtest.CreateFile(deepPath())))
		}, ntstatus.ObjectPathNotFound},
		"rename to a name of 1 GiB": {false, func(p *smbtest.Peer) []byte {
			m := setInfo(file, fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "g"})
			return lying(p, m, body(32+16), 4, 1<<30)
		}, ntstatus.InvalidParameter},
		"WRITE of 4 GiB in 100 bytes": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.WriteRequest{FileID: file, Data: make([]byte, 100)}, body(4), 4, 0xFFFFFFFF)
		}, ntstatus.InvalidParameter},
		"READ of 4 GiB": {false, func(p *smbtest.Peer) []byte {
			return p.Encode(element(&smb2.ReadRequest{FileID: file, Length: 0xFFFFFFFF}))
		}, ntstatus.InvalidParameter},
		"QUERY_INFO of 4 GiB": {false, func(p *smbtest.Peer) []byte {
			return p.Encode(element(&smb2.QueryInfoRequest{
				InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileBasicInformation), FileID: file, OutputBufferLength: 0xFFFFFFFF,
			}))
		}, ntstatus.InvalidParameter},
		"IOCTL with an answer of 4 GiB": {false, func(p *smbtest.Peer) []byte {
			return p.Encode(element(&smb2.IoctlRequest{CtlCode: fscc.FSCTLSrvRequestResumeKey, FileID: file, MaxOutputResponse: 0xFFFFFFFF, Flags: smb2.IoctlIsFSCTL}))
		}, ntstatus.InvalidParameter},
		"LOCK of 65,535 ranges in one": {false, func(p *smbtest.Peer) []byte {
			return lying(p, lockOf(file, rangeOf(smb2.LockShared|smb2.LockFailImmediately, 0, 1)), body(2), 2, 0xFFFF)
		}, ntstatus.InvalidParameter},
		"a credit charge of 65,535": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.EchoRequest{}, 6, 2, 0xFFFF)
		}, closed},
		"a message id that was never granted": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.EchoRequest{}, 24, 8, 1<<63)
		}, closed},
		"a command that is none": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.EchoRequest{}, 12, 2, 0x7777)
		}, closed},
		"a compound of 129 elements":    {false, func(p *smbtest.Peer) []byte { return echoes(p, smb2.MaxChainElements+1) }, closed},
		"a compound of 10,000 elements": {false, func(p *smbtest.Peer) []byte { return echoes(p, 10000) }, closed},
		"NextCommand that stays in its header": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.EchoRequest{}, 20, 4, 8)
		}, closed},
		"NextCommand behind the end": {false, func(p *smbtest.Peer) []byte {
			return lying(p, &smb2.EchoRequest{}, 20, 4, 0xFFFFFFF8)
		}, closed},
		"NextCommand to the end": {false, func(p *smbtest.Peer) []byte {
			msg := echoes(p, 1)
			binary.LittleEndian.PutUint32(msg[20:], uint32(len(msg)))
			return msg
		}, closed},
		"a transform header without a session": {false, func(*smbtest.Peer) []byte {
			return append([]byte("\xFDSMB"), make([]byte, 200)...)
		}, closed},
	} {
		t.Run(name, func(t *testing.T) {
			log := new(lockedBuffer)
			s := smbtest.StartServer(t, smbtest.Options{Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
			other := s.Login()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			started := time.Now()
			const times = 5
			for range times {
				var p *smbtest.Peer
				if c.stranger {
					p = s.Dial()
				} else {
					p = s.Login()
					p.MustDo(&smb2.EchoRequest{}, nil)
					file = p.Open("f")
				}
				p.SendRaw(c.msg(p))
				replies, ok := p.Receive()
				got := closed
				if ok {
					got = replies[0].Header.Status
				}
				if got != c.want {
					t.Fatalf("answered %v, want %v", got, c.want)
				}
				p.Close()
			}
			took := time.Since(started)
			other.MustDo(&smb2.EchoRequest{}, nil)
			other.Close()
			waitFor(t, "all bytes to be given back", func() bool { return s.BytesHeld() == 0 })
			if err := s.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 64<<20 {
				t.Errorf("%d bytes were allocated for %d messages", grown, times)
			}
			if took > 30*time.Second {
				t.Errorf("%d messages took %v", times, took)
			}
			// The first, and one that says how many more; a request that is
			// refused by a rule of its own, not for its form, has no line.
			text := log.String()
			lines := strings.Count(text, "\n")
			if lines > 2 || lines == 2 && !strings.Contains(text, "times=4") || c.want == closed && lines != 2 {
				t.Errorf("logged %d lines:\n%s", lines, text)
			}
		})
	}
}
