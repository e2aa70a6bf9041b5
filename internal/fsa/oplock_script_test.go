package fsa_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
)

var cachingLetters = []struct {
	letter string
	bit    fsa.Caching
}{{"R", fsa.ReadCaching}, {"W", fsa.WriteCaching}, {"H", fsa.HandleCaching}}

func parseCaching(t testing.TB, letters string) (c fsa.Caching) {
	t.Helper()
	for _, l := range cachingLetters {
		if rest, ok := strings.CutPrefix(letters, l.letter); ok {
			letters, c = rest, c|l.bit
		}
	}
	if letters != "" && letters != "-" {
		t.Fatalf("unknown caching %q", letters)
	}
	return c
}

func spellCaching(c fsa.Caching) (letters string) {
	for _, l := range cachingLetters {
		if c&l.bit != 0 {
			letters += l.letter
		}
	}
	if letters == "" {
		return "-"
	}
	return letters
}

// leaseKey reads "a1" as the lease 1 of client a.
func leaseKey(word string) fsa.LeaseKey {
	return fsa.LeaseKey{Client: dtyp.GUID{word[0]}, Key: [16]byte{word[1]}}
}

func spellKey(k fsa.LeaseKey) string { return string([]byte{k.Client[0], k.Key[0]}) }

// breakTimeout is how long breaks of tests wait.
const breakTimeout = 35 * time.Second

// parseOplock adds a word of an open to r.
func parseOplock(t testing.TB, r *fsa.OplockRequest, key, value string) *fsa.OplockRequest {
	t.Helper()
	if r == nil {
		r = &fsa.OplockRequest{Timeout: breakTimeout, Directories: true}
	}
	switch key {
	case "oplock":
		r.Want = parseCaching(t, value)
	case "lease":
		name, state, _ := strings.Cut(value, ":")
		r.Lease, r.V2, r.Key, r.Want = true, true, leaseKey(name), parseCaching(t, state)
	case "parent":
		r.HasParent, r.Parent = true, [16]byte{value[0]}
	}
	return r
}

// describeGrant says what an open was granted.
func describeGrant(g *fsa.Grant) string {
	s := spellCaching(g.Caching)
	if g.Lease {
		s += fmt.Sprintf(" epoch %d", g.Epoch)
	}
	if g.Breaking {
		s += " breaking"
	}
	return s
}

// tell notes that the answer to the open of a handle is on its way.
func (s *story) tell(handle string) {
	s.untold[handle].Told(handle)
	delete(s.untold, handle)
}

func (s *story) runOplock(words []string) string {
	switch words[0] {
	case "told":
		s.tell(words[1])
		return "ok"
	case "ack":
		var g fsa.Grant
		var err error
		if h := s.handles[words[1]]; h != nil {
			g, err = h.AcknowledgeOplock(parseCaching(s, words[2]))
		} else {
			g, err = s.store.AcknowledgeLease(leaseKey(words[1]), parseCaching(s, words[2]))
		}
		g.Told(nil)
		return answer(err)
	}
	var told []string
	for b, ok := s.store.NextBreak(); ok; b, ok = s.store.NextBreak() {
		told = append(told, describeBreak(&b))
	}
	if told == nil {
		return "none"
	}
	return strings.Join(told, ", ")
}

// describeBreak says what a client is told.
func describeBreak(b *fsa.Break) string {
	who, epoch := "", ""
	if b.Lease {
		who, epoch = spellKey(b.Key), fmt.Sprintf(" epoch %d", b.Epoch)
	} else {
		who = b.Owner().(string)
	}
	ack := "!"
	if b.Final {
		ack = ""
	}
	return fmt.Sprintf("%s %s>%s%s%s", who, spellCaching(b.From), spellCaching(b.To), ack, epoch)
}
