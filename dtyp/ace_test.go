package dtyp_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// title is the ApplicationData of [MS-DTYP] 2.4.4.17.9, example 1: the
// expression (Title=="VP").
const title = "61727478 f8 0a000000 5400690074006c006500 10 04000000 56005000 80 000000"

// typeGUID and inheritedGUID are two GUIDs that differ in every byte.
const (
	typeGUID      = "00112233-4455-6677-8899-aabbccddeeff"
	inheritedGUID = "f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0f"

	typeGUIDBytes      = " 33221100 5544 7766 8899 aabbccddeeff "
	inheritedGUIDBytes = " c3d2e1f0 a5b4 8796 7869 5a4b3c2d1e0f "
)

func guid(t testing.TB, text string) dtyp.GUID {
	t.Helper()
	g, err := dtyp.ParseGUID(text)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// aces are entries of every form, laid out by hand after the sections named.
var aces = []struct {
	name  string
	ace   func(testing.TB) dtyp.ACE
	bytes string
}{
	{"allowed, 2.4.4.2", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Flags: dtyp.ContainerInheritACE, Mask: dtyp.FileAllAccess, SID: dtyp.SIDLocalSystem}
	}, "00 02 1400 ff011f00 01 01 000000000005 12000000"},
	{"allowed for both object types, 2.4.4.3", func(t testing.TB) dtyp.ACE {
		return dtyp.ACE{
			Type: dtyp.AccessAllowedObjectACE, Mask: 0x100, SID: dtyp.SIDLocalSystem,
			ObjectFlags: 3, ObjectType: guid(t, typeGUID), InheritedObjectType: guid(t, inheritedGUID),
		}
	}, "05 00 3800 00010000 03000000" + typeGUIDBytes + inheritedGUIDBytes + "01 01 000000000005 12000000"},
	{"denied for an inherited object type, 2.4.4.5", func(t testing.TB) dtyp.ACE {
		return dtyp.ACE{
			Type: dtyp.AccessDeniedObjectACE, Mask: 1, SID: dtyp.SIDLocalSystem,
			ObjectFlags: dtyp.InheritedObjectTypePresent, InheritedObjectType: guid(t, inheritedGUID),
		}
	}, "06 00 2800 01000000 02000000" + inheritedGUIDBytes + "01 01 000000000005 12000000"},
	{"audit of objects of any type, 2.4.4.11", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: dtyp.SystemAuditObjectACE, Flags: dtyp.SuccessfulAccessACEFlag, Mask: 2, SID: dtyp.SIDLocalSystem}
	}, "07 40 1800 02000000 00000000 01 01 000000000005 12000000"},
	{"conditional, 2.4.4.6 and 2.4.4.17.9", func(t testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: dtyp.AccessAllowedCallbackACE, Mask: dtyp.FileGenericExecute, SID: dtyp.SIDEveryone, Data: unhex(t, title)}
	}, "09 00 3400 a0001200 01 01 000000000001 00000000" + title},
	{"callback without data, 2.4.4.7", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: dtyp.AccessDeniedCallbackACE, Mask: 1, SID: dtyp.SIDEveryone}
	}, "0a 00 1400 01000000 01 01 000000000001 00000000"},
	{"conditional for an object type, 2.4.4.8", func(t testing.TB) dtyp.ACE {
		return dtyp.ACE{
			Type: dtyp.AccessAllowedCallbackObjectACE, Mask: 1, SID: dtyp.SIDEveryone,
			ObjectFlags: dtyp.ObjectTypePresent, ObjectType: guid(t, typeGUID), Data: unhex(t, title),
		}
	}, "0b 00 4800 01000000 01000000" + typeGUIDBytes + "01 01 000000000001 00000000" + title},
	{"mandatory label, 2.4.4.13", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: dtyp.SystemMandatoryLabelACE, Mask: 1, SID: dtyp.NewSID(16, 4096)}
	}, "11 00 1400 01000000 01 01 000000000010 00100000"},
	{"resource attribute, 2.4.4.15, its claim not looked at", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: dtyp.SystemResourceAttributeACE, SID: dtyp.SIDEveryone, Data: []byte{1, 2, 3, 4}}
	}, "12 00 1800 00000000 01 01 000000000001 00000000 01020304"},
	{"central policy, 2.4.4.16", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: dtyp.SystemScopedPolicyIDACE, SID: dtyp.NewSID(17, 7)}
	}, "13 00 1400 00000000 01 01 000000000011 07000000"},
	{"reserved type", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: 0x04, Data: []byte{1, 2, 3, 4}}
	}, "04 00 0800 01020304"},
	{"type that nobody has defined", func(testing.TB) dtyp.ACE {
		return dtyp.ACE{Type: 0xFF, Flags: 0x20, Data: []byte{1, 2, 3, 4}}
	}, "ff 20 0800 01020304"},
}

// listOf is the encoding of a list with one entry.
func listOf(ace []byte) []byte {
	return append([]byte{4, 0, uint8(8 + len(ace)), 0, 1, 0, 0, 0}, ace...)
}

func TestEveryFormOfEntryIsLaidOutAsSpecified(t *testing.T) {
	for _, c := range aces {
		raw := listOf(unhex(t, c.bytes))
		want := dtyp.ACL{Revision: 4, ACEs: []dtyp.ACE{c.ace(t)}}
		r := wire.NewReader(raw)
		if got := dtyp.ReadACL(r); r.Err() != nil || r.Len() != 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read %x\ngot  %+v, %v\nwant %+v", c.name, raw, got, r.Err(), want)
		}
		w := wire.NewWriter(nil)
		want.Append(w)
		if got := w.Finish(); !bytes.Equal(got, raw) || want.Size() != len(raw) {
			t.Errorf("%s: written\ngot  %x, Size %d\nwant %x", c.name, got, want.Size(), raw)
		}
	}
}

func TestEveryPrefixOfAnEntryIsRefused(t *testing.T) {
	for _, c := range aces {
		raw := listOf(unhex(t, c.bytes))
		for n := range raw {
			r := wire.NewReader(raw[:n])
			dtyp.ReadACL(r)
			if r.Err() == nil {
				t.Errorf("%s: %d bytes of %d were read", c.name, n, len(raw))
			}
		}
	}
}

func TestEntriesThatEndInsideTheirPartsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no room for the flags":  "05 00 0800 01000000",
		"no room for a GUID":     "05 00 1800 01000000 01000000 01 01 000000000005 12000000",
		"no room for two":        "05 00 2800 01000000 03000000" + typeGUIDBytes + "01 01 000000000005 12000000",
		"no room for the SID":    "06 00 1c00 01000000 02000000" + typeGUIDBytes,
		"callback without a SID": "09 00 0800 01000000",
		"SID past the end":       "0d 00 1400 01000000 01 02 000000000005 12000000",
	} {
		raw := listOf(unhex(t, text))
		r := wire.NewReader(append(raw, make([]byte, 64)...)) // bytes of a neighbour must not be taken
		if got := dtyp.ReadACL(r); r.Err() == nil {
			t.Errorf("%s: %x was read as %+v", name, raw, got)
		}
	}
}
