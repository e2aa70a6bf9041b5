package history

import (
	"net/netip"
	"strings"
	"time"

	"github.com/signet-smb/signet/policy"
)

// Proof is what a client did.
type Proof uint8

// Proofs. A client that did not sign where it had to has Failed, and one whose
// signature was wrong; one that only Connected to a share has proved nothing.
const (
	SignedIn Proof = iota
	Signed
	Sealed
	Failed
	Connected
)

// Sighting is what a session shows of its client, at one moment.
type Sighting struct {
	Device     netip.Addr
	Name       string // what the client calls its machine; ""
	Account    string // of a user; of others it counts for nothing
	Identity   policy.Identity
	Dialect    policy.Dialect
	Advertised bool // the client says that it can sign
	Encrypts   bool // a cipher was agreed on
	Proof      Proof
	Share      string // to which it has connected, as the server calls it; "": none
}

// Fact is all that is known of a device under an account. Names are the peer's
// own words: escape them before showing them.
type Fact struct {
	Device     netip.Addr
	Name       string
	Account    string
	Identity   policy.Identity
	Dialect    policy.Dialect // of the last session
	Advertised bool           // it once said that it can sign
	Encrypts   bool           // the last session had a cipher
	First      time.Time
	Last       time.Time
	Signed     time.Time // when it last signed; zero: never
	Sealed     time.Time // when it last encrypted; zero: never
	Failed     time.Time // when it last bore a wrong signature, or none where it had to; zero: never

	// Shares are those that it has connected to, and when it last did: the
	// last 32 of them. Not to be changed.
	Shares map[string]time.Time

	signedIn bool // Encrypts is told, not only left as it is
}

// maxName bounds what is kept of a peer's own words, in bytes, and maxShares of
// how many shares it is known that a device connects to them.
const (
	maxName   = 256
	maxShares = 32
)

// key tells facts apart.
type key struct {
	device   netip.Addr
	account  string // in lower case
	identity policy.Identity
}

// key is the fact that the sighting is about. Guests call themselves anything,
// so they are one.
func (s *Sighting) key() key {
	k := key{device: s.Device.Unmap().WithZone(""), identity: s.Identity}
	if s.Identity == policy.User {
		k.account = strings.ToLower(cut(s.Account))
	}
	return k
}

// cut is what is kept of a peer's words.
func cut(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	for len(text) > maxName {
		text = strings.ToValidUTF8(text[:maxName], "")
	}
	return text
}

// add makes the sighting, of a moment at, part of the fact. What is in f is
// older.
func (f *Fact) add(s *Sighting, at time.Time) {
	if f.First.IsZero() {
		f.First, f.Device, f.Identity = at, s.Device.Unmap().WithZone(""), s.Identity
	}
	f.Last = at
	if s.Identity == policy.User {
		f.Account = cut(s.Account)
	}
	if s.Name != "" {
		f.Name = cut(s.Name)
	}
	if s.Dialect != 0 {
		f.Dialect = s.Dialect
	}
	if s.Share != "" {
		f.connect(s.Share, at)
	}
	switch s.Proof {
	case SignedIn:
		f.Advertised = f.Advertised || s.Advertised
		f.Encrypts, f.signedIn = s.Encrypts, true
	case Signed:
		f.Signed = at
	case Sealed:
		f.Sealed = at
	case Failed:
		f.Failed = at
	}
}

// connect enters that f has connected to a share. Of more than there is room for
// the one goes that was not connected to for the longest.
func (f *Fact) connect(share string, at time.Time) {
	if f.Shares == nil {
		f.Shares = make(map[string]time.Time)
	}
	f.Shares[share] = later(f.Shares[share], at)
	if len(f.Shares) <= maxShares {
		return
	}
	oldest := share
	for name, last := range f.Shares {
		if c := last.Compare(f.Shares[oldest]); c < 0 || c == 0 && name < oldest {
			oldest = name
		}
	}
	delete(f.Shares, oldest)
}
