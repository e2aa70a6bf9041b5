package fscc_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// lists are the structures that are lists and belong to no class, laid out by
// hand after the section named, with the lengths at which they may be cut.
var lists = map[string]struct {
	vector
	new   func() fscc.Information
	legal []int
}{
	"FILE_GET_EA_INFORMATION, 2.4.16.1": {
		vector{&fscc.GetEaInformation{Names: []string{"ABC", "D"}}, "0c000000 03 41424300 000000 00000000 01 4400"},
		func() fscc.Information { return new(fscc.GetEaInformation) },
		[]int{0, 12},
	},
	"FILE_GET_QUOTA_INFORMATION, 2.4.41.1": {
		vector{
			&fscc.GetQuotaInformation{SIDs: []dtyp.SID{dtyp.SIDLocalSystem, dtyp.SIDBuiltinUsers}},
			"14000000 0c000000 0101000000000005 12000000 00000000 10000000 0102000000000005 20000000 21020000",
		},
		func() fscc.Information { return new(fscc.GetQuotaInformation) },
		[]int{0, 20},
	},
}

func TestListsAreLaidOutAsSpecified(t *testing.T) {
	for name, c := range lists {
		t.Run(name, func(t *testing.T) {
			raw := unhex(t, c.bytes)
			if got := fscc.AppendInformation([]byte("abc"), c.info); !bytes.Equal(got, append([]byte("abc"), raw...)) {
				t.Errorf("encoded %+v\ngot  %x\nwant %x", c.info, got[3:], raw)
			}
			got := c.new()
			if err := fscc.DecodeInformation(raw, got); err != nil || !reflect.DeepEqual(got, c.info) {
				t.Errorf("decoded %x\ngot  %+v, %v\nwant %+v", raw, got, err, c.info)
			}
			for n := range raw {
				err := fscc.DecodeInformation(raw[:n], c.new())
				_, refused := errors.AsType[*wire.Error](err)
				if want := !slices.Contains(c.legal, n); refused != want {
					t.Errorf("%d bytes of %d: err = %v, want a *wire.Error: %v", n, len(raw), err, want)
				}
			}
		})
	}
}

func TestMalformedListsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		info  fscc.Information
	}{
		"attribute without terminator":   {"00000000 00 01 0100 41 42 43", new(fscc.FullEaInformation)},
		"value beyond its entry":         {"10000000 00 01 0900 41 00 010203040506 00000000 00 01 0000 42 00", new(fscc.FullEaInformation)},
		"value of 64 KiB":                {"00000000 00 01 ffff 41 00 01", new(fscc.FullEaInformation)},
		"attribute, next not aligned":    {"0e000000 00 01 0000 41 00 00000000 00000000 00 01 0000 42 00", new(fscc.FullEaInformation)},
		"attribute, next inside":         {"04000000 00 01 0000 41 00", new(fscc.FullEaInformation)},
		"attribute, next beyond the end": {"10000000 00 01 0000 41 00", new(fscc.FullEaInformation)},
		"name without terminator":        {"00000000 03 41424344", new(fscc.GetEaInformation)},
		"quota, SID longer than said":    {"00000000 08000000 0101000000000005 12000000", new(fscc.GetQuotaInformation)},
		"quota, SID shorter than said":   {"00000000 10000000 0101000000000005 12000000 00000000", new(fscc.GetQuotaInformation)},
		"quota, no SID":                  {"00000000 00000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000", new(fscc.QuotaInformation)},
	} {
		if err := fscc.DecodeInformation(unhex(t, c.bytes), c.info); err == nil {
			t.Errorf("%s: %s decoded to %+v", name, c.bytes, c.info)
		}
	}
}

// chain is n entries of size bytes, a multiple of 4, that begin with
// NextEntryOffset and hold entry behind it.
func chain(n, size int, entry []byte) []byte {
	b := make([]byte, n*size)
	for i := range n {
		if i < n-1 {
			binary.LittleEndian.PutUint32(b[i*size:], uint32(size))
		}
		copy(b[i*size+4:], entry)
	}
	return b
}

