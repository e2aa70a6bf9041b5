package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

const (
	// pipeAccess is all that an open of a pipe is granted.
	pipeAccess = dtyp.FileGenericRead | dtyp.FileGenericWrite
	// pipeQuota is what a pipe holds in each direction, in bytes, as far as it
	// is told: one fragment of an RPC.
	pipeQuota = rpc.MaxWrite
)

// pipe is the client's end of a named pipe of message type; the other end is
// an RPC connection. Safe for concurrent use.
//
// A message from the client is taken whole, and its calls have run when write
// returns. So there is one queue only, that of the answers.
type pipe struct {
	name    string
	granted dtyp.AccessMask
	session *session // counts pipes and what they hold

	mu          sync.Mutex // held while calls run
	conn        *rpc.Conn
	caller      *rpc.Caller    // the session's user
	writer      *authenticated // whose request is being taken
	unprotected bool           // something was written that was neither signed nor sealed
	head        []byte         // what is left of the message that is being read
	held        int            // bytes that are counted for it
	ended       bool           // the client has closed it
	arrived     chan struct{}  // closed when there is something to tell to those who wait; nil: nobody does
	readMode    fscc.PipeReadMode
	completion  fscc.PipeCompletionMode
}

// pipeEndpoints are the pipes on offer, by name in lower case. Immutable.
type pipeEndpoints map[string]*rpc.Endpoint

