package server

import (
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
)

// Sightings are told what sessions show of their clients: at sign-in, at each
// tree connect, and when a signature is wrong or missing. Saw is called from
// many goroutines and must return at once, without calling the server.
type Sightings interface {
	Saw(s history.Sighting)
}

// sawSignIn tells what a client says of itself. mode are its SecurityMode bits.
func (c *connection) sawSignIn(id *auth.Identity, n *negotiated, mode smb2.SecurityMode) {
	c.saw(id, history.Sighting{
		Advertised: mode&(smb2.SigningEnabled|smb2.SigningRequired) != 0,
		Encrypts:   n.cipher != smb2.CipherNone,
	})
}

// sawTreeConnect tells how a tree connect came, and to which share: no request
// on the way of files is looked at, and a client that has signed one can sign.
func (a *authenticated) sawTreeConnect(who *auth.Identity, t *treeConnect) {
	seen := history.Sighting{Proof: history.Connected}
	switch a.proof() {
	case signedProof:
		seen.Proof = history.Signed
	case sealedProof:
		seen.Proof = history.Sealed
	}
	if !t.isPipe() {
		seen.Share = t.share.Name
	}
	if seen.Share != "" || seen.Proof != history.Connected {
		a.conn.saw(who, seen)
	}
}

// sawFailure tells that a request of the session was refused for its signature,
// if kind says so.
func (c *connection) sawFailure(ss *session, kind *event.Kind) {
	if who := ss.who(); who != nil && (kind == event.BadSignature || kind == event.UnsignedRefused) {
		c.saw(who, history.Sighting{Proof: history.Failed})
	}
}

// saw tells of c's client, who has signed in as id.
func (c *connection) saw(id *auth.Identity, s history.Sighting) {
	n := c.negotiated.Load()
	if c.server.sightings == nil || n == nil {
		return
	}
	s.Device, s.Name, s.Account = c.address, id.Workstation, id.Account
	s.Identity, s.Dialect = identities[id.Kind], policy.Dialect(n.dialect)
	c.server.sightings.Saw(s)
}
