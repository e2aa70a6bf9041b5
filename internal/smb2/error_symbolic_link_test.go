package smb2

import (
	"encoding/hex"
	"testing"

	"github.com/signet-smb/signet/internal/wire"
)

// relativeLink is the second example of [MS-SMB2] 2.2.2.2.1.1, laid out by hand
// after 2.2.2.2.1: the section gives its fields, and no bytes.
var relativeLink = SymbolicLink{
	UnparsedPathLength: 0x2E, Relative: true, SubstituteName: `..\DonHall\Documents\PDocs`, PrintName: `..\DonHall\Documents\PDocs`,
}

// relativeLinkFixed is what stands before the names.
const relativeLinkFixed = "80000000 53594d4c 0c0000a0 7400 2e00 0000 3400 3400 3400 01000000"

func TestSymbolicLinkIsReadBehindAnErrorContextAndWithout(t *testing.T) {
	fixed, err := hex.DecodeString(stripped(relativeLinkFixed))
	if err != nil {
		t.Fatal(err)
	}
	data := wire.AppendUTF16(wire.AppendUTF16(fixed, relativeLink.SubstituteName), relativeLink.PrintName)
	if got := relativeLink.Append(nil, false); hex.EncodeToString(got) != hex.EncodeToString(data) {
		t.Errorf("encoded\n%x, want\n%x", got, data)
	}
	for _, m := range []ErrorResponse{
		{Data: data},
		{ContextCount: 1, Data: append([]byte{byte(len(data)), 0, 0, 0, 0, 0, 0, 0}, data...)},
		{ContextCount: 1, Data: relativeLink.Append(nil, true)},
	} {
		if got, err := m.SymbolicLink(); err != nil || got != relativeLink {
			t.Errorf("%x: %+v, %v", m.Data, got, err)
		}
		for n := range m.Data {
			cut := ErrorResponse{ContextCount: m.ContextCount, Data: m.Data[:n]}
			if got, err := cut.SymbolicLink(); err == nil {
				t.Errorf("cut to %d bytes: %+v", n, got)
			}
		}
	}
}

// stripped is s without blanks.
func stripped(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] != ' ' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

func FuzzSymbolicLink(f *testing.F) {
	f.Add(uint8(0), relativeLink.Append(nil, false))
	f.Add(uint8(1), relativeLink.Append(nil, true))
	f.Fuzz(func(t *testing.T, contexts uint8, data []byte) {
		m := ErrorResponse{ContextCount: contexts, Data: data}
		l, err := m.SymbolicLink()
		if err != nil {
			return
		}
		if len(l.SubstituteName)+len(l.PrintName) > 3*len(data) {
			t.Errorf("%d bytes of names in %d", len(l.SubstituteName)+len(l.PrintName), len(data))
		}
	})
}
