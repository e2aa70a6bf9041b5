package server

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// session is the ADM's Session. [MS-SMB2] 3.3.1.8. It is in the tables while
// it is being authenticated, but has no security until it is valid.
type session struct {
	server     *Server
	id         smb2.SessionID
	negotiated *negotiated      // of the connection that it began on
	policy     *policy.Snapshot // taken when its authentication began
	client     clientAddr       // for whom sessionQuota counts it
	pipes      atomic.Int32     // how many of its opens are pipes
	pipeBytes  atomic.Int64     // what they hold
	numOpens   atomic.Int32     // its opens, those being opened or closed included
	created    time.Time        // CreationTime
	lastUsed   atomic.Int64     // IdleTime: nanoseconds from created to the last authentic request

	renewing sync.Mutex // one change of identity at a time

	mu         sync.RWMutex
	connection *connection                      // Session.Connection: the one it began on; when that is gone, another channel's
	identity   *auth.Identity                   // replaced as one value by re-authentication
	primary    *sessionSecurity                 // Session.SigningKey and the cipher keys; nil until the session is valid
	channels   map[*connection]*sessionSecurity // ChannelList; empty until the session is valid
	idle       *time.Timer                      // ends a session that nobody uses; nil: not watched
	demanded   bool                             // Session.SigningRequired; a channel, or another user, may set it, nothing clears it
	signFrom   moment                           // from when on demanded counts as set
	byServer   bool                             // the server demanded it, too
	byClient   bool                             // on some channel the client has asked for that
	closed     bool
	trees      map[smb2.TreeID]*treeConnect // TreeConnectTable
	lastTree   smb2.TreeID
	connecting int              // tree connects that reserveTree has promised room
	opens      map[uint64]*open // OpenTable, by FileId.Volatile
}

// sessionSecurity is all that verification and protection of a message on one
// channel need: the ADM's Channel and the parts of Session that go with it.
// Immutable: a request is judged and answered under one value, whatever
// happens to the session meanwhile. Each channel signs with a key of its own;
// all share one opener and one sealer, which counts the nonces of its key.
type sessionSecurity struct {
	kind            auth.Kind
	keys            *transform.Keys
	signer          *transform.Signer // Channel.SigningKey; nil: the session has no key
	signingRequired bool
	serverRequires  bool // signing; else only the client does
	clientRequires  bool // the client sent the REQUIRED bit, in NEGOTIATE or SESSION_SETUP
	encryptData     bool
	signFrom        moment            // from when on signing is required
	sealFrom        moment            // from when on what is not sealed is refused
	laxity          *laxity           // by which rule it is not yet; nil: by none
	opener          *transform.Opener // nil: nothing can be sealed
	sealer          *transform.Sealer
}

func newSession(c *connection) *session {
	return &session{
		server:     c.server,
		id:         c.server.ids.nextSession(),
		negotiated: c.negotiated.Load(),
		policy:     c.server.policy(),
		client:     c.client,
		created:    time.Now(),
		connection: c,
		channels:   make(map[*connection]*sessionSecurity),
		trees:      make(map[smb2.TreeID]*treeConnect),
		opens:      make(map[uint64]*open),
	}
}

// touch notes that the session is in use.
//
// Deviation: 3.3.5.2 counts whatever carries the SessionId, forged or not.
func (ss *session) touch() { ss.lastUsed.Store(int64(time.Since(ss.created))) }

// security returns what protects the session's messages on c; nil while the
// session is not valid, and for a connection that is no channel of it.
func (ss *session) security(c *connection) *sessionSecurity {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	return ss.channels[c]
}

// signingRequired is Session.SigningRequired.
func (ss *session) signingRequired() bool {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	return ss.demanded || ss.signFrom.hasCome()
}

// who returns the session's identity; nil until it is valid.
func (ss *session) who() *auth.Identity {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	return ss.identity
}

// makeValid publishes the outcome of the session's first authentication. It
// reports false if the session was closed meanwhile.
func (ss *session) makeValid(id *auth.Identity, sec *sessionSecurity) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.closed {
		return false
	}
	ss.identity = id
	ss.primary = sec
	ss.demanded, ss.signFrom = sec.signingRequired, sec.signFrom
	ss.byServer, ss.byClient = sec.serverRequires, sec.clientRequires
	ss.channels[ss.connection] = sec
	ss.watchIdleLocked()
	return true
}

// tree returns the tree connect with the given id, or nil.
func (ss *session) tree(id smb2.TreeID) *treeConnect {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	return ss.trees[id]
}

// treesOf returns the tree connects to v.
func (ss *session) treesOf(v *fsa.Volume) []*treeConnect {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	var trees []*treeConnect
	for _, t := range ss.trees {
		if t.share.volume == v {
			trees = append(trees, t)
		}
	}
	return trees
}

// addTree enters t under a new TreeId, which is neither 0 nor all ones, unless
// the session was closed, or given to another user, since t was made for who, or
// the share is in use as much as it may.
func (ss *session) addTree(t *treeConnect, who *auth.Identity) error {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	switch {
	case ss.closed:
		return ntstatus.UserSessionDeleted
	case !sameUser(ss.identity, who):
		return ntstatus.RequestNotAccepted
	case !t.share.use():
		return errShareInUse
	}
	for {
		ss.lastTree = ss.lastTree%0x7FFFFFFF + 1
		if ss.trees[ss.lastTree] == nil {
			break
		}
	}
	t.id = ss.lastTree
	ss.trees[t.id] = t
	return nil
}

