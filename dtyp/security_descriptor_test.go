package dtyp_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// exampleBytes is the descriptor of [MS-DTYP] 2.5.1.4: owner and group
// BUILTIN\Administrators, a protected SACL with one entry, a protected DACL
// with four.
const exampleBytes = `
	01 00 14 b0 90 00 00 00 a0 00 00 00 14 00 00 00
	30 00 00 00 02 00 1c 00 01 00 00 00 02 80 14 00
	00 00 00 80 01 01 00 00 00 00 00 01 00 00 00 00
	02 00 60 00 04 00 00 00 00 03 18 00 00 00 00 a0
	01 02 00 00 00 00 00 05 20 00 00 00 21 02 00 00
	00 03 18 00 00 00 00 10 01 02 00 00 00 00 00 05
	20 00 00 00 20 02 00 00 00 03 14 00 00 00 00 10
	01 01 00 00 00 00 00 05 12 00 00 00 00 03 14 00
	00 00 00 10 01 01 00 00 00 00 00 03 00 00 00 00
	01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00
	01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00`

func example() dtyp.SecurityDescriptor {
	const inherit = dtyp.ObjectInheritACE | dtyp.ContainerInheritACE
	return dtyp.SecurityDescriptor{
		Control: dtyp.SelfRelative | dtyp.SACLProtected | dtyp.DACLProtected | dtyp.SACLPresent | dtyp.DACLPresent,
		Owner:   dtyp.SIDBuiltinAdministrators,
		Group:   dtyp.SIDBuiltinAdministrators,
		SACL: &dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{
			{Type: dtyp.SystemAuditACE, Flags: dtyp.FailedAccessACEFlag, Mask: dtyp.GenericRead, SID: dtyp.SIDEveryone},
		}},
		DACL: &dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{
			{Flags: inherit, Mask: dtyp.GenericRead | dtyp.GenericExecute, SID: dtyp.SIDBuiltinUsers},
			{Flags: inherit, Mask: dtyp.GenericAll, SID: dtyp.SIDBuiltinAdministrators},
			{Flags: inherit, Mask: dtyp.GenericAll, SID: dtyp.SIDLocalSystem},
			{Flags: inherit, Mask: dtyp.GenericAll, SID: dtyp.SIDCreatorOwner},
		}},
	}
}

func TestExampleOfTheSpecificationIsReadAndWritten(t *testing.T) {
	raw := unhex(t, exampleBytes)
	var got dtyp.SecurityDescriptor
	if err := got.UnmarshalBinary(raw); err != nil || !reflect.DeepEqual(got, example()) {
		t.Errorf("decoded\ngot  %+v, %v\nwant %+v", got, err, example())
	}
	b, err := example().AppendBinary(nil)
	if err != nil || !bytes.Equal(b, raw) {
		t.Errorf("encoded\ngot  %x, %v\nwant %x", b, err, raw)
	}
}

func TestOffsetsOfADescriptorCountFromItsOwnStart(t *testing.T) {
	sd := example()
	w := wire.NewWriter(nil)
	w.Bytes([]byte("abcdef"))
	sd.Append(w)
	b := w.Finish()
	if !bytes.Equal(b[6:], unhex(t, exampleBytes)) {
		t.Errorf("behind other fields: %x", b[6:])
	}
	r := wire.NewReader(b)
	r.Skip(6)
	if got := dtyp.ReadSecurityDescriptor(r); r.Err() != nil || !reflect.DeepEqual(got, sd) {
		t.Errorf("read back: %+v, %v", got, r.Err())
	}
	r = wire.NewReader(b[:40])
	r.Skip(6)
	dtyp.ReadSecurityDescriptor(r)
	if err := r.Err(); err == nil {
		t.Error("a failure inside the descriptor did not reach the cursor")
	}
}

