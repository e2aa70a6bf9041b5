package dtyp_test

import (
	"bytes"
	"encoding"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

var (
	_ encoding.BinaryAppender    = dtyp.SID{}
	_ encoding.BinaryUnmarshaler = (*dtyp.SID)(nil)
	_ encoding.BinaryAppender    = dtyp.GUID{}
	_ encoding.BinaryUnmarshaler = (*dtyp.GUID)(nil)
	_ encoding.BinaryAppender    = dtyp.SecurityDescriptor{}
	_ encoding.BinaryUnmarshaler = (*dtyp.SecurityDescriptor)(nil)
)

// unhex decodes hexadecimal text with blanks and line ends.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sids pairs the three forms of a SID. Bytes of S-1-5-32-544, S-1-5-32-545,
// S-1-1-0, S-1-5-18 and S-1-3-0: [MS-DTYP] 2.5.1.4, where they are parts of a
// security descriptor. The rest is laid out by hand after 2.4.2.2.
var sids = []struct {
	sid   dtyp.SID
	text  string
	bytes string
}{
	{dtyp.SIDBuiltinAdministrators, "S-1-5-32-544", "01 02 000000000005 20000000 20020000"},
	{dtyp.SIDBuiltinUsers, "S-1-5-32-545", "01 02 000000000005 20000000 21020000"},
	{dtyp.SIDEveryone, "S-1-1-0", "01 01 000000000001 00000000"},
	{dtyp.SIDLocalSystem, "S-1-5-18", "01 01 000000000005 12000000"},
	{dtyp.SIDCreatorOwner, "S-1-3-0", "01 01 000000000003 00000000"},
	{dtyp.SIDCreatorGroup, "S-1-3-1", "01 01 000000000003 01000000"},
	{dtyp.SIDNetwork, "S-1-5-2", "01 01 000000000005 02000000"},
	{dtyp.SIDAnonymous, "S-1-5-7", "01 01 000000000005 07000000"},
	{dtyp.SIDAuthenticatedUsers, "S-1-5-11", "01 01 000000000005 0b000000"},
	{dtyp.SIDBuiltinGuests, "S-1-5-32-546", "01 02 000000000005 20000000 22020000"},
	{dtyp.SIDOfUID(1000), "S-1-22-1-1000", "01 02 000000000016 01000000 e8030000"},
	{dtyp.SIDOfGID(math.MaxUint32), "S-1-22-2-4294967295", "01 02 000000000016 02000000 ffffffff"},
	{dtyp.NewSID(5, 21, 1, 2, 3, 513), "S-1-5-21-1-2-3-513", "01 05 000000000005 15000000 01000000 02000000 03000000 01020000"},
	{dtyp.NewSID(math.MaxUint32, 7), "S-1-4294967295-7", "01 01 0000ffffffff 07000000"},
	{dtyp.NewSID(1<<32, 7), "S-1-0x000100000000-7", "01 01 000100000000 07000000"},
	{
		dtyp.NewSID(1<<48-1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), "S-1-0xFFFFFFFFFFFF-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
		"01 0f ffffffffffff 01000000 02000000 03000000 04000000 05000000 06000000 07000000 08000000 09000000 0a000000 0b000000 0c000000 0d000000 0e000000 0f000000",
	},
}

func TestSIDHasTheFormsOfTheSpecification(t *testing.T) {
	for _, c := range sids {
		want := unhex(t, c.bytes)
		if got := c.sid.String(); got != c.text {
			t.Errorf("String() = %q, want %q", got, c.text)
		}
		if got, err := dtyp.ParseSID(c.text); got != c.sid || err != nil {
			t.Errorf("ParseSID(%q) = %v, %v", c.text, got, err)
		}
		if got, err := c.sid.AppendBinary([]byte("x")); !bytes.Equal(got, append([]byte("x"), want...)) || err != nil {
			t.Errorf("%s: AppendBinary = %x, %v; want %x", c.text, got, err, want)
		}
		var got dtyp.SID
		if err := got.UnmarshalBinary(want); got != c.sid || err != nil {
			t.Errorf("%s: UnmarshalBinary(%x) = %v, %v", c.text, want, got, err)
		}
		if c.sid.Size() != len(want) {
			t.Errorf("%s: Size() = %d, want %d", c.text, c.sid.Size(), len(want))
		}
		if again := dtyp.NewSID(c.sid.Authority(), c.sid.SubAuthorities()...); again != c.sid {
			t.Errorf("%s: taken apart and put together it is %v", c.text, again)
		}
	}
}

func TestEveryPrefixOfASIDIsRefused(t *testing.T) {
	for _, c := range sids {
		b := unhex(t, c.bytes)
		for n := range b {
			sid := dtyp.SIDEveryone
			if err := sid.UnmarshalBinary(b[:n]); err == nil || sid != dtyp.SIDEveryone {
				t.Errorf("%s cut to %d bytes: got %v, err %v", c.text, n, sid, err)
			}
		}
		var sid dtyp.SID
		if err := sid.UnmarshalBinary(append(b, 0)); err == nil {
			t.Errorf("%s with a byte behind it was taken", c.text)
		}
	}
}

func TestMalformedSIDsAreRefused(t *testing.T) {
	for name, b := range map[string]string{
		"revision 0":         "00 01 000000000005 12000000",
		"revision 2":         "02 01 000000000005 12000000",
		"no subauthority":    "01 00 000000000005",
		"16 subauthorities":  "01 10 000000000005" + strings.Repeat("01000000", 16),
		"255 subauthorities": "01 ff 000000000005" + strings.Repeat("01000000", 255),
	} {
		var sid dtyp.SID
		if err := sid.UnmarshalBinary(unhex(t, b)); err == nil {
			t.Errorf("%s: got %v", name, sid)
		}
	}
}

func TestTextThatIsNoSIDIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "S", "S-1", "S-1-5", "S-1-5-", "S-2-5-32", "S-1--5-32", "X-1-5-32", "S-1-5-32-", " S-1-5-32", "S-1-5-32 ",
		"S-1-5--1", "S-1-5-+1", "S-1-5-01", "S-1-05-1", "S-1-5-4294967296", "S-1-4294967296-1", "S-1-0x5-1",
		"S-1-0x0000000000050-1", "S-1-0x00000000000g-1", "S-1-5-0x20", "S-1-5-1_0", "S-01-5-32",
		"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",
	} {
		if sid, err := dtyp.ParseSID(text); err == nil || sid != (dtyp.SID{}) {
			t.Errorf("ParseSID(%q) = %v, %v; want an error", text, sid, err)
		}
	}
}

