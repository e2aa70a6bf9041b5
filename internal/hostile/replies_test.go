package hostile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// wiretap is what a proxy has seen of sessions: how many messages, and which
// kinds of them nothing protected. Safe for concurrent use.
type wiretap struct {
	mu       sync.Mutex
	messages int
	bare     map[string]int
}

// look notes what protects each element of msg, a request or a reply.
func (w *wiretap) look(direction string) func(msg []byte) [][]byte {
	return func(msg []byte) [][]byte {
		w.mu.Lock()
		defer w.mu.Unlock()
		if smb2.Protocol(msg) == smb2.ProtocolTransform {
			w.messages++
			return [][]byte{msg}
		}
		for e, err := range smb2.Chain(msg) {
			if err != nil {
				w.bare[direction+": "+err.Error()]++
				break
			}
			w.messages++
			if e.Header.Is(smb2.FlagSigned) && e.Header.Signature != [16]byte{} {
				continue
			}
			kind := fmt.Sprintf("%v %s", e.Header.Command, direction)
			if direction == "reply" {
				kind += " " + e.Header.Status.String()
			}
			w.bare[kind]++
		}
		return [][]byte{msg}
	}
}

// unsignable are the kinds of docs/signing.md that nothing protects. Each must
// be seen, or the session was no whole one.
var unsignable = []string{
	"NEGOTIATE request",
	"NEGOTIATE reply STATUS_SUCCESS",
	"SESSION_SETUP request",
	"SESSION_SETUP reply STATUS_MORE_PROCESSING_REQUIRED",
	"FLUSH reply STATUS_PENDING",             // interim
	"ECHO reply STATUS_USER_SESSION_DELETED", // no session, no key
	// What this client leaves unsigned on purpose.
	"CREATE request",
}

// TestNothingOfASignedSessionIsUnsigned looks at every message of many
// sessions, of every command, with errors and compounds and requests that
// wait: all that can be signed is, and rightly.
func TestNothingOfASignedSessionIsUnsigned(t *testing.T) {
	tap := tapSessions(t, signedWays, 101_000/stride(20))
	for _, kind := range slices.Sorted(maps.Keys(tap.bare)) {
		if !slices.Contains(unsignable, kind) {
			t.Errorf("%d × %s: neither signed nor sealed", tap.bare[kind], kind)
		}
	}
	for _, kind := range unsignable {
		if tap.bare[kind] == 0 {
			t.Errorf("no %s was seen", kind)
		}
	}
}

// TestNothingOfASealedSessionIsInClear does so for sessions that are sealed as
// a whole: behind the log-on there is nothing but sealed messages.
func TestNothingOfASealedSessionIsInClear(t *testing.T) {
	tap := tapSessions(t, sealedWays, 20_000/stride(20))
	for _, kind := range slices.Sorted(maps.Keys(tap.bare)) {
		if !strings.HasPrefix(kind, "NEGOTIATE ") && !strings.HasPrefix(kind, "SESSION_SETUP ") {
			t.Errorf("%d × %s: neither signed nor sealed", tap.bare[kind], kind)
		}
	}
}

// tapSessions runs sessions in each way until at least messages were seen.
func tapSessions(t *testing.T, ways []protection, messages int) *wiretap {
	t.Helper()
	tap := &wiretap{bare: make(map[string]int)}
	t.Run("", func(t *testing.T) { // until all are done
		for _, w := range ways {
			t.Run(w.name, func(t *testing.T) {
				parallel(t)
				opt := smbtest.Options{Pipe: true, Quiet: true}
				if w.cipher != smb2.CipherNone {
					opt.Policy = sealing()
				}
				s := smbtest.StartServer(t, opt)
				one := &wiretap{bare: make(map[string]int)}
				for one.messages < messages/len(ways)+1 {
					talk(t, s, &w, one)
				}
				tap.mu.Lock()
				defer tap.mu.Unlock()
				tap.messages += one.messages
				for kind, n := range one.bare {
					tap.bare[kind] += n
				}
			})
		}
	})
	t.Logf("%d messages, of which without signature or sealing:", tap.messages)
	for _, kind := range slices.Sorted(maps.Keys(tap.bare)) {
		t.Logf("%7d  %s", tap.bare[kind], kind)
	}
	if tap.messages < messages {
		t.Errorf("%d messages, want at least %d", tap.messages, messages)
	}
	return tap
}