func TestEveryPrefixOfADescriptorIsRefused(t *testing.T) {
	raw := unhex(t, exampleBytes)
	for n := range raw {
		sd := dtyp.SecurityDescriptor{Control: 1}
		if err := sd.UnmarshalBinary(raw[:n]); err == nil || sd.Control != 1 {
			t.Errorf("%d bytes of %d: got %+v, err %v", n, len(raw), sd, err)
		}
	}
}

func TestThreeKindsOfMissingEntriesStayApart(t *testing.T) {
	for _, c := range []struct {
		name  string
		sd    dtyp.SecurityDescriptor
		bytes string
	}{
		{"no DACL", dtyp.SecurityDescriptor{Control: dtyp.SelfRelative}, "01 00 0080 00000000 00000000 00000000 00000000"},
		{
			"null DACL: everyone everything",
			dtyp.SecurityDescriptor{Control: dtyp.SelfRelative | dtyp.DACLPresent},
			"01 00 0480 00000000 00000000 00000000 00000000",
		},
		{
			"empty DACL: nobody anything",
			dtyp.SecurityDescriptor{Control: dtyp.SelfRelative | dtyp.DACLPresent, DACL: &dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{}}},
			"01 00 0480 00000000 00000000 00000000 14000000  02 00 0800 0000 0000",
		},
	} {
		want := unhex(t, c.bytes)
		if b, err := c.sd.AppendBinary(nil); err != nil || !bytes.Equal(b, want) {
			t.Errorf("%s: encoded %x, %v; want %x", c.name, b, err, want)
		}
		var got dtyp.SecurityDescriptor
		if err := got.UnmarshalBinary(want); err != nil || !reflect.DeepEqual(got, c.sd) {
			t.Errorf("%s: decoded %+v, %v; want %+v", c.name, got, err, c.sd)
		}
	}
}

func TestAppendSetsTheBitsThatFollowFromTheParts(t *testing.T) {
	sd := dtyp.SecurityDescriptor{
		Control: dtyp.ResourceManagerControlValid | dtyp.DACLAutoInherited, // the former's byte is not kept
		DACL:    &dtyp.ACL{},
		SACL:    &dtyp.ACL{},
	}
	b, err := sd.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got dtyp.SecurityDescriptor
	if err := got.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if want := dtyp.SelfRelative | dtyp.DACLAutoInherited | dtyp.DACLPresent | dtyp.SACLPresent; got.Control != want {
		t.Errorf("Control = 0x%04X, want 0x%04X", uint16(got.Control), uint16(want))
	}
	if got.DACL.Revision != dtyp.ACLRevision {
		t.Errorf("AclRevision = %d, want %d", got.DACL.Revision, dtyp.ACLRevision)
	}
}

func TestOnlyLeavesWhatWasAskedFor(t *testing.T) {
	sd := example()
	sd.Control |= dtyp.OwnerDefaulted | dtyp.GroupDefaulted
	for _, c := range []struct {
		parts   dtyp.SecurityInformation
		control dtyp.SecurityDescriptorControl
	}{
		{0, dtyp.SelfRelative},
		{dtyp.OwnerSecurityInformation, dtyp.SelfRelative | dtyp.OwnerDefaulted},
		{dtyp.GroupSecurityInformation, dtyp.SelfRelative | dtyp.GroupDefaulted},
		{dtyp.DACLSecurityInformation, dtyp.SelfRelative | dtyp.DACLPresent | dtyp.DACLProtected},
		{dtyp.SACLSecurityInformation, dtyp.SelfRelative | dtyp.SACLPresent | dtyp.SACLProtected},
		{0xF, sd.Control},
	} {
		got := sd.Only(c.parts)
		has := [4]bool{!got.Owner.IsZero(), !got.Group.IsZero(), got.DACL != nil, got.SACL != nil}
		want := [4]bool{c.parts&1 != 0, c.parts&2 != 0, c.parts&4 != 0, c.parts&8 != 0}
		if has != want || got.Control != c.control {
			t.Errorf("Only(0x%X): parts %v, control 0x%04X; want %v, 0x%04X", uint32(c.parts), has, uint16(got.Control), want, uint16(c.control))
		}
	}
	if !reflect.DeepEqual(sd.Only(0xF), sd) {
		t.Error("Only of everything changes the descriptor")
	}
}