// removeTree takes t out of TreeConnectTable and closes what was opened in
// it. [MS-SMB2] 3.3.5.8.
func (ss *session) removeTree(t *treeConnect) {
	ss.mu.Lock()
	if ss.trees[t.id] != nil {
		delete(ss.trees, t.id)
		t.share.disuse()
	}
	var opens []*open
	for _, o := range ss.opens {
		if o.tree.id == t.id {
			opens = append(opens, o)
			delete(ss.opens, o.id.Volatile)
		}
	}
	channels := slices.Collect(maps.Keys(ss.channels))
	ss.mu.Unlock()
	ss.cancelCreates(channels, t.id)
	ss.closeAll(opens)
}

// closeAll closes opens that left the table without a CLOSE, the first opened
// first, as Windows does: a lock that one of them waits for is granted if an
// earlier one held it. There is nobody to answer, so what fails is logged.
func (ss *session) closeAll(opens []*open) {
	slices.SortFunc(opens, func(a, b *open) int { return cmp.Compare(a.id.Volatile, b.id.Volatile) })
	for _, o := range opens {
		name := o.object.Name()
		if err := o.close(); err != nil {
			ss.server.log.Warn("close failed", "session", ss.id.String(), "share", o.tree.share.Name, "file", name, "err", err)
		}
	}
	ss.server.tellBreaks()
}

// addOpen enters o. It reports false if the session or its tree connect is
// gone; o then belongs to the caller still.
func (ss *session) addOpen(o *open) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.closed || ss.trees[o.tree.id] == nil {
		return false
	}
	ss.opens[o.id.Volatile] = o
	return true
}

// acquireOpen returns a counted reference to the open called id, or nil. The
// caller releases it.
func (ss *session) acquireOpen(id smb2.FileID) *open {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	o := ss.opens[id.Volatile]
	if o == nil || o.id != id {
		return nil
	}
	o.refs.Add(1)
	return o
}

// removeOpen takes o out of OpenTable and reports whether it was there.
func (ss *session) removeOpen(o *open) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.opens[o.id.Volatile] != o {
		return false
	}
	delete(ss.opens, o.id.Volatile)
	return true
}

// close ends the session on all its channels: it leaves every table, its opens
// are closed, which ends what waits for them, what was to be deleted on close
// is deleted, its keys are overwritten. It returns when all that is done.
// [MS-SMB2] 3.3.7.1.
func (ss *session) close() {
	ss.mu.Lock()
	finish := ss.closeLocked()
	ss.mu.Unlock()
	finish()
}

// closeLocked lets nobody begin anything with the session any more, and
// returns what is left to do without the lock. The caller holds ss.mu.
func (ss *session) closeLocked() (finish func()) {
	if ss.closed {
		return func() {}
	}
	ss.closed = true
	if ss.idle != nil {
		ss.idle.Stop()
	}
	connection, channels, opens := ss.connection, ss.channels, ss.opens
	for _, t := range ss.trees {
		t.share.disuse()
	}
	ss.channels, ss.opens, ss.trees = nil, nil, nil
	return func() {
		ss.server.removeSession(ss)
		ss.server.sessionQuota.giveBack(ss.client)
		connection.removeSession(ss)
		for c := range channels {
			c.removeSession(ss)
		}
		ss.cancelCreates(slices.Collect(maps.Keys(channels)), 0)
		ss.closeAll(slices.Collect(maps.Values(opens)))
		for _, sec := range channels {
			sec.wipe()
		}
	}
}

// wipe overwrites the keys of a channel that is gone.
func (sec *sessionSecurity) wipe() {
	if sec.keys != nil {
		sec.keys.Wipe()
	}
}

// info describes the session; false until it is valid.
func (ss *session) info() (SessionInfo, bool) {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	sec := ss.channels[ss.connection]
	if sec == nil {
		return SessionInfo{}, false
	}
	n := ss.connection.negotiated.Load()
	signed, sealed := ss.protectionLocked()
	demanded := ss.demanded || ss.signFrom.hasCome()
	info := SessionInfo{
		SessionID:          uint64(ss.id),
		NumChannels:        len(ss.channels),
		ClientComputerName: ss.connection.remote,
		ClientUserName:     ss.identity.Account,
		Dialect:            n.dialect.String(),
		Signed:             demanded || signed,
		Encrypted:          sec.encryptData || sealed,
		NumOpens:           len(ss.opens),
	}
	exists := time.Since(ss.created)
	info.SecondsExists = int64(exists.Seconds())
	info.SecondsIdle = int64(ss.idleFor().Seconds())
	if sec.signer != nil {
		info.SigningAlgorithm = n.signing.String()
	}
	if sec.opener != nil {
		info.Cipher = n.cipher.String()
	}
	switch {
	case demanded:
		info.SigningRequiredBy = requiredBy(ss.byServer || !ss.demanded, ss.byClient)
	case signed:
		info.SigningRequiredBy = "share"
	}
	return info, true
}

// remote is the address of the client, as Session.Connection has it.
func (ss *session) remote() string {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	return ss.connection.remote
}

// requiredBy names the ends that demanded signing.
func requiredBy(server, client bool) string {
	switch {
	case server && client:
		return "both"
	case server:
		return "server"
	default:
		return "client"
	}
}