// talk is one session from NEGOTIATE to LOGOFF. The client verifies every
// reply that is signed, and fails unless all are that can be.
func talk(t *testing.T, s *smbtest.Server, w *protection, tap *wiretap) {
	t.Helper()
	p := smbtest.NewPeer(quiet{t}, &smbtest.Proxy{Conn: s.DialConn(), Request: tap.look("request"), Reply: tap.look("reply")})
	defer p.Close()
	w.offer(p)
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success || !r.Signed {
		t.Fatalf("log-on: %v, signed %v", r.Header.Status, r.Signed)
	}
	p.Seal = w.cipher != smb2.CipherNone
	do := func(want ntstatus.Status, elements ...smbtest.Element) []smbtest.Reply {
		t.Helper()
		replies, ok := p.Exchange(elements...)
		if !ok {
			t.Fatalf("%v: the server closed the connection", smb2.CommandOf(elements[0].Message))
		}
		for i, r := range replies {
			last := i == len(replies)-1
			if r.Signed == r.Sealed || last && r.Header.Status != want {
				t.Fatalf("%v: %v, signed %v, sealed %v, want %v and one of the two", r.Header.Command, r.Header.Status, r.Signed, r.Sealed, want)
			}
		}
		return replies
	}
	ask := func(want ntstatus.Status, m smb2.Message) { t.Helper(); do(want, smbtest.Element{Message: m}) }

	p.TreeConnect(smbtest.ShareName)
	ask(ntstatus.BadNetworkName, &smb2.TreeConnectRequest{Path: `\\server\nothing`})
	dir := p.Open("")
	for i := range 40 {
		file := p.Open(fmt.Sprintf("file %d", i%7))
		ask(ntstatus.Success, &smb2.WriteRequest{FileID: file, Data: make([]byte, 1+100*i)})
		ask(ntstatus.Success, &smb2.ReadRequest{FileID: file, Length: 4096})
		ask(ntstatus.EndOfFile, &smb2.ReadRequest{FileID: file, Offset: 1 << 30, Length: 16})
		ask(ntstatus.Success, &smb2.FlushRequest{FileID: file})
		ask(ntstatus.Success, &smb2.LockRequest{FileID: file, Locks: []smb2.LockElement{{Length: 1, Flags: smb2.LockExclusive | smb2.LockFailImmediately}}})
		ask(ntstatus.RangeNotLocked, &smb2.LockRequest{FileID: file, Locks: []smb2.LockElement{{Offset: 5, Length: 1, Flags: smb2.LockUnlock}}})
		ask(ntstatus.Success, &smb2.EchoRequest{})
		ask(ntstatus.Success, &smb2.QueryInfoRequest{FileID: file, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileBasicInformation), OutputBufferLength: 100})
		ask(ntstatus.InfoLengthMismatch, &smb2.QueryInfoRequest{FileID: file, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileBasicInformation), OutputBufferLength: 1})
		ask(ntstatus.Success, &smb2.SetInfoRequest{FileID: file, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileEndOfFileInformation), Input: fscc.AppendInformation(nil, &fscc.EndOfFileInformation{EndOfFile: 20})})
		ask(ntstatus.Success, &smb2.QueryDirectoryRequest{FileID: dir, FileInformationClass: fscc.FileDirectoryInformation, Flags: smb2.RestartScans, FileName: "*", OutputBufferLength: 1000})
		ask(ntstatus.InvalidDeviceRequest, &smb2.IoctlRequest{FileID: file, CtlCode: fscc.FSCTLQueryFileRegions, Flags: smb2.IoctlIsFSCTL})
		ask(ntstatus.Success, &smb2.CloseRequest{FileID: file})
		ask(ntstatus.FileClosed, &smb2.CloseRequest{FileID: file})
		do(ntstatus.Success, smbtest.Element{Message: smbtest.CreateFile("chain")},
			related(&smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: []byte("x")}), related(&smb2.CloseRequest{FileID: smb2.RelatedFileID}))
		do(ntstatus.FileClosed, smbtest.Element{Message: &smb2.EchoRequest{}}, smbtest.Element{Message: &smb2.CloseRequest{FileID: file}})
		if !p.Seal {
			// Refusals, too: the client would have to believe unsigned ones.
			do(ntstatus.AccessDenied, smbtest.Element{Message: smbtest.CreateFile("unsigned"), Unsigned: true})
			do(ntstatus.AccessDenied, smbtest.Element{Message: smbtest.CreateFile("forged"), Forge: func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }})
		}
	}
	ask(ntstatus.Success, &smb2.TreeDisconnectRequest{})
	ask(ntstatus.NetworkNameDeleted, smbtest.CreateFile("gone"))
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success || r.Signed == r.Sealed {
		t.Fatalf("re-authentication: %v, signed %v, sealed %v", r.Header.Status, r.Signed, r.Sealed)
	}
	ask(ntstatus.Success, &smb2.LogoffRequest{})
	if !p.Seal {
		if r := p.Do(&smb2.EchoRequest{}); r.Header.Status != ntstatus.UserSessionDeleted {
			t.Fatalf("ECHO after LOGOFF: %v", r.Header.Status)
		}
	}
}

// TestRequestsMayOvertakeEachOtherInsideTheWindow shows that the refusal of
// replays does not refuse what a client with several threads sends. 3.3.5.2.3.
func TestRequestsMayOvertakeEachOtherInsideTheWindow(t *testing.T) {
	for _, w := range slices.Concat(signedWays, sealedWays) {
		t.Run(w.name, func(t *testing.T) {
			r := newRig(t, w, false)
			r.MustDo(&smb2.EchoRequest{}, nil) // for credits
			const n = 20
			var messages [][]byte
			waiting := make(map[smb2.MessageID]bool)
			for i := range n {
				waiting[r.NextMessageID] = true
				messages = append(messages, r.Encode(smbtest.Element{Message: &smb2.WriteRequest{FileID: r.file, Offset: uint64(i), Data: []byte{byte('a' + i)}}}))
			}
			for i := range n {
				r.SendRaw(messages[(i*7+13)%n])
				replies, ok := r.Receive()
				if !ok || replies[0].Header.Status != ntstatus.Success || !waiting[replies[0].Header.MessageID] || replies[0].Signed == replies[0].Sealed {
					t.Fatalf("message %d: %v %+v", (i*7+13)%n, ok, replies)
				}
				delete(waiting, replies[0].Header.MessageID)
			}
			if got, want := r.Read(r.file, 0, n), "abcdefghijklmnopqrst"; got != want {
				t.Errorf("read %q, want %q", got, want)
			}
			r.s.Log.Reset()
		})
	}
}
