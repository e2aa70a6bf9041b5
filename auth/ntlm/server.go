package ntlm

import (
	"context"
	"crypto/rand"
	"io"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
)

// Account is what NTLM needs to know of a user.
type Account struct {
	Name     string // as stored
	SID      dtyp.SID
	NTHash   NTHash
	Disabled bool
}

// Accounts finds accounts. Safe for concurrent use.
type Accounts interface {
	// NTHash finds the account that name, which has no domain in it, means
	// without regard to case. A name that no account has is an error that
	// wraps fs.ErrNotExist, and takes no less work to tell than a name that
	// one has; any other error ends the exchange with InternalError.
	NTHash(ctx context.Context, name string) (Account, error)
}

// Server is the accepting side of NTLM: what every exchange needs to know. Its
// fields are set before the first exchange and not changed afterwards; then it
// is safe for concurrent use.
type Server struct {
	// NetBIOSName is the server's name: at most 15 characters, in upper case.
	NetBIOSName string
	// NetBIOSDomain is the workgroup or domain; empty means NetBIOSName, as
	// with Windows outside a domain.
	NetBIOSDomain string
	// DNSName is the server's full name; may be empty.
	DNSName string
	// DNSDomain is the domain's full name; may be empty.
	DNSDomain string

	Accounts Accounts
	// Guests tells whether a name without an account is let in as a guest, who
	// has proved nothing and has no key. nil means no.
	Guests func() bool
	Now    func() time.Time // nil means time.Now
	Rand   io.Reader        // nil means crypto/rand

	issued challenges
}

// NewAcceptor begins an exchange. What it returns also has the methods GetMIC
// and VerifyMIC, which package spnego asks for.
func (s *Server) NewAcceptor() auth.Acceptor { return &acceptor{server: s} }

func (s *Server) now() dtyp.FileTime {
	if s.Now == nil {
		return dtyp.FileTimeOf(time.Now())
	}
	return dtyp.FileTimeOf(s.Now())
}

func (s *Server) random(b []byte) error {
	r := s.Rand
	if r == nil {
		r = rand.Reader
	}
	_, err := io.ReadFull(r, b)
	return err
}

// targetInfo describes the server to the client, in the order of Windows.
func (s *Server) targetInfo() avPairs {
	domain := s.NetBIOSDomain
	if domain == "" {
		domain = s.NetBIOSName
	}
	list := avPairs{}.
		setText(avNbDomainName, domain).
		setText(avNbComputerName, s.NetBIOSName)
	if s.DNSDomain != "" {
		list = list.setText(avDNSDomainName, s.DNSDomain)
	}
	if s.DNSName != "" {
		list = list.setText(avDNSComputerName, s.DNSName)
	}
	return list
}