func TestPartsMayLieInAnyOrderAndShareBytes(t *testing.T) {
	// Owner and group are one SID at the end; before it lies the DACL, behind
	// a gap.
	raw := unhex(t, `
		01 00 0480 24000000 24000000 00000000 1c000000
		00000000 00000000
		02 00 0800 0000 0000
		01 01 000000000005 12000000`)
	var sd dtyp.SecurityDescriptor
	if err := sd.UnmarshalBinary(raw); err != nil || sd.Owner != dtyp.SIDLocalSystem || sd.Group != dtyp.SIDLocalSystem || sd.DACL == nil {
		t.Errorf("got %+v, %v", sd, err)
	}
}

func TestMalformedDescriptorsAreRefused(t *testing.T) {
	head := "01 00 0480 00000000 00000000 00000000 14000000 "
	for name, text := range map[string]string{
		"revision":                      "02 00 0080 00000000 00000000 00000000 00000000",
		"absolute form":                 "01 00 0000 00000000 00000000 00000000 00000000",
		"owner inside the header":       "01 00 0080 10000000 00000000 00000000 00000000",
		"owner past the end":            "01 00 0080 14000000 00000000 00000000 00000000",
		"owner far past the end":        "01 00 0080 ffffffff 00000000 00000000 00000000",
		"DACL past the end":             "01 00 0480 00000000 00000000 00000000 15000000 0000",
		"ACL revision 1":                head + "01 00 0800 0000 0000",
		"ACL revision 5":                head + "05 00 0800 0000 0000",
		"ACL smaller than its header":   head + "02 00 0700 0000 0000",
		"ACL larger than what is there": head + "02 00 0c00 0000 0000",
		"more entries than room":        head + "02 00 0800 0100 0000",
		"65535 entries":                 head + "02 00 1000 ffff 0000 0000 0800 00000000",
		"entry beyond its list":         head + "02 00 1000 0100 0000 00 00 1400 00000000 01 01 000000000005 12000000",
		"entry without a mask":          head + "02 00 1000 0100 0000 05 00 0400 00000000",
		"entry of odd size":             head + "02 00 1c00 0100 0000 00 00 1300 00000000 01 01 000000000005 12000000",
		"SID beyond its entry":          head + "02 00 1c00 0100 0000 00 00 1000 00000000 01 01 000000000005 12000000",
		"entry with an invalid SID":     head + "02 00 1c00 0100 0000 00 00 1400 00000000 01 00 000000000005 12000000",
	} {
		var sd dtyp.SecurityDescriptor
		if err := sd.UnmarshalBinary(unhex(t, text)); err == nil {
			t.Errorf("%s: %s was read as %+v", name, text, sd)
		}
	}
}

