package ntlm

import (
	"errors"
	"sync"
)

// keptChallenges is how many challenges a server remembers: a reflected one
// comes back within a moment.
const keptChallenges = 4096

// challenges remembers the last ones of a server. Safe for concurrent use.
type challenges struct {
	mu   sync.Mutex
	ring [][8]byte
	next int
}

// note remembers c in the place of the oldest.
func (l *challenges) note(c [8]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < keptChallenges {
		l.ring = append(l.ring, c)
		return
	}
	l.ring[l.next] = c
	l.next = (l.next + 1) % keptChallenges
}

// Issued reports whether the server itself has given out the challenge lately.
// A client of the same program that meets it is being reflected: somebody
// passes its own sign-in on to its own server. Safe for concurrent use.
func (s *Server) Issued(challenge [8]byte) bool {
	l := &s.issued
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.ring {
		if c == challenge { //repolint:public a challenge travels in the clear
			return true
		}
	}
	return false
}

// ErrReflected is the error of an exchange whose challenge Credentials.IsOwn
// knows.
var ErrReflected = errors.New("ntlm: the server's challenge is one of our own: somebody reflects our sign-in")
