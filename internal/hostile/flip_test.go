package hostile_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// target is a message whose every bit is flipped.
type target struct {
	name    string
	pending bool // needs a rig with a request that waits
	make    func(*rig) []smbtest.Element
	// traces are what the calls of each element begin with that reach the
	// back end; nil: none does.
	traces [][]string
}

func one(m func(*rig) smb2.Message) func(*rig) []smbtest.Element {
	return func(r *rig) []smbtest.Element { return []smbtest.Element{{Message: m(r)}} }
}

// related makes a RELATED element of m, its identifiers all ones.
func related(m smb2.Message) smbtest.Element {
	return smbtest.Element{Message: m, Flags: smb2.FlagRelatedOperation, Header: func(h *smb2.Header) {
		h.SessionID, h.TreeID = 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF
	}}
}

// targets are one request of each command, and chains.
var targets = []target{
	{name: "TREE_CONNECT", make: one(func(*rig) smb2.Message { return &smb2.TreeConnectRequest{Path: `\\server\` + smbtest.ShareName} })},
	{name: "TREE_DISCONNECT", make: one(func(*rig) smb2.Message { return &smb2.TreeDisconnectRequest{} })},
	{name: "SESSION_SETUP", make: func(r *rig) []smbtest.Element {
		token, _, err := smbtest.Initiator().Step(r.t.Context(), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		return []smbtest.Element{{Message: &smb2.SessionSetupRequest{SecurityMode: r.Mode, SecurityBuffer: token}}}
	}},
	{name: "CREATE", make: one(func(*rig) smb2.Message { return smbtest.CreateFile("flipped") })},
	{name: "CLOSE", make: one(func(r *rig) smb2.Message { return &smb2.CloseRequest{FileID: r.file} })},
	{name: "FLUSH", make: one(func(r *rig) smb2.Message { return &smb2.FlushRequest{FileID: r.file} })},
	{name: "READ", make: one(func(r *rig) smb2.Message { return &smb2.ReadRequest{FileID: r.file, Length: 16} })},
	{name: "WRITE", make: one(func(r *rig) smb2.Message { return &smb2.WriteRequest{FileID: r.file, Data: []byte("never written")} })},
	{name: "LOCK", make: one(func(r *rig) smb2.Message {
		return &smb2.LockRequest{FileID: r.file, Locks: []smb2.LockElement{{Offset: 1 << 40, Length: 1, Flags: smb2.LockShared | smb2.LockFailImmediately}}}
	})},
	{name: "IOCTL", make: one(func(r *rig) smb2.Message {
		return &smb2.IoctlRequest{FileID: r.file, CtlCode: fscc.FSCTLSetZeroData, Flags: smb2.IoctlIsFSCTL, Input: make([]byte, 16)}
	})},
	{name: "CANCEL", pending: true, make: func(r *rig) []smbtest.Element {
		return []smbtest.Element{{Message: &smb2.CancelRequest{}, Header: func(h *smb2.Header) { h.MessageID = r.flushID }}}
	}},
	{name: "CANCEL by AsyncId", pending: true, make: func(r *rig) []smbtest.Element {
		return []smbtest.Element{{Message: &smb2.CancelRequest{}, Flags: smb2.FlagAsyncCommand, Header: func(h *smb2.Header) {
			h.MessageID, h.TreeID, h.AsyncID = r.flushID, 0, r.asyncID
		}}}
	}},
	{name: "ECHO", make: one(func(*rig) smb2.Message { return &smb2.EchoRequest{} })},
	{name: "QUERY_DIRECTORY", make: one(func(r *rig) smb2.Message {
		return &smb2.QueryDirectoryRequest{FileID: r.dir, FileInformationClass: fscc.FileDirectoryInformation, FileName: "*", OutputBufferLength: 1000}
	})},
	{name: "QUERY_INFO", make: one(func(r *rig) smb2.Message {
		return &smb2.QueryInfoRequest{FileID: r.file, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileBasicInformation), OutputBufferLength: 100}
	})},
	{name: "SET_INFO", make: one(func(r *rig) smb2.Message {
		input := fscc.AppendInformation(nil, &fscc.EndOfFileInformation{EndOfFile: 20})
		return &smb2.SetInfoRequest{FileID: r.file, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileEndOfFileInformation), Input: input}
	})},
	{name: "LOGOFF", make: one(func(*rig) smb2.Message { return &smb2.LogoffRequest{} })},
	{
		name: "related CREATE, WRITE, CLOSE",
		make: func(*rig) []smbtest.Element {
			return []smbtest.Element{
				{Message: smbtest.CreateFile("first")},
				related(&smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: []byte("five5")}),
				related(&smb2.CloseRequest{FileID: smb2.RelatedFileID}),
			}
		},
		traces: [][]string{{"Lookup first", "Create first", "Open ", "Access", "SetAttr", "StoredDescriptor"}, {"WriteAt"}, nil},
	},
	{
		name: "unrelated CREATE, READ, CREATE",
		make: func(r *rig) []smbtest.Element {
			return []smbtest.Element{
				{Message: smbtest.CreateFile("one")},
				{Message: &smb2.ReadRequest{FileID: r.file, Length: 16}},
				{Message: smbtest.CreateFile("three")},
			}
		},
		traces: [][]string{{"Lookup one", "Create one", "Open ", "Access", "SetAttr", "StoredDescriptor"}, {"ReadAt"}, {"Lookup three", "Create three", "Open ", "Access", "SetAttr", "StoredDescriptor"}},
	},
}

// field is a part of a message.
type field struct {
	name     string
	from, to int // bytes, to excluded
	allowed  []string
}

// What may come of a forged request.
var (
	denied  = ntstatus.AccessDenied.String()
	deleted = ntstatus.UserSessionDeleted.String()
	invalid = ntstatus.InvalidParameter.String()
)

// headerFields says what the server may do about one flipped bit in the header
// of a signed request. 2.2.1, 3.3.5.2.
var headerFields = []field{
	{"ProtocolId", 0, 4, []string{closed}},
	{"StructureSize", 4, 6, []string{closed}},
	{"CreditCharge", 6, 8, []string{denied, closed}}, // closed: more credits than there are
	{"Status", 8, 12, []string{denied}},
	{"Command", 12, 14, []string{denied, closed, unheeded, invalid}}, // no such command, CANCEL, NEGOTIATE
	{"Credits", 14, 16, []string{denied}},
	{"Flags", 16, 20, []string{denied, closed, invalid, deleted}}, // SERVER_TO_REDIR; RELATED to nothing; no longer RELATED
	{"NextCommand", 20, 24, []string{denied, closed}},
	{"MessageId", 24, 32, []string{denied, closed}}, // inside the window, or not
	{"Reserved, AsyncId", 32, 36, []string{denied}},
	{"TreeId, AsyncId", 36, 40, []string{denied}},
	{"SessionId", 40, 48, []string{deleted, denied}}, // denied: RELATED, which has the session of the one before
	{"Signature", 48, 64, []string{denied}},
}

// fieldAt returns the field of an element that the byte at offset belongs to.
// body is the length of the element without padding.
func fieldAt(offset, size int) field {
	for _, f := range headerFields {
		if offset < f.to {
			return f
		}
	}
	if offset >= size {
		return field{name: "padding", allowed: []string{denied}}
	}
	return field{name: "body", allowed: []string{denied}}
}

// extents are the elements of a message: where each begins, and its length
// with and without padding, in bytes.
type extent struct{ start, size, padded int }

func extents(elements []smbtest.Element) (all []extent) {
	at := 0
	for i, e := range elements {
		x := extent{start: at, size: len(smb2.Append(make([]byte, smb2.HeaderSize), e.Message))}
		x.padded = x.size
		if i < len(elements)-1 {
			x.padded = (x.size + 7) &^ 7
		}
		at += x.padded
		all = append(all, x)
	}
	return all
}

// TestNoFlippedBitOfASignedRequestIsObeyed flips each bit of each request, in
// every way of signing.
func TestNoFlippedBitOfASignedRequestIsObeyed(t *testing.T) {
	step := stride(61)
	var mu sync.Mutex
	all := make(tally)
	t.Run("", func(t *testing.T) { // until all are done
		for _, w := range signedWays {
			t.Run(w.name, func(t *testing.T) {
				parallel(t)
				rigs := map[bool]*rig{false: newRig(t, w, false), true: newRig(t, w, true)}
				for i := range targets {
					counts := make(tally)
					flipSigned(t, rigs[targets[i].pending], &targets[i], step, counts)
					mu.Lock()
					all.merge(counts)
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("%d cases\n%v", all.total(), all)
	if want := 100_000; step == 1 && all.total() < want {
		t.Errorf("%d cases, want at least %d", all.total(), want)
	}
}

// flipSigned flips every step-th bit of one target.
func flipSigned(t *testing.T, r *rig, tg *target, step int, counts tally) {
	t.Helper()
	r.login()
	r.RepeatMessageIDs()
	parts := extents(tg.make(r))
	end := parts[len(parts)-1]
	bits := 8 * (end.start + end.padded)
	for bit := 0; bit < bits; bit += step {
		if r.used == 400 {
			r.alive(tg.name)
			r.login()
			r.RepeatMessageIDs()
		}
		r.used++
		k := len(parts) - 1
		for parts[k].start > bit/8 {
			k--
		}
		f := fieldAt(bit/8-parts[k].start, parts[k].size)
		if tg.name == "SESSION_SETUP" && bit/8 == smb2.HeaderSize+2 {
			// The BINDING flag: a request to bind is refused before its signature
			// is looked at where nothing can be bound. 3.3.5.5.
			f = field{name: "SESSION_SETUP Flags", allowed: []string{denied, ntstatus.RequestNotAccepted.String()}}
		}
		msg := r.Encode(tg.make(r)...)
		msg[bit/8] ^= 1 << (bit % 8)
		h, _ := smb2.DecodeHeader(append(make([]byte, 0, 64), msg[parts[k].start:]...)) // a broken one has no answer
		id, silent := h.MessageID, h.Command == smb2.CommandCancel
		what := fmt.Sprintf("%s, %s: bit %d of byte %d (%s) of element %d", r.w.name, tg.name, bit%8, bit/8, f.name, k)

		got := r.outcome(msg, id, silent)
		allowed := f.allowed
		if tg.pending && f.name != "Command" {
			allowed = []string{unheeded, closed}
		}
		if !slices.Contains(allowed, got) {
			t.Errorf("%s: %s, want one of %q", what, got, allowed)
		}
		counts.add(f.name, got)
		for _, call := range r.s.Log.Take() {
			if !tg.authentic(k, call) {
				t.Errorf("%s: reached the back end: %s", what, call)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
		if got == closed || f.name == "CreditCharge" || f.name == "MessageId" || f.name == "NextCommand" {
			r.login() // the client's own count of message ids is off
			r.RepeatMessageIDs()
		}
	}
	// The oracle is not blind: unchanged, the message is obeyed.
	r.login()
	r.RepeatMessageIDs()
	replies, ok := r.obeyed(tg)
	for _, reply := range replies {
		ok = ok && slices.Contains(tg.success(), reply.Header.Status)
	}
	if !ok {
		t.Fatalf("%s, %s: unchanged, it is answered %+v", r.w.name, tg.name, replies)
	}
	for k, traces := range tg.traces {
		if len(traces) > 0 && !slices.ContainsFunc(r.s.Log.Calls(), func(call string) bool { return strings.HasPrefix(call, traces[0]) }) {
			t.Errorf("%s, element %d: unchanged, it leaves no trace of %q in %q", tg.name, k, traces[0], r.s.Log.Calls())
		}
	}
	r.s.Log.Reset()
}

// success are the statuses by which the unchanged message is obeyed.
func (tg *target) success() []ntstatus.Status {
	switch {
	case tg.pending:
		return []ntstatus.Status{ntstatus.Cancelled}
	case tg.name == "SESSION_SETUP":
		return []ntstatus.Status{ntstatus.MoreProcessingRequired}
	}
	return []ntstatus.Status{ntstatus.Success}
}

// obeyed sends the unchanged message; what CANCEL cancels answers for it.
func (r *rig) obeyed(tg *target) ([]smbtest.Reply, bool) {
	if !tg.pending {
		return r.Exchange(tg.make(r)...)
	}
	r.Send(tg.make(r)...)
	replies, ok := r.Receive()
	return replies, ok
}

// authentic reports whether call may come from an element of tg other than
// the k-th, and the RELATED ones that hang on it.
func (tg *target) authentic(k int, call string) bool {
	for i, traces := range tg.traces {
		if i == k || i > k && strings.HasPrefix(tg.name, "related") {
			continue
		}
		for _, trace := range traces {
			if strings.HasPrefix(call, trace) {
				return true
			}
		}
	}
	return false
}
