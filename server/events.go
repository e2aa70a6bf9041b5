package server

import (
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// EventSink is told what an administrator may want to know of. Record is
// called from many goroutines and must return at once, without calling the
// server. What it is told it also writes to the log: the server writes a line
// about a refusal only where there is no sink.
type EventSink interface {
	Record(e event.Event)
}

// raise tells of an event about c's client. It reports false if nobody listens.
func (c *connection) raise(e event.Event) bool {
	if c.server.events == nil {
		return false
	}
	e.Client = c.remote
	if n := c.negotiated.Load(); n != nil {
		e.Dialect = n.dialect.String()
	}
	c.server.events.Record(e)
	return true
}

// told wraps a [Disconnect] of which an event tells: the log needs no line.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// because wraps a [Disconnect] that is not for a breach of the protocol.
type because struct {
	error
	why Refusal
}

func (b because) Unwrap() error { return b.error }

// refusalOf is why the server closes a connection with a [Disconnect].
func refusalOf(cause error) Refusal {
	if b, ok := errors.AsType[because](cause); ok {
		return b.why
	}
	return RefusedProtocol
}

// refusals are what kinds of events are counted as.
var refusals = map[*event.Kind]Refusal{
	event.BadSignature: RefusedSignature, event.CannotDecrypt: RefusedDecryption, event.UnsignedRefused: RefusedUnsigned,
	event.UnencryptedRefused: RefusedEncryption, event.NegotiateValidationFailed: RefusedNegotiation, event.SMB1Refused: RefusedSMB1,
	event.AuthenticationFailed: RefusedSignIn, event.ShareAccessDenied: RefusedShare, event.AdministrationRefused: RefusedRole,
}

// raiseAnd tells by an event why d ends the connection, if anybody listens.
func (c *connection) raiseAnd(e event.Event, d *Disconnect) error {
	err := because{d, refusals[e.Kind]}
	if c.raise(e) {
		return told{err}
	}
	return err
}

// event is one about the session.
func (ss *session) event(kind *event.Kind) event.Event {
	e := event.Event{Kind: kind, SessionID: uint64(ss.id)}
	if who := ss.who(); who != nil {
		e.User, e.Domain, e.ClientName = who.Account, who.Domain, who.Workstation
	}
	return e
}

// refused tells that r was refused, by an event or else in the log.
func (r *request) refused(kind *event.Kind, status ntstatus.Status, why error) {
	r.conn.server.count(refusals[kind])
	ss := r.conn.server.session(r.sessionID)
	if ss != nil {
		r.conn.sawFailure(ss, kind)
	}
	if r.conn.server.events == nil {
		r.log(why)
		return
	}
	e := event.Event{Kind: kind, SessionID: uint64(r.sessionID)}
	if ss != nil {
		e = ss.event(kind)
	}
	e.TreeID, e.MessageID = uint32(r.treeID), uint64(r.header.MessageID)
	e.Command, e.Status = r.header.Command.String(), status.String()
	r.conn.raise(e)
}

// refusedAtShare tells that the session's user was refused at a share, by an
// event or else in the log.
func (a *authenticated) refusedAtShare(kind *event.Kind, share string, reason error) {
	a.conn.server.count(refusals[kind])
	e := a.session.event(kind)
	e.Share, e.Status, e.Reason = share, ntstatus.AccessDenied.String(), reason.Error()
	if !a.conn.raise(e) {
		a.conn.warn("tree connect refused", "share", share, "user", e.User, "err", reason)
	}
}

// kindOf is the kind of event of a refusal for a reason: otherwise, unless
// Windows has one of its own.
func kindOf(reason error, otherwise *event.Kind) *event.Kind {
	if cannotEncrypt(reason) {
		return event.UnencryptedRefused
	}
	return otherwise
}

// refusedSignIn tells that a sign-in was refused with err, by an event or else in
// the log. A connection that is gone has not been refused.
func (a *authenticated) refusedSignIn(ss *session, err error) {
	if a.conn.server.events == nil || a.ctx.Err() != nil {
		a.conn.inform("logon refused", "session", ss.id.String(), "err", err)
		return
	}
	a.conn.raise(refusedIdentity(ss, err))
}

// refusedIdentity is the event of a sign-in that was refused with err.
func refusedIdentity(ss *session, err error) event.Event {
	e := event.Event{
		Kind: kindOf(err, event.AuthenticationFailed), SessionID: uint64(ss.id),
		Status: ntstatus.FromError(err).String(), Reason: err.Error(),
	}
	if f, ok := errors.AsType[*auth.Failure](err); ok {
		e.User, e.Domain, e.ClientName, e.Reason = f.Account, f.Domain, f.Workstation, f.Reason
		if f.Err != nil {
			e.Reason += ": " + f.Err.Error()
		}
	}
	return e
}

// auditSignIn raises what the Audit properties ask for of who has signed in. It
// tells what clients say of themselves, as Windows does. mode is the client's.
func (a *authenticated) auditSignIn(ss *session, id *auth.Identity, n *negotiated, mode smb2.SecurityMode) {
	if a.conn.server.events == nil {
		return
	}
	if id.Kind == auth.Guest && policy.Get(ss.policy, policy.AuditInsecureGuestLogon) {
		a.conn.raise(ss.event(event.GuestLogon))
	}
	if mode&(smb2.SigningEnabled|smb2.SigningRequired) == 0 && policy.Get(ss.policy, policy.AuditClientDoesNotSupportSigning) {
		e := ss.event(event.ClientDoesNotSupportSigning)
		e.SigningRequired = new(n.securityMode&smb2.SigningRequired != 0)
		a.conn.raise(e)
	}
	offered := len(policy.Get(ss.policy, policy.EncryptionCiphers)) > 0
	if n.cipher == smb2.CipherNone && offered && policy.Get(ss.policy, policy.AuditClientDoesNotSupportEncryption) {
		a.conn.raise(ss.event(event.ClientDoesNotSupportEncryption))
	}
	if id.Kind != auth.User || !policy.Get(ss.policy, policy.AuditClientSpnSupport) {
		return
	}
	if kind := a.conn.judgeTarget(id); kind != nil {
		e := ss.event(kind)
		e.SPN = id.TargetName
		a.conn.raise(e)
	}
}

// judgeTarget returns what is wrong with the service that a client meant to
// reach; nil if that is this server.
func (c *connection) judgeTarget(id *auth.Identity) *event.Kind {
	switch {
	case !id.HasTarget:
		return event.ClientSentNoSPN
	case id.TargetName == "":
		return event.ClientSentEmptySPN
	case !c.isTarget(id.TargetName):
		return event.ClientSentUnknownSPN
	}
	return nil
}

// isTarget reports whether an SPN is one of the server's, by the names it knows
// or by the address that the client came to.
func (c *connection) isTarget(spn string) bool {
	class, host, ok := strings.Cut(spn, "/")
	if !ok || !strings.EqualFold(class, "cifs") && !strings.EqualFold(class, "host") {
		return false
	}
	host, _, _ = strings.Cut(host, "/") // a service name behind the host's
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return c.server.isOwnName(host, c.server.policy(), c.nc.LocalAddr())
}

// auditSMB1 tells of a client whose SMB1 NEGOTIATE, msg, offers nothing newer, and
// returns err, which refuses it.
func (c *connection) auditSMB1(msg []byte, offered []string, err error) error {
	if slices.Contains(offered, smb2.SMB1Dialect202) || slices.Contains(offered, smb2.SMB1DialectWildcard) {
		return because{err, RefusedDialect}
	}
	err = because{err, RefusedSMB1}
	if c.server.events == nil {
		return err
	}
	c.raise(event.Event{Kind: event.SMB1Refused})
	if policy.Get(c.policy, policy.AuditSmb1Access) {
		c.raise(event.Event{Kind: event.SMB1Access})
	}
	if !smb2.SMB1Signs(msg) && policy.Get(c.policy, policy.AuditClientDoesNotSupportSigning) {
		c.raise(event.Event{Kind: event.SMB1ClientDoesNotSign})
	}
	return told{err}
}
