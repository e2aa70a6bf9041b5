package localuser

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
)

// Role is what an account may do in the administration.
type Role string

// The roles, each with all that the one before it has.
const (
	NoRole        Role = ""
	Viewer        Role = "viewer"   // sees
	Operator      Role = "operator" // and ends sessions
	Administrator Role = "admin"    // and changes
)

func checkRole(r Role) error {
	switch r {
	case NoRole, Viewer, Operator, Administrator:
		return nil
	}
	return fmt.Errorf("%w %q: viewer, operator or admin", ErrRole, string(r))
}

// iterations is how much work a guess at a password is, by the count of
// PBKDF2 with HMAC-SHA-256 (RFC 8018 5.2).
const iterations = 600_000

// verifier is what a password is verified by where NTLM is not spoken: it is
// slow to guess at, which an NT hash is not.
type verifier struct {
	rounds uint32
	salt   [16]byte
	key    [sha256.Size]byte
}

// newDecoy returns a verifier that no password fits.
func newDecoy(rounds uint32) verifier {
	v := verifier{rounds: rounds}
	rand.Read(v.salt[:])
	rand.Read(v.key[:])
	return v
}

// verifierFor returns a new verifier of a password; nil for an account without
// role.
func (s *Store) verifierFor(r Role, password string) (*verifier, error) {
	if r == NoRole {
		return nil, nil
	}
	v := &verifier{rounds: s.decoy.rounds}
	rand.Read(v.salt[:])
	key, err := v.derive(password)
	copy(v.key[:], key)
	return v, err
}

func (v *verifier) derive(password string) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, v.salt[:], int(v.rounds), sha256.Size)
}

// fits reports whether it is of this password, in a time that does not depend
// on how near it is.
func (v *verifier) fits(password string) (bool, error) {
	key, err := v.derive(password)
	return err == nil && subtle.ConstantTimeCompare(key, v.key[:]) == 1, err
}

// verifierSize is the length of a verifier as it is sealed.
const verifierSize = 4 + 16 + sha256.Size

// verifierData is what a sealed verifier belongs to.
func verifierData(folded string, rid uint32) []byte {
	return fmt.Appendf(nil, "verifier %d %s", rid, folded)
}

// sealVerifier seals v; nil stays nil.
func (s sealer) sealVerifier(v *verifier, folded string, rid uint32) []byte {
	if v == nil {
		return nil
	}
	plain := binary.BigEndian.AppendUint32(nil, v.rounds)
	plain = append(append(plain, v.salt[:]...), v.key[:]...)
	return s.aead.Seal(nil, nil, plain, verifierData(folded, rid))
}

func (s sealer) openVerifier(sealed []byte, folded string, rid uint32) (v verifier, err error) {
	plain, err := s.aead.Open(nil, nil, sealed, verifierData(folded, rid))
	if err != nil || len(plain) != verifierSize {
		return v, errAltered
	}
	v.rounds = binary.BigEndian.Uint32(plain)
	copy(v.salt[:], plain[4:])
	copy(v.key[:], plain[4+len(v.salt):])
	return v, nil
}

// NoAdministratorError says why a password was not taken. Whoever tried is told
// no more than that it was not.
type NoAdministratorError struct {
	Reason string
}

func (e *NoAdministratorError) Error() string { return e.Reason }

// VerifyPassword returns the account of that name if it has a role in the
// administration, may sign in, and password is its own. Otherwise the error is
// a *[NoAdministratorError], after the same work: a name that nobody has, or
// that has no role, is compared with a decoy.
func (s *Store) VerifyPassword(ctx context.Context, name, password string) (Account, error) {
	r, err := s.record(ctx, name)
	if err != nil {
		return Account{}, err
	}
	v := s.decoy
	if r.verifier != nil {
		if v, err = s.seal.openVerifier(r.verifier, r.folded, r.SID.RID()); err != nil {
			return Account{}, fmt.Errorf("account %q: %w", name, err)
		}
	}
	fits, err := v.fits(password)
	switch {
	case err != nil:
		return Account{}, err
	case r.folded == "":
		return Account{}, &NoAdministratorError{"no such account"}
	case r.Role == NoRole:
		return Account{}, &NoAdministratorError{"the account has no role"}
	case r.verifier == nil:
		return Account{}, &NoAdministratorError{"the password is older than the account's role: signet user passwd sets another"}
	case !fits:
		return Account{}, &NoAdministratorError{"wrong password"}
	case r.Disabled:
		return Account{}, &NoAdministratorError{"the account is disabled"}
	}
	return r.Account, nil
}
