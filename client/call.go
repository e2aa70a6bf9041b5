package client

import (
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
)

// request is one element of a message to send.
type request struct {
	message smb2.Message
	session *session    // nil in a NEGOTIATE
	tree    smb2.TreeID // 0 outside shares
	protect protection
	related bool // to the element before, whose session, tree and open it uses
	binding bool // it makes a further channel of session
	dfs     bool // its name is a path of a DFS namespace
	replay  bool // it may have been sent before; dialects 3.x

	// orphan takes the answer if nobody waits for it any more: whoever has
	// given up a CREATE must still close what it opened. It runs on the read
	// loop and must not wait. nil: the answer is dropped.
	orphan func(reply)
}

// protection is how a request travels, and so how its answer must: what the
// session's state demanded when the request was made.
type protection struct {
	sign bool
	seal bool
}

// call is a request that waits for its answer: an element of the ADM's
// Connection.OutstandingRequests. [MS-SMB2] 3.2.1.7.
type call struct {
	session *session
	command smb2.Command
	id      smb2.MessageID
	protect protection
	renews  bool // a SESSION_SETUP in a session that has a key
	ask     int  // credits that it requested
	orphan  func(reply)

	// Guarded by connection.mu.
	sent      time.Time // when its last byte was written; zero: not yet
	asyncID   smb2.AsyncID
	pending   bool     // an interim response has come
	message   *message // which carries it with others; nil: it is alone
	abandoned bool     // nobody waits

	// Set before answered is closed, and not changed afterwards.
	answered chan struct{}
	reply    reply
	err      error
}

// reply is the answer to one request. Its bytes are lent: whoever has it
// releases it once.
type reply struct {
	conn    *connection // by which it came
	header  smb2.Header
	message []byte // header and body; dies with buf
	buf     *bufpool.Buf

	// unverified says that the answer is an error that carries no proof: a
	// failure like others, and never more.
	unverified bool
}

// release gives the answer's bytes back.
func (r *reply) release() {
	if r.buf != nil {
		r.buf.Release()
		r.buf = nil
	}
}
