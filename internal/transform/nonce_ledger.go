package transform

import (
	"crypto/sha256"
	"sync"

	"github.com/signet-smb/signet/internal/invariants"
)

// keyID stands for a key, and the mode that it is used in, where the key
// itself may not be kept. Zero where nonces are not watched.
type keyID [16]byte

// Modes in which a nonce must not come twice under one key. GMAC is GCM
// without a plaintext: one nonce spent on both would be as bad as two on one.
const (
	modeGCM = "GCM"
	modeCCM = "CCM"
)

// watched returns the id of key in mode; zero without invariants.
func watched(mode string, key []byte) (id keyID) {
	if invariants.Enabled {
		sum := sha256.Sum256(append([]byte(mode), key...))
		copy(id[:], sum[:])
	}
	return id
}

// nonceLedger writes down every nonce that any key of the process was used
// with. It panics when one comes again: two messages under one nonce give the
// authentication key of GCM and GMAC away, and the XOR of two plaintexts. Used
// in builds with invariants alone. Safe for concurrent use.
//
// A message that is signed twice without one changed byte is one message: a
// GMAC of it tells nothing that the first did not. Sealing takes a new nonce
// each time, so a second use of one is a mistake whatever was sealed.
type nonceLedger struct {
	mu    sync.Mutex
	keys  map[keyID]map[[12]byte][sha256.Size]byte
	order []keyID // oldest first
	total int     // nonces in keys
	off   bool    // the tests of this package have fixed keys
}

// maxLedger is how many nonces a ledger holds before it forgets its oldest
// keys: long test runs make keys without end. About 200 MB.
const maxLedger = 2 << 20

// nonces is the ledger of the process.
var nonces = nonceLedger{keys: make(map[keyID]map[[12]byte][sha256.Size]byte)}

// spend notes that key was used with nonce; msg is what was signed, nil for
// what was sealed.
func (l *nonceLedger) spend(key keyID, nonce [12]byte, msg []byte) {
	if key == (keyID{}) { //repolint:public a hash, in test builds only
		return
	}
	var content [sha256.Size]byte
	if msg != nil {
		content = sha256.Sum256(msg)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.off {
		return
	}
	used := l.keys[key]
	if used == nil {
		for l.total >= maxLedger && len(l.order) > 0 {
			l.total -= len(l.keys[l.order[0]])
			delete(l.keys, l.order[0])
			l.order = l.order[1:]
		}
		used = make(map[[12]byte][sha256.Size]byte)
		l.keys[key] = used
		l.order = append(l.order, key)
	}
	before, again := used[nonce]
	if again {
		same := before == content //repolint:public hashes of messages that were sent
		invariants.Check(msg != nil && same, "nonce %x used twice with the key of hash %x", nonce, key)
		return
	}
	used[nonce] = content
	l.total++
}