func TestSIDTextMayBeInLowerCase(t *testing.T) {
	for text, want := range map[string]dtyp.SID{
		"s-1-5-18":             dtyp.SIDLocalSystem,
		"S-1-0x0000000000ab-1": dtyp.NewSID(0xab, 1),
	} {
		if got, err := dtyp.ParseSID(text); got != want || err != nil {
			t.Errorf("ParseSID(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestZeroSIDIsNoSID(t *testing.T) {
	var zero dtyp.SID
	if !zero.IsZero() || zero.String() != "" || zero.RID() != 0 || dtyp.SIDEveryone.IsZero() {
		t.Errorf("zero SID: IsZero %v, String %q, RID %d", zero.IsZero(), zero.String(), zero.RID())
	}
	if b, err := zero.AppendBinary(nil); err == nil {
		t.Errorf("the zero SID was encoded as %x", b)
	}
}

func TestChildIsAnAccountOfItsDomain(t *testing.T) {
	domain := dtyp.NewSID(5, 21, 1, 2, 3)
	child := domain.Child(1000)
	if child.String() != "S-1-5-21-1-2-3-1000" || child.RID() != 1000 || domain.String() != "S-1-5-21-1-2-3" {
		t.Errorf("child %v with RID %d of domain %v", child, child.RID(), domain)
	}
}

func TestUnixUsersAndGroupsAreToldApart(t *testing.T) {
	for _, c := range []struct {
		sid         dtyp.SID
		id          uint32
		user, group bool
	}{
		{dtyp.SIDOfUID(0), 0, true, false},
		{dtyp.SIDOfUID(1000), 1000, true, false},
		{dtyp.SIDOfGID(1000), 1000, false, true},
		{dtyp.NewSID(22, 3, 1000), 1000, false, false},
		{dtyp.NewSID(22, 1, 1000, 1), 1, false, false},
		{dtyp.NewSID(5, 1, 1000), 1000, false, false},
		{dtyp.SID{}, 0, false, false},
	} {
		uid, user := c.sid.UID()
		gid, group := c.sid.GID()
		if user != c.user || group != c.group || user && uid != c.id || group && gid != c.id {
			t.Errorf("%v: UID %d %v, GID %d %v; want id %d, %v, %v", c.sid, uid, user, gid, group, c.id, c.user, c.group)
		}
	}
}

func TestNewSIDPanicsOnWhatIsNoSID(t *testing.T) {
	for name, f := range map[string]func(){
		"no subauthority":   func() { dtyp.NewSID(5) },
		"16 subauthorities": func() { dtyp.NewSID(5, make([]uint32, 16)...) },
		"wide authority":    func() { dtyp.NewSID(1<<48, 1) },
		"16th child":        func() { dtyp.NewSID(5, make([]uint32, 15)...).Child(1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func FuzzParseSID(f *testing.F) {
	for _, c := range sids {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sid, err := dtyp.ParseSID(text)
		if err != nil {
			return
		}
		if !strings.EqualFold(sid.String(), text) && !strings.Contains(text, "0x") {
			t.Errorf("ParseSID(%q).String() = %q", text, sid)
		}
		if again, err := dtyp.ParseSID(sid.String()); again != sid || err != nil {
			t.Errorf("%q -> %v -> %v, %v", text, sid, again, err)
		}
	})
}
