package spnego

import (
	"errors"

	"github.com/signet-smb/signet/auth"
)

// Signer is what the acceptor or initiator of a mechanism must also be for its
// mechanism to be one that is not the client's first choice.
type Signer interface {
	// GetMIC signs message for the peer.
	GetMIC(message []byte) ([]byte, error)
	// VerifyMIC tells why mic is not the peer's signature of message, or nil.
	VerifyMIC(message, mic []byte) error
}

// errNoProtection tells that a mechanism cannot protect messages.
var errNoProtection = errors.New("spnego: the mechanism protects no messages")

// protectionOf is that of a mechanism's side of an exchange that is done.
func protectionOf(context any, done, sealing bool) (auth.Protection, error) {
	p, ok := context.(auth.Protector)
	if !ok || !done {
		return nil, errNoProtection
	}
	return p.Protection(sealing)
}

// Mechanism is one row of the server's table.
type Mechanism struct {
	OID         OID
	Name        string
	NewAcceptor func() auth.Acceptor
	// IsRaw recognises the mechanism's first token where a client sends it
	// without SPNEGO around it; nil if that is not allowed.
	IsRaw func(token []byte) bool
}

// Server is the accepting side. It is not changed after the first exchange and
// then safe for concurrent use.
type Server struct {
	// Mechanisms are what is accepted, best first. A client's order goes
	// before this one. Kerberos stands here twice, once for each identifier.
	Mechanisms []Mechanism
}

// hintName is what Windows sends instead of the hint that once stood there.
// [MS-SPNG] 2.2.1.
const hintName = "not_defined_in_RFC4178@please_ignore"

// InitialToken is the NegTokenInit2 that tells a client, before it has sent
// anything, which mechanisms there are: the SecurityBuffer of the SMB2
// NEGOTIATE response. [MS-SPNG] 3.2.5.2.
func (s *Server) InitialToken() []byte {
	m := negTokenInit{HintName: hintName}
	for _, mech := range s.Mechanisms {
		m.MechTypes = append(m.MechTypes, mech.OID)
	}
	token, err := m.encode()
	if err != nil {
		panic("spnego: mechanism table: " + err.Error()) // too long for DER: no table of ours
	}
	return token
}

// NewAcceptor begins an exchange.
func (s *Server) NewAcceptor() auth.Acceptor { return &acceptor{server: s} }

// find returns the row of o, or nil.
func (s *Server) find(o OID) *Mechanism {
	for i := range s.Mechanisms {
		if s.Mechanisms[i].OID == o {
			return &s.Mechanisms[i]
		}
	}
	return nil
}
