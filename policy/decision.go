package policy

import "fmt"

// Identity is what a sign-in found its user to be.
type Identity uint8

// Identities. Guest and Anonymous share no key with the server that could sign
// anything.
const (
	User Identity = iota + 1
	Guest
	Anonymous
)

func (i Identity) String() string {
	switch i {
	case User:
		return "user"
	case Guest:
		return "guest"
	case Anonymous:
		return "anonymous"
	}
	return fmt.Sprintf("identity %d", uint8(i))
}

// Situation is all that a decision depends on. The zero value of what a side
// demands demands nothing.
type Situation struct {
	Client ClientDemands
	Server ServerDemands
	Share  ShareDemands
	Rules  RuleDemands

	Identity   Identity
	Dialect    Dialect
	CanSign    bool // the client signs when signing is required
	CanEncrypt bool // a cipher was, or would be, agreed on
}

// ClientDemands are what the client insists on.
type ClientDemands struct {
	RequireSigning    bool // client.RequireSecuritySignature, or the REQUIRED bit that it sends
	RequireEncryption bool // client.RequireEncryption
	AllowGuest        bool // client.EnableInsecureGuestLogons
}

// ServerDemands are what the server insists on.
type ServerDemands struct {
	RequireSigning    bool // server.RequireSecuritySignature
	EncryptData       bool // server.EncryptData
	RejectUnencrypted bool // server.RejectUnencryptedAccess
	AllowGuest        bool // server.EnableGuestAccess
}

// ShareDemands are what the share insists on beyond the server.
type ShareDemands struct {
	RequireSigning bool
	EncryptData    bool
}

// RuleDemands are what rules demand besides: those that are about sessions, and
// those that are about the share. [Snapshot.Judge] says what they are.
type RuleDemands struct {
	Session, Share RuleWords
}

// RuleWords are what rules say of both kinds of protection.
type RuleWords struct {
	Signing    Word
	Encryption Word
	// AskEncryption encrypts with who can, and refuses nobody. What is asked of
	// signing needs no place here: until its date it refuses nothing, and who
	// signs, signs.
	AskEncryption bool
}

// Outcome is how the messages of a session about a share travel.
type Outcome uint8

// Outcomes.
const (
	Plain   Outcome = iota + 1 // neither signed nor sealed, but for the few that always are
	Signed                     // every one signed, or else refused
	Sealed                     // every one encrypted, which signs it, too
	Refused                    // not at all
)

func (o Outcome) String() string {
	switch o {
	case Plain:
		return "plain"
	case Signed:
		return "signed"
	case Sealed:
		return "sealed"
	case Refused:
		return "refused"
	}
	return fmt.Sprintf("outcome %d", uint8(o))
}

// Side is an end of a connection.
type Side uint8

// Sides.
const (
	ServerSide Side = iota + 1
	ClientSide
)

// Status is an NTSTATUS, of the few with which something is refused.
// [MS-ERREF] 2.3.
type Status uint32

// Statuses.
const (
	StatusSuccess             Status = 0
	StatusAccessDenied        Status = 0xC0000022
	StatusLogonFailure        Status = 0xC000006D
	StatusConnectionReset     Status = 0xC000020D // the server closes the connection without a reply
	StatusGuestSigningBlocked Status = 0xC05D0003 // the client requires signing, and became a guest
	StatusGuestLogonBlocked   Status = 0x800704F8 // the client lets no guests through
)

func (s Status) String() string {
	switch s {
	case StatusSuccess:
		return "SUCCESS"
	case StatusAccessDenied:
		return "ACCESS_DENIED"
	case StatusLogonFailure:
		return "LOGON_FAILURE"
	case StatusConnectionReset:
		return "CONNECTION_RESET"
	case StatusGuestSigningBlocked:
		return "0xC05D0003"
	case StatusGuestLogonBlocked:
		return "SMB_GUEST_LOGON_BLOCKED"
	}
	return fmt.Sprintf("0x%08X", uint32(s))
}

// Decision is what follows from a situation.
type Decision struct {
	Outcome Outcome
	By      Side   // who refuses; 0 if nobody does
	Status  Status // with which it is refused
	Rule    string // the rule that decided, in one word or a few
	Reason  string // one sentence for people
	Section string // where the rule is from
}

// Decide says how the messages of a session travel. It is the only place that
// knows: the server, its tests, and what explains it to people ask here. Safe
// for concurrent use.
//
// The rules are asked in the order in which a connection meets them: the server
// at SESSION_SETUP, the client when it reads the reply, the share at
// TREE_CONNECT, then each request.
func Decide(s Situation) Decision {
	s = s.ruled()
	for i := range rows {
		if r := &rows[i]; r.applies(s) {
			return r.decision
		}
	}
	return everythingElse
}

// ruled returns s with what rules say made part of what the server and the
// share demand.
//
// A rule of sessions stands in the place of the server's property, for users:
// an exception frees nobody who has no key. A rule of a share adds to what the
// share demands itself, and an exception there is from other rules only, so
// there is nothing left to take away.
func (s Situation) ruled() Situation {
	session, share := s.Rules.Session, s.Rules.Share
	replace := func(property bool, w Word) bool {
		return w == Required || property && (w != NotRequired || s.Identity != User)
	}
	s.Server.RequireSigning = replace(s.Server.RequireSigning, session.Signing)
	s.Server.EncryptData = replace(s.Server.EncryptData, session.Encryption) || session.AskEncryption && s.canSeal()
	s.Share.RequireSigning = s.Share.RequireSigning || share.Signing == Required
	s.Share.EncryptData = s.Share.EncryptData || share.Encryption == Required || share.AskEncryption && s.canSeal()
	s.Rules = RuleDemands{}
	return s
}

// canSeal reports whether the session has cipher keys. [MS-SMB2] 3.3.5.5.3.
func (s Situation) canSeal() bool {
	return s.CanEncrypt && s.Identity == User && s.Dialect >= SMB300
}
