package server

import (
	"context"
	"errors"
	"runtime/debug"
	"sync/atomic"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// creditSize is how many bytes of payload one credit pays for.
// [MS-SMB2] 3.1.5.2.
const creditSize = 64 << 10

// chain is one message from the client: a single request or a compound, run
// by one goroutine from the first element to the last.
type chain struct {
	conn     *connection
	buf      *bufpool.Buf   // the received message; nil once given back
	held     int            // bytes counted against the connection's budget
	sealedBy smb2.SessionID // whose key opened the message; 0: it was not sealed
	elements []request
	one      [1]request // backs elements of a single request
	replied  int        // elements whose replies were sent
}

// run executes the elements in order and sends their replies. An error ends
// the connection.
func (ch *chain) run() error {
	defer ch.release()
	var prev *request
	for i := range ch.elements {
		r := &ch.elements[i]
		if err := r.run(prev); err != nil {
			return err
		}
		prev = r
	}
	ch.complete()
	return nil
}

// release gives the received message and the budget back.
func (ch *chain) release() {
	for i := range ch.elements {
		r := &ch.elements[i]
		if r.cancel != nil {
			r.cancel(nil)
		}
		if r.exchange != nil { // the connection ends before the reply was sent
			r.exchange.mu.Unlock()
			r.exchange = nil
		}
		if r.inPlace != nil {
			r.inPlace.Release()
			r.inPlace = nil
		}
		r.told() // unless its reply did
	}
	ch.conn.server.tellBreaks()
	ch.releaseMessage()
	ch.conn.budget.hold(-ch.held)
	ch.held = 0
}

// releaseMessage gives the received message back. No element may look at its
// bytes afterwards.
func (ch *chain) releaseMessage() {
	if ch.buf == nil {
		return
	}
	for i := range ch.elements {
		ch.elements[i].message = nil
	}
	ch.buf.Release()
	ch.buf = nil
}

// request is the ADM's Request: one element of a chain. [MS-SMB2] 3.3.1.12.
// Only its worker touches it, but for the fields that connection.mu guards.
type request struct {
	conn    *connection
	chain   *chain
	row     *command
	ctx     context.Context // ends with the connection; after pending also by CANCEL
	header  smb2.Header     // as received
	message []byte          // header, body and padding; aliases chain.buf

	// The identifiers in force: those of the header, or for a RELATED element
	// those of the element before. The reply carries them, and the next
	// RELATED element takes them.
	sessionID   smb2.SessionID
	treeID      smb2.TreeID
	fileID      smb2.FileID
	hasFileID   bool
	createError ntstatus.Status // why the CREATE that made no fileID failed; Success: there was none
	unrelatable bool            // RELATED with nothing before it to relate to

	security  *sessionSecurity // of the effective session; nil: it has no keys
	sealing   *sessionSecurity // non-nil: the reply must be sealed by it
	exchange  *exchange        // held locked until the reply is queued
	open      *open            // counted reference, given back when the handler returned
	sequenced bool             // counted by open.sequence

	// For a CLOSE that comes after r, see arrival.go.
	arrival   uint64      // counts the requests of the connection; immutable
	seeks     smb2.FileID // the open that r names; immutable
	seekEnded atomic.Pointer[chan struct{}]

	// The reply.
	status   ntstatus.Status
	body     smb2.Message // nil: none is sent, or an ERROR response by status
	inPlace  *bufpool.Buf // the reply's data, read where it will be sent from
	mustSign bool         // signed although neither side requires it
	silent   bool         // no reply at all
	settles  *negotiated  // what a successful NEGOTIATE settles, once its reply is encoded
	grant    fsa.Grant    // of an oplock or lease, that the reply tells of
	holder   any          // who has it

	// Guarded by connection.mu.
	asyncID       smb2.AsyncID // non-zero once an interim response was queued
	cancelled     cancellation // what came before cancel was set; zero: none
	cancelDemands proof        // of a CANCEL, once cancel is set
	cancel        context.CancelCauseFunc
}

// creditCharge is the number of message ids that r uses up: at least one, and
// one where CreditCharge is a reserved field.
func (r *request) creditCharge() int {
	if n := r.conn.negotiated.Load(); n == nil || !n.multiCredit() {
		return 1
	}
	return max(1, int(r.header.CreditCharge))
}

// run executes r and leaves the reply in it. An error ends the connection.
func (r *request) run(prev *request) error {
	begun := r.conn.server.uptime()
	body, err := r.handle(prev)
	r.seekEnds()
	r.releaseOpen()
	r.conn.server.tellBreaks()
	if _, ok := errors.AsType[*Disconnect](err); ok {
		return err
	}
	r.body = body
	r.status = r.statusOf(err)
	if r.header.Command == smb2.CommandCreate {
		r.createError = ntstatus.Success
		if r.status.IsError() {
			r.createError = r.status
		}
	}
	r.conn.tally.commands[r.header.Command].note(r.conn.server.uptime()-begun, r.asyncID != 0, r.status)
	return nil
}

// statusOf turns a handler's error into the status of its reply.
func (r *request) statusOf(err error) ntstatus.Status {
	if err == nil {
		return ntstatus.Success
	}
	if _, ok := errors.AsType[*wire.Error](err); ok {
		r.log(err)
		return ntstatus.InvalidParameter // 3.3.5.2.6
	}
	status := ntstatus.FromError(err)
	if status == ntstatus.InternalError {
		r.log(err)
	}
	return status
}

func (r *request) log(err error) {
	r.conn.warnOf("request failed: "+r.header.Command.String(), "request failed", "cmd", r.header.Command.String(), "mid", uint64(r.header.MessageID), "err", err)
}

// handle verifies r, finds what it is about, and calls the command's handler.
func (r *request) handle(prev *request) (body smb2.Message, err error) {
	defer r.recoverPanic(&err)
	r.silent = r.header.Command == smb2.CommandCancel
	if err := r.inherit(prev); err != nil {
		return nil, err
	}
	if body, ok := r.hook(); ok {
		return body, nil
	}
	a, err := r.authenticate()
	if err != nil {
		return nil, err
	}
	r.conn.tally.proofs[r.proof()].Add(1)
	if err := a.resolve(r.row.needs); err != nil {
		return nil, err
	}
	body, err = r.row.handle(a)
	if err != nil && a.tree != nil && ntstatus.FromError(err) == ntstatus.AccessDenied {
		r.conn.server.count(RefusedRights)
	}
	return body, err
}

// recoverPanic turns a bug of ours into an error reply, so that one client's
// request cannot end everyone's work. Tests let it through.
func (r *request) recoverPanic(err *error) {
	if invariants.Enabled {
		return
	}
	if p := recover(); p != nil {
		r.conn.log.Error("panic in a request handler", "cmd", r.header.Command.String(),
			"mid", uint64(r.header.MessageID), "panic", p, "stack", string(debug.Stack()))
		*err = ntstatus.InternalError
	}
}

// noSessionID is what clients write where they name no session.
const noSessionID smb2.SessionID = 0xFFFFFFFFFFFFFFFF

// inherit takes the identifiers of a RELATED element from the element before
// it. [MS-SMB2] 3.3.5.2.7.2.
func (r *request) inherit(prev *request) error {
	if !r.header.Is(smb2.FlagRelatedOperation) {
		return nil
	}
	if prev == nil || prev.unrelatable || prev.sessionID == noSessionID {
		r.unrelatable = true
		return ntstatus.InvalidParameter // <269>
	}
	r.sessionID, r.treeID = prev.sessionID, prev.treeID
	r.fileID, r.hasFileID, r.createError = prev.fileID, prev.hasFileID, prev.createError
	return nil
}

// authenticated is a request that passed verification: the only thing that
// handlers take. session and security are nil for the few commands that may
// come without a session.
type authenticated struct {
	*request
	session *session
	tree    *treeConnect
	binding bool // a SESSION_SETUP that binds session to the connection
}

// errBadSignature is why a signed request was refused.
var errBadSignature = errors.New("bad signature")

// authenticate verifies r against its effective session: the only producer of
// authenticated. [MS-SMB2] 3.3.5.2.4, 3.3.5.2.9.
//
// What is demanded follows from the session's state, never from a flag of the
// message: the flag only says whether there is a signature to verify.
func (r *request) authenticate() (*authenticated, error) {
	signed := r.header.Is(smb2.FlagSigned)
	if r.header.Command == smb2.CommandNegotiate {
		if signed {
			return nil, ntstatus.InvalidParameter
		}
		return &authenticated{request: r}, nil
	}
	if r.sessionID == 0 && r.row.needs == needsNothing && !signed {
		return &authenticated{request: r}, nil
	}
	if r.isBinding() {
		return r.authenticateBinding()
	}
	ss := r.conn.session(r.sessionID)
	if ss != nil {
		r.security = ss.security(r.conn)
	}
	sealed := r.chain.sealedBy != 0
	switch {
	case sealed:
		// Verified by its cipher; check has tied it to the session.
		r.sealing = r.security
	case signed:
		if ss == nil {
			return nil, ntstatus.UserSessionDeleted
		}
		if r.security == nil || r.security.signer == nil {
			return nil, ntstatus.NotSupported
		}
		if !r.security.signer.Verify(r.message, clientRole) {
			r.refused(event.BadSignature, ntstatus.AccessDenied, errBadSignature)
			return nil, ntstatus.AccessDenied
		}
	default:
		// Deviation: 3.3.5.2.4 would have ACCESS_DENIED for a SESSION_SETUP that
		// names another connection's session, too. Windows and Samba say that
		// here is no such session (smbtorture's smb2.session.bind_negative).
		if ss == nil && r.header.Command == smb2.CommandSessionSetup {
			return nil, ntstatus.UserSessionDeleted
		}
		if global := r.conn.server.session(r.sessionID); global != nil && global.signingRequired() {
			return nil, r.withoutProof()
		}
		if r.security != nil {
			r.noteUnsigned(ss, "", r.security.laxity)
		}
	}
	if ss == nil {
		return nil, ntstatus.UserSessionDeleted
	}
	if r.security == nil && r.header.Command != smb2.CommandSessionSetup {
		// Still being authenticated.
		// Deviation: 3.3.5.2.9 lets LOGOFF, CLOSE and LOCK through here; there
		// is nothing that they could name.
		return nil, ntstatus.UserSessionDeleted
	}
	if r.security != nil && !sealed && (r.security.encryptData || r.security.sealFrom.hasCome()) {
		return nil, r.withoutProof()
	}
	ss.touch()
	return &authenticated{request: r, session: ss}, nil
}

// needs is what a command is about.
type needs uint8

const (
	needsNothing needs = iota // not even a session
	needsSession
	needsTree
	needsOpen // and the tree that it was opened in
)

// resolve finds the tree connect and the open that n demands.
// [MS-SMB2] 3.3.5.2.7.2, 3.3.5.2.10, 3.3.5.2.11.
func (a *authenticated) resolve(n needs) error {
	related := a.header.Is(smb2.FlagRelatedOperation)
	if n >= needsTree && a.tree == nil {
		if related && a.treeID == 0 {
			return ntstatus.InvalidParameter
		}
		tree := a.session.tree(a.treeID)
		if tree == nil {
			return ntstatus.NetworkNameDeleted
		}
		a.tree = tree
		if err := a.checkProtection(); err != nil {
			return err
		}
	}
	if n < needsOpen {
		return nil
	}
	switch {
	case !related:
		id, err := a.fileIDInBody()
		a.fileID, a.hasFileID = id, true
		if err != nil {
			return err
		}
	case a.createError != ntstatus.Success:
		// Deviation: 3.3.5.2.7.2 would hand on the failure of any element.
		// Windows does so for CREATE only: whatever fails in the middle, the
		// CLOSE at the end must not.
		return a.createError
	case !a.hasFileID:
		return ntstatus.InvalidHandle
	}
	o := a.session.acquireOpen(a.fileID)
	if o == nil || o.tree.id != a.tree.id {
		if o != nil {
			o.release()
		}
		return ntstatus.FileClosed
	}
	if o.pipe != nil && !a.row.pipes {
		o.release()
		return ntstatus.InvalidDeviceRequest
	}
	a.open = o
	if !a.row.queues {
		a.seekEnds()
	}
	return a.checkSequence()
}

// fileIDInBody reads the FileId at the place where the command has it.
func (r *request) fileIDInBody() (smb2.FileID, error) {
	body := wire.NewReader(r.message)
	body.Skip(r.row.fileIDAt)
	id := smb2.FileID{Persistent: body.U64(), Volatile: body.U64()}
	return id, body.Err()
}

// releaseOpen gives the counted reference to the request's open back.
func (r *request) releaseOpen() {
	if r.open != nil {
		if r.sequenced {
			r.open.sequence.end(r.header.ChannelSequence())
			r.sequenced = false
		}
		r.open.release()
		r.open = nil
	}
}

// decode reads the request's body into m. [MS-SMB2] 3.3.5.2.6.
func (r *request) decode(m smb2.Message) error { return smb2.Decode(r.message, m) }

// checkCharge verifies that a payload, or a reply, of n bytes is within the
// connection's limits and that the request paid for it. [MS-SMB2] 3.3.5.2.5,
// 3.1.5.2.
func (r *request) checkCharge(n uint32) error {
	if n > r.conn.negotiated.Load().maxTransfer || int(n) > r.creditCharge()*creditSize {
		return ntstatus.InvalidParameter
	}
	return nil
}
