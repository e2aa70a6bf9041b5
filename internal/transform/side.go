package transform

import "github.com/signet-smb/signet/internal/smb2"

// Suite is what NEGOTIATE has settled about keys and messages.
type Suite struct {
	Dialect   smb2.Dialect
	Algorithm smb2.SigningAlgorithm
	Cipher    smb2.Cipher // CipherNone: nothing can be sealed
}

// Side is what one end of a session works with: it signs and verifies, seals
// and opens. Immutable but for the Sealer's counter; safe for concurrent use.
type Side struct {
	Keys   *Keys
	Signer *Signer
	Sealer *Sealer // nil without a cipher
	Opener *Opener // nil without a cipher
}

// NewSide derives the keys of a session and makes role's side of it.
// sessionKey is the key of the GSS context in full length, which is not kept;
// preauth counts in dialect 3.1.1 only. It fails if the cryptographic library
// refuses an algorithm.
func NewSide(role Role, s Suite, id smb2.SessionID, sessionKey []byte, preauth PreauthHash) (*Side, error) {
	k := DeriveKeys(s.Dialect, s.Cipher, sessionKey, preauth)
	side := &Side{Keys: k}
	var err error
	if side.Signer, err = NewSigner(s.Algorithm, k.Signing[:]); err != nil {
		return nil, err
	}
	if s.Cipher == smb2.CipherNone {
		return side, nil
	}
	out, in := k.ClientToServer, k.ServerToClient
	if role == Server {
		out, in = in, out
	}
	if side.Sealer, err = NewSealer(s.Cipher, out, id); err != nil {
		return nil, err
	}
	if side.Opener, err = NewOpener(s.Cipher, in); err != nil {
		return nil, err
	}
	return side, nil
}