func TestListsBeyondTheirLimitAreRefused(t *testing.T) {
	user := append([]byte{12, 0, 0, 0}, unhex(t, "0101000000000005 12000000")...)
	for name, c := range map[string]struct {
		limit, size int
		entry       []byte
		info        fscc.Information
		count       func(fscc.Information) int
	}{
		"attributes": {
			1 << 13, 12,
			[]byte{0, 1, 0, 0, 'A', 0},
			new(fscc.FullEaInformation),
			func(i fscc.Information) int { return len(i.(*fscc.FullEaInformation).EAs) },
		},
		"names": {
			1 << 13, 8,
			[]byte{1, 'A', 0},
			new(fscc.GetEaInformation),
			func(i fscc.Information) int { return len(i.(*fscc.GetEaInformation).Names) },
		},
		"users": {
			1 << 11, 20, user, new(fscc.GetQuotaInformation),
			func(i fscc.Information) int { return len(i.(*fscc.GetQuotaInformation).SIDs) },
		},
	} {
		if err := fscc.DecodeInformation(chain(c.limit, c.size, c.entry), c.info); err != nil || c.count(c.info) != c.limit {
			t.Errorf("%d %s: %d read, %v", c.limit, name, c.count(c.info), err)
		}
		if err := fscc.DecodeInformation(chain(c.limit+1, c.size, c.entry), c.info); err == nil {
			t.Errorf("%d %s were read", c.limit+1, name)
		}
	}
}

func TestDecodedAttributesHoldNoPartOfTheMessage(t *testing.T) {
	raw := unhex(t, "00000000 00 01 0100 41 00 78")
	var info fscc.FullEaInformation
	if err := fscc.DecodeInformation(raw, &info); err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if info.EAs[0].Name != "A" || string(info.EAs[0].Value) != "x" {
		t.Errorf("after the message was overwritten: %+v", info.EAs[0])
	}
}

func TestNamesOfAttributesAreThoseOfTheSpecification(t *testing.T) {
	long := string(bytes.Repeat([]byte{'n'}, 255))
	for name, want := range map[string]bool{
		"A": true, "user.DOSATTRIB": true, "with blank": true, "\xe4": true, "a'!#$%&()-@^_`{}~": true, long[:254]: true,
		"": false, "a\x00": false, "a\x1f": false, long: false,
		`a\`: false, "a/": false, "a:": false, "a*": false, "a?": false, `a"`: false, "a<": false, "a>": false,
		"a|": false, "a,": false, "a+": false, "a=": false, "a[": false, "a]": false, "a;": false,
	} {
		if got := (&fscc.EA{Name: name}).ValidName(); got != want {
			t.Errorf("ValidName of %q = %v, want %v", name, got, want)
		}
	}
}

func TestObjectIDOfTypeOneHasItsParts(t *testing.T) {
	object, volume, birth := dtyp.NewGUID(), dtyp.NewGUID(), dtyp.NewGUID()
	id := fscc.NewObjectID(object, volume, birth)
	if id.ObjectID != object || id.BirthVolumeID() != volume || id.BirthObjectID() != birth {
		t.Errorf("made of %v, %v, %v: %v, %v, %v", object, volume, birth, id.ObjectID, id.BirthVolumeID(), id.BirthObjectID())
	}
	// [MS-FSCC] 2.1.3.1: the four parts one behind the other, the last zero.
	want := slices.Concat(object[:], volume[:], birth[:], make([]byte, 16))
	if got := fscc.AppendInformation(nil, &id); !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func FuzzLists(f *testing.F) {
	for _, c := range lists {
		f.Add(unhex(f, c.bytes))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, c := range lists {
			first, second := c.new(), c.new()
			if fscc.DecodeInformation(b, first) != nil {
				continue
			}
			encoded := fscc.AppendInformation(nil, first)
			if err := fscc.DecodeInformation(encoded, second); err != nil || !reflect.DeepEqual(first, second) {
				t.Fatalf("%s: %x\nfirst  %+v\nsecond %+v, %v", name, b, first, second, err)
			}
		}
	})
}
