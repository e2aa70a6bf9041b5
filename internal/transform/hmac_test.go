package transform

import (
	"encoding/hex"
	"strings"
	"testing"
)

// TestHMACSHA256AgainstRFC4231 feeds the keyed state of a Signer with the data
// of RFC 4231, sections 4.2 to 4.4, 4.6 and 4.7, which are too short for an
// SMB2 message. Expected are the first 16 bytes, all that SMB2 uses.
func TestHMACSHA256AgainstRFC4231(t *testing.T) {
	for _, c := range []struct{ name, key, data, want string }{
		{"4.2", strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b"},
		{"4.3", "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c7"},
		{"4.4", strings.Repeat("\xaa", 20), strings.Repeat("\xdd", 50), "773ea91e36800e46854db8ebd09181a7"},
		{"4.6", strings.Repeat("\x0c", 20), "Test With Truncation", "a3b6167473100ee06e0c796c2955552b"},
		{"4.7", strings.Repeat("\xaa", 131), "Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f"},
	} {
		m, err := newHMACSHA256([]byte(c.key))
		if err != nil {
			t.Fatal(err)
		}
		s := m.(*hmacSHA256).pool.Get().(*hmacState)
		s.hash.Write([]byte(c.data))
		if got := hex.EncodeToString(s.hash.Sum(nil)[:SignatureSize]); got != c.want {
			t.Errorf("section %s: got %s, want %s", c.name, got, c.want)
		}
	}
}
