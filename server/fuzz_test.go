package server_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// A fuzz input is a list of steps, each a kind, a length (16 bits, little
// endian) and that many bytes. A step sends one message, or one element of a
// compound if the next step's kind has stepChained set.
const (
	stepSigned   byte = iota // an SMB2 message that the harness completes and signs
	stepUnsigned             // the same, not signed
	stepForged               // the same, with a wrong signature
	stepRaw                  // the bytes as they are
	stepSealed               // the bytes, sealed with the session's key
	stepFurther              // signed with the session's key, on a connection that it is not bound to
	stepKinds                // how many there are

	stepChained byte = 0x80 // an element behind the one before
)

// maxSteps bounds an input's steps.
const maxSteps = 40

// step is one step of an input.
type step struct {
	kind    byte
	chained bool
	data    []byte
}

// appendStep encodes a step.
func appendStep(b []byte, kind byte, data []byte) []byte {
	return append(append(b, kind, byte(len(data)), byte(len(data)>>8)), data...)
}

// parseSteps decodes an input; what is malformed ends it.
func parseSteps(input []byte) (steps []step) {
	r := wire.NewReader(input)
	for r.Len() > 0 && len(steps) < maxSteps {
		kind := r.U8()
		data := r.Bytes(int(r.U16()))
		if r.Err() != nil {
			return steps
		}
		steps = append(steps, step{kind: kind &^ stepChained % stepKinds, chained: kind&stepChained != 0, data: data})
	}
	return steps
}

// forgedName is in every name of a request that must not run.
const forgedName = "forged"

// FuzzServer sends the messages of an input, some rightly signed by the
// harness, to a server with a memory file system, over a connection and a
// session of their own. Nothing may panic; no buffer and no file may stay
// behind; and no element that was not authentic may reach the back end.
func FuzzServer(f *testing.F) {
	for _, seed := range fuzzSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		steps := parseSteps(input)
		synctest.Test(t, func(t *testing.T) { runSteps(t, steps) })
	})
}