// pipeName is the key of a pipe's name as administrators write it: in any case,
// and also with the prefix that names have on a Windows machine.
func pipeName(name string) string {
	name = strings.ToLower(strings.TrimPrefix(name, `\`))
	return strings.TrimPrefix(name, `pipe\`)
}

// open opens a new instance of the pipe called name for a's session.
func (p pipeEndpoints) open(a *authenticated, name string, desired dtyp.AccessMask) (*pipe, error) {
	ss := a.session
	key := strings.ToLower(name) // nothing is taken off its front
	e := p[key]
	if e == nil {
		return nil, ntstatus.ObjectNameNotFound
	}
	if who := ss.who(); who.Kind == auth.Anonymous && !slices.ContainsFunc(policy.Get(a.tree.policy, policy.NullSessionPipes), func(allowed string) bool {
		return pipeName(allowed) == key
	}) {
		return nil, ntstatus.AccessDenied
	}
	granted := desired.MapGeneric()
	if granted&dtyp.MaximumAllowed != 0 {
		granted = granted&^dtyp.MaximumAllowed | pipeAccess
	}
	if granted == 0 || granted&^pipeAccess != 0 {
		return nil, ntstatus.AccessDenied
	}
	if ss.pipes.Add(1) > int32(policy.Get(a.conn.policy, policy.MaxPipesPerSession)) {
		ss.pipes.Add(-1)
		a.conn.server.count(LimitOpens)
		return nil, ntstatus.PipeNotAvailable
	}
	opened := &pipe{name: key, granted: granted, session: ss, readMode: fscc.PipeMessageMode}
	opened.conn = opened.connect(a, e)
	return opened, nil
}

// Name implements object.
func (p *pipe) Name() string { return p.name }

// GrantedAccess implements object.
func (p *pipe) GrantedAccess() dtyp.AccessMask { return p.granted }

// Close implements object.
func (p *pipe) Close(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.count()
	p.session.pipes.Add(-1)
	return nil
}

// count counts what p holds for its session and the server: the parts of a
// call, and answers that were not read. It needs mu.
func (p *pipe) count() {
	n := 0
	if !p.ended {
		n = p.conn.Held() + len(p.head)
	}
	p.session.pipeBytes.Add(int64(n - p.held))
	p.session.server.memory.held.Add(int64(n - p.held))
	p.held = n
}

// write takes one message from the client. It returns when the calls that it
// completes have run. PipeDisconnected: the server has ended the conversation;
// PipeBusy: too much waits to be read. InsufficientResources: the session's
// pipes hold too much.
//
// Deviation: NPFS lets a client wait until what it did not read makes room.
// No client writes on without reading.
func (p *pipe) write(a *authenticated, message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writeLocked(a, message)
}

// writeLocked is write for who holds mu.
func (p *pipe) writeLocked(a *authenticated, message []byte) error {
	if p.session.pipeBytes.Load()+int64(len(message)) > pipeMemory {
		return ntstatus.InsufficientResources
	}
	defer p.count()
	p.writer = a
	p.unprotected = p.unprotected || a.proof() == noProof
	switch err := p.conn.Write(a.ctx, message); {
	case errors.Is(err, rpc.ErrClosed):
		return ntstatus.PipeDisconnected
	case errors.Is(err, rpc.ErrBusy):
		return ntstatus.PipeBusy
	case err != nil:
		return ntstatus.InvalidParameter // too long
	}
	if p.arrived != nil && (p.fill() || p.conn.Closed()) {
		close(p.arrived)
		p.arrived = nil
	}
	return nil
}

// fill puts the next message into head, if that is empty, and reports whether
// there is anything to read. It needs mu.
func (p *pipe) fill() bool {
	if len(p.head) == 0 {
		p.head = p.conn.Read()
	}
	return len(p.head) > 0
}

// read takes up to n bytes of what waits for the client: in message mode of
// one message, with BufferOverflow if some of it is left. With nothing to read
// it returns a channel to wait on, after which read is to be called again; or
// if the client does not want to wait, PipeEmpty; if nothing will ever come,
// PipeDisconnected.
func (p *pipe) read(n int) (data []byte, wait <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.readLocked(n)
}

// transceive writes a message and reads the answer as read does. Only messages
// can be paired so, and only when no other answer waits: InvalidPipeState,
// PipeBusy. [MS-FSCC] 2.3.48.
func (p *pipe) transceive(a *authenticated, message []byte, n int) (data []byte, wait <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.readMode != fscc.PipeMessageMode:
		return nil, nil, ntstatus.InvalidPipeState
	case p.fill():
		return nil, nil, ntstatus.PipeBusy
	}
	if err := p.writeLocked(a, message); err != nil {
		return nil, nil, err
	}
	return p.readLocked(n)
}

// readLocked is read for who holds mu.
func (p *pipe) readLocked(n int) (data []byte, wait <-chan struct{}, err error) {
	defer p.count()
	switch {
	case p.fill():
	case p.conn.Closed():
		return nil, nil, ntstatus.PipeDisconnected
	case p.completion == fscc.PipeCompleteOperation:
		return nil, nil, ntstatus.PipeEmpty
	default:
		if p.arrived == nil {
			p.arrived = make(chan struct{})
		}
		return nil, p.arrived, nil
	}
	data = make([]byte, 0, min(n, len(p.head)))
	for {
		part := min(n-len(data), len(p.head))
		data = append(data, p.head[:part]...)
		p.head = p.head[part:]
		if p.readMode == fscc.PipeMessageMode {
			if len(p.head) > 0 {
				err = ntstatus.BufferOverflow
			}
			return data, nil, err
		}
		if len(data) == n || !p.fill() {
			return data, nil, nil
		}
	}
}

// peeked is what peek sees.
type peeked struct {
	state     fscc.PipeState
	available int    // bytes of all messages
	messages  int    // how many
	head      []byte // the first one, or what is left of it
}

// peek looks at what waits for the client and leaves it there.
func (p *pipe) peek() peeked {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := peeked{state: fscc.PipeConnected}
	if p.fill() {
		v.messages, v.available = p.conn.Unread()
		v.messages++
		v.available += len(p.head)
		v.head = p.head
	}
	if p.conn.Closed() {
		if v.state = fscc.PipeClosing; v.available == 0 {
			v.state = fscc.PipeDisconnected
		}
	}
	return v
}

// modes returns how the client reads and whether it waits.
func (p *pipe) modes() fscc.PipeInformation {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fscc.PipeInformation{ReadMode: p.readMode, CompletionMode: p.completion}
}

// setModes changes them. There is no way back from a stream of bytes.
// [MS-FSCC] 2.4.37.
func (p *pipe) setModes(to *fscc.PipeInformation) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if to.ReadMode > fscc.PipeMessageMode || to.CompletionMode > fscc.PipeCompleteOperation || to.ReadMode > p.readMode {
		return ntstatus.InvalidParameter
	}
	p.readMode, p.completion = to.ReadMode, to.CompletionMode
	return nil
}
