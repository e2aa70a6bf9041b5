package server

import "github.com/signet-smb/signet/internal/smb2"

// windowSpan is how many message ids may lie between the lowest unused and
// the highest granted one. Twice the most credits: a client may leave a gap
// of half of it open. A power of two.
const windowSpan = 2 * maxCredits

// maxCredits is the most that Smb2CreditsMax may be.
const maxCredits = 8192

// commandSequenceWindow is the Connection.CommandSequenceWindow: the message
// ids that the client may use next. [MS-SMB2] 3.3.1.1.
//
// Ids below low are used, ids from high on not granted; in between, used has
// a bit set for those that are used. Guarded by connection.mu.
type commandSequenceWindow struct {
	low, high uint64
	available int // unused ids in [low, high): the credits the client holds
	used      [windowSpan / 64]uint64
}

// newCommandSequenceWindow returns the window of a new connection: message id
// 0 alone. [MS-SMB2] 3.3.5.1.
func newCommandSequenceWindow() commandSequenceWindow {
	return commandSequenceWindow{high: 1, available: 1}
}

// take uses up n consecutive ids from first and reports whether all of them
// were there. [MS-SMB2] 3.3.5.2.3.
func (w *commandSequenceWindow) take(first smb2.MessageID, n int) bool {
	id := uint64(first)
	if n < 1 || id < w.low || id >= w.high || uint64(n) > w.high-id {
		return false
	}
	for i := id; i < id+uint64(n); i++ {
		if w.used[i%windowSpan/64]&(1<<(i%64)) != 0 {
			return false
		}
	}
	for i := id; i < id+uint64(n); i++ {
		w.used[i%windowSpan/64] |= 1 << (i % 64)
	}
	w.available -= n
	for w.low < w.high && w.used[w.low%windowSpan/64]&(1<<(w.low%64)) != 0 {
		w.used[w.low%windowSpan/64] &^= 1 << (w.low % 64)
		w.low++
	}
	return true
}

// grant extends the window by up to want ids, such that the client holds at
// most limit, and returns how many it was. A client that holds nothing gets
// at least one: it could never speak again.
func (w *commandSequenceWindow) grant(want, limit int) int {
	n := min(want, min(limit, maxCredits)-w.available)
	if w.available == 0 {
		n = max(n, 1)
	}
	n = max(0, min(n, windowSpan-int(w.high-w.low)))
	w.high += uint64(n)
	w.available += n
	return n
}