func runSteps(t *testing.T, steps []step) {
	before := bufpool.Outstanding()
	opt := smbtest.Options{Pipe: true, Quiet: true}
	if slices.ContainsFunc(steps, func(st step) bool { return st.kind == stepFurther }) {
		opt.Policy = multi() // and so without AES-GMAC
	}
	s := smbtest.StartServer(t, opt)
	p := s.Login()
	h := &harness{Peer: p, open: p.Open("open")}
	p.RepeatMessageIDs()
	h.dir = p.Open("")
	var gone atomic.Bool
	discard := func(p *smbtest.Peer) { // whatever is answered
		for {
			if _, ok := p.ReceiveRaw(); !ok {
				gone.Store(true)
				return
			}
		}
	}
	go discard(p)
	var second *harness
	if opt.Policy != nil {
		second = &harness{Peer: further(s, p), open: h.open, dir: h.dir}
		second.Join(p)
		go discard(second.Peer)
	}
	for i := 0; i < len(steps); {
		n := i + 1
		for n < len(steps) && steps[n].chained {
			n++
		}
		by := h
		if steps[i].kind == stepFurther {
			by = second
		}
		msg, authentic := by.message(steps[i:n])
		authentic = authentic && by == h
		i = n
		s.Log.Reset()
		if !by.TrySend(msg) {
			break
		}
		synctest.Wait() // until the server is done with it
		calls := s.Log.Calls()
		if gone.Load() {
			// The end of the connection deletes what was to be deleted on close,
			// by authentic requests before.
			calls = slices.DeleteFunc(calls, func(call string) bool { return strings.HasPrefix(call, "Remove ") })
		}
		if len(calls) > 0 && !authentic {
			t.Fatalf("a message without an authentic element reached the back end: %q\n% x", calls, msg)
		}
		for _, call := range calls {
			if strings.Contains(call, forgedName) {
				t.Fatalf("a forged element reached the back end: %q\n% x", calls, msg)
			}
		}
	}
	p.Close()
	if second != nil {
		second.Close()
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.FS.OpenReferences(); n != 0 {
		t.Fatalf("%d files are still open", n)
	}
	if n := s.BytesHeld(); n != 0 {
		t.Fatalf("%d bytes are still counted", n)
	}
	if n := bufpool.Outstanding(); n != before {
		t.Fatalf("%d buffers are still on loan", n-before)
	}
}

// harness completes messages.
type harness struct {
	*smbtest.Peer
	open, dir smb2.FileID
}

// message makes one message of steps. authentic reports whether any element
// of it is.
func (h *harness) message(steps []step) (msg []byte, authentic bool) {
	switch steps[0].kind {
	case stepRaw:
		return steps[0].data, false
	case stepSealed:
		msg := append([]byte(nil), steps[0].data...)
		h.complete(msg, 0)
		return h.SealRaw(msg), true
	}
	for i, st := range steps {
		if st.kind == stepRaw || st.kind == stepSealed || st.kind == stepFurther && i > 0 {
			continue
		}
		element := append([]byte(nil), st.data...)
		next := 0
		if i < len(steps)-1 {
			for len(element)%8 != 0 {
				element = append(element, 0)
			}
			next = len(element)
		}
		if !h.complete(element, next) {
			continue
		}
		switch st.kind {
		case stepSigned:
			h.Signer.Sign(element, transform.Client)
			authentic = true
		case stepFurther:
			h.Signer.Sign(element, transform.Client) // rightly, and yet it may reach nothing
		case stepForged:
			h.Signer.Sign(element, transform.Client)
			element[smb2.SignatureOffset] ^= 1
		case stepUnsigned:
			element[16] &^= byte(smb2.FlagSigned)
		}
		if st.kind == stepUnsigned || st.kind == stepForged {
			markForged(element)
			if st.kind == stepForged { // over the marked name, and wrong
				h.Signer.Sign(element, transform.Client)
				element[smb2.SignatureOffset] ^= 1
			}
		}
		msg = append(msg, element...)
	}
	return msg, authentic
}

// complete fills in what an input cannot know: identifiers and message id,
// where the input has zeros or small numbers. It reports whether element is a
// message at all.
func (h *harness) complete(element []byte, next int) bool {
	header, err := smb2.DecodeHeader(element)
	if err != nil {
		return false
	}
	header.Flags &^= smb2.FlagServerToRedir
	header.NextCommand = uint32(next)
	if header.SessionID == 0 {
		header.SessionID = h.SessionID
	}
	if header.TreeID == 0 {
		header.TreeID = h.TreeID
	}
	header.CreditCharge &= 3
	header.MessageID = h.NextMessageID
	if header.Command != smb2.CommandCancel {
		h.NextMessageID += smb2.MessageID(max(1, header.CreditCharge))
	}
	header.Put(element)
	if at := fileIDAt(header.Command); at != 0 && len(element) >= at+16 {
		id := element[at : at+16]
		switch id[0] {
		case 1:
			putFileID(id, h.open)
		case 2:
			putFileID(id, h.dir)
		}
	}
	return true
}

// fileIDAt is where a request has its FileId, in bytes from its header.
func fileIDAt(c smb2.Command) int {
	switch c {
	case smb2.CommandClose, smb2.CommandFlush, smb2.CommandLock, smb2.CommandIoctl, smb2.CommandQueryDirectory, smb2.CommandChangeNotify:
		return 72
	case smb2.CommandRead, smb2.CommandWrite, smb2.CommandSetInfo:
		return 80
	case smb2.CommandQueryInfo:
		return 88
	}
	return 0
}

func putFileID(b []byte, id smb2.FileID) {
	w := wire.NewWriter(b[:0])
	w.U64(id.Persistent)
	w.U64(id.Volatile)
	w.Finish()
}

// markForged replaces the name of a CREATE, where it is long enough, so that
// the call log tells who asked.
func markForged(element []byte) {
	var m smb2.CreateRequest
	header, err := smb2.DecodeHeader(element)
	if err != nil || header.Command != smb2.CommandCreate || smb2.Decode(element, &m) != nil {
		return
	}
	const nameAt = smb2.HeaderSize + 56 // where our encoding has it
	if len(element) < nameAt+2*len(forgedName) || len(m.Name) < len(forgedName) {
		return
	}
	for i, c := range []byte(forgedName) {
		element[nameAt+2*i], element[nameAt+2*i+1] = c, 0
	}
}

// fuzzSeeds are inputs made of real requests.
func fuzzSeeds(f *testing.F) [][]byte {
	one, two := smb2.FileID{Persistent: 1}, smb2.FileID{Persistent: 2}
	token, _, err := smbtest.Initiator().Step(f.Context(), nil)
	if err != nil {
		f.Fatal(err)
	}
	size := fscc.AppendInformation(nil, &fscc.EndOfFileInformation{EndOfFile: 100})
	rename := fscc.AppendInformation(nil, &fscc.RenameInformation{FileName: "renamed"})
	messages := []smb2.Message{
		smbtest.CreateFile("some longer name"),
		create("new directory", fscc.DispositionCreate, bothAccess, fscc.OptionDirectoryFile),
		create("doomed file", fscc.DispositionOverwriteIf, bothAccess|dtyp.Delete, fscc.OptionDeleteOnClose),
		&smb2.WriteRequest{FileID: one, Data: []byte("data")},
		&smb2.ReadRequest{FileID: one, Length: 100},
		&smb2.FlushRequest{FileID: one},
		&smb2.QueryInfoRequest{FileID: one, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileAllInformation), OutputBufferLength: 200},
		&smb2.QueryInfoRequest{FileID: one, InfoType: smb2.InfoFileSystem, FileInfoClass: uint8(fscc.FileFsSizeInformation), OutputBufferLength: 200},
		&smb2.SetInfoRequest{FileID: one, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileEndOfFileInformation), Input: size},
		&smb2.SetInfoRequest{FileID: one, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileRenameInformation), Input: rename},
		&smb2.QueryDirectoryRequest{FileID: two, FileInformationClass: fscc.FileIDBothDirectoryInformation, FileName: "*", OutputBufferLength: 1000},
		&smb2.ChangeNotifyRequest{FileID: two, OutputBufferLength: 100},
		&smb2.LockRequest{FileID: one, Locks: []smb2.LockElement{{Length: 1}}},
		&smb2.IoctlRequest{FileID: smb2.RelatedFileID, CtlCode: fscc.FSCTLDFSGetReferrals, Flags: smb2.IoctlIsFSCTL},
		&smb2.CancelRequest{},
		&smb2.EchoRequest{},
		&smb2.TreeConnectRequest{Path: `\\server\readonly`},
		&smb2.SessionSetupRequest{SecurityBuffer: token},
		&smb2.SessionSetupRequest{Flags: smb2.SessionSetupBinding, SecurityBuffer: token},
		&smb2.NegotiateRequest{Dialects: []smb2.Dialect{smb2.Dialect311}, Contexts: []smb2.NegotiateContext{preauth(smb2.HashSHA512)}},
		&smb2.CloseRequest{FileID: one},
		&smb2.TreeDisconnectRequest{},
		&smb2.LogoffRequest{},
	}
	bare := func(m smb2.Message, flags smb2.HeaderFlags) []byte {
		b := make([]byte, smb2.HeaderSize)
		h := smb2.Header{CreditCharge: 1, Credits: 64, Command: smb2.CommandOf(m), Flags: flags}
		h.Put(b)
		return smb2.Append(b, m)
	}
	var seeds [][]byte
	for kind := range stepKinds {
		var all []byte
		for _, m := range messages {
			one := appendStep(nil, kind, bare(m, 0))
			seeds = append(seeds, one)
			all = append(all, one...)
		}
		seeds = append(seeds, all)
		// A chain whose middle is of this kind.
		chain := appendStep(nil, stepSigned, bare(smbtest.CreateFile("a long enough name"), 0))
		chain = appendStep(chain, stepChained|kind, bare(writeLast, smb2.FlagRelatedOperation))
		chain = appendStep(chain, stepChained|kind, bare(smbtest.CreateFile("another long name"), 0))
		chain = appendStep(chain, stepChained|stepSigned, bare(flushLast, smb2.FlagRelatedOperation))
		seeds = append(seeds, chain)
	}
	seeds = append(seeds, appendStep(nil, stepRaw, smb1(smb1Negotiate, "SMB 2.???")))
	// A protocol error behind a CREATE with DELETE_ON_CLOSE.
	seeds = append(seeds, appendStep(appendStep(nil, stepSigned, bare(messages[2], 0)), stepRaw, []byte("nonsense")))
	return seeds
}

func TestFuzzHarnessIsNotBlind(t *testing.T) {
	// What it calls signed does run.
	synctest.Test(t, func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true})
		p := s.Login()
		h := &harness{Peer: p}
		p.RepeatMessageIDs()
		b := make([]byte, smb2.HeaderSize)
		header := smb2.Header{CreditCharge: 1, Command: smb2.CommandCreate}
		header.Put(b)
		b = smb2.Append(b, smbtest.CreateFile("some longer name"))
		for _, c := range []struct {
			kind byte
			want ntstatus.Status
		}{{stepSigned, ntstatus.Success}, {stepUnsigned, ntstatus.AccessDenied}, {stepForged, ntstatus.AccessDenied}, {stepSealed, ntstatus.Success}} {
			s.Log.Reset()
			msg, authentic := h.message([]step{{kind: c.kind, data: b}})
			p.SendRaw(msg)
			r := receiveOne(t, p)
			if r.Header.Status != c.want || authentic != (len(s.Log.Calls()) > 0) {
				t.Errorf("step of kind %d: %v, want %v; authentic %v, %d calls", c.kind, r.Header.Status, c.want, authentic, len(s.Log.Calls()))
			}
		}
	})
}