func TestWhatReadersMustIgnoreIsIgnored(t *testing.T) {
	head := "01 00 0480 00000000 00000000 00000000 14000000 "
	ace := dtyp.ACE{Type: dtyp.AccessDeniedACE, Mask: dtyp.Delete, SID: dtyp.SIDLocalSystem}
	for name, c := range map[string]struct {
		text string
		want *dtyp.ACL
	}{
		"offset of a DACL that is not present": {"01 00 0080 00000000 00000000 00000000 ffffffff", nil},
		"bytes behind the SID of an entry": {
			head + "02 00 2000 0100 0000 01 00 1800 00000100 01 01 000000000005 12000000 deadbeef",
			&dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{ace}},
		},
		"room behind the last entry": {
			head + "02 00 2000 0100 0000 01 00 1400 00000100 01 01 000000000005 12000000 deadbeef",
			&dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{ace}},
		},
		"reserved fields": {
			head + "02 ff 1c00 0100 ffff 01 00 1400 00000100 01 01 000000000005 12000000",
			&dtyp.ACL{Revision: 2, ACEs: []dtyp.ACE{ace}},
		},
		"types that are not known are kept": {
			head + "04 00 1000 0100 0000 04 03 0800 deadbeef",
			&dtyp.ACL{Revision: 4, ACEs: []dtyp.ACE{{Type: 4, Flags: 3, Data: []byte{0xde, 0xad, 0xbe, 0xef}}}},
		},
	} {
		var sd dtyp.SecurityDescriptor
		if err := sd.UnmarshalBinary(unhex(t, c.text)); err != nil || !reflect.DeepEqual(sd.DACL, c.want) {
			t.Errorf("%s: %s gives %+v, %v; want %+v", name, c.text, sd.DACL, err, c.want)
		}
	}
}

func TestListsAreBoundedBothWays(t *testing.T) {
	ace := dtyp.ACE{Mask: dtyp.GenericAll, SID: dtyp.SIDEveryone} // 20 bytes
	acl := &dtyp.ACL{ACEs: make([]dtyp.ACE, (dtyp.MaxACLSize-8)/20)}
	for i := range acl.ACEs {
		acl.ACEs[i] = ace
	}
	sd := dtyp.SecurityDescriptor{DACL: acl}
	b, err := sd.AppendBinary(nil)
	if err != nil || len(b) != 20+acl.Size() {
		t.Fatalf("%d entries, %d bytes: encoded %d bytes, %v", len(acl.ACEs), acl.Size(), len(b), err)
	}
	var got dtyp.SecurityDescriptor
	if err := got.UnmarshalBinary(b); err != nil || len(got.DACL.ACEs) != len(acl.ACEs) {
		t.Errorf("the longest list was not read back: %v", err)
	}
	acl.ACEs = append(acl.ACEs, ace)
	if b, err := sd.AppendBinary([]byte("x")); err == nil || string(b) != "x" {
		t.Errorf("a list of %d bytes was encoded", acl.Size())
	}
}

func FuzzSecurityDescriptor(f *testing.F) {
	f.Add(unhex(f, exampleBytes))
	f.Add(unhex(f, "01 00 0480 00000000 00000000 00000000 14000000 04 00 1000 0100 0000 04 03 0800 deadbeef"))
	for _, c := range aces {
		f.Add(append(unhex(f, "01 00 0480 00000000 00000000 00000000 14000000"), listOf(unhex(f, c.bytes))...))
	}
	f.Add(unhex(f, "01 00 0480 00000000 00000000 00000000 00000000"))
	f.Add([]byte(strings.Repeat("\x01", 64)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var first, second dtyp.SecurityDescriptor
		if first.UnmarshalBinary(b) != nil {
			return
		}
		encoded, err := first.AppendBinary(nil)
		if err != nil {
			t.Fatalf("%x was read as %+v, which cannot be written: %v", b, first, err)
		}
		if err := second.UnmarshalBinary(encoded); err != nil {
			t.Fatalf("%x was written as %x: %v", b, encoded, err)
		}
		first.Control &^= dtyp.ResourceManagerControlValid
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%x:\nfirst  %+v\nsecond %+v", b, first, second)
		}
		if again, err := second.AppendBinary(nil); err != nil || !bytes.Equal(again, encoded) {
			t.Fatalf("written twice: %x and %x", encoded, again)
		}
		text, err := first.SDDL()
		if err != nil {
			return // not all entries have a text
		}
		read, err := dtyp.ParseSDDL(text)
		if err != nil {
			t.Fatalf("%x is %q, which cannot be read: %v", b, text, err)
		}
		if again, err := read.SDDL(); again != text || err != nil {
			t.Fatalf("%x is %q, and read again %q, %v", b, text, again, err)
		}
	})
}
