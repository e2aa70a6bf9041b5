package fscc_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// fullEntry has a value of its own in each field.
var fullEntry = fscc.DirectoryEntry{
	FileIndex: 0x0A0B0C0D, CreationTime: created, LastAccessTime: accessed, LastWriteTime: written, ChangeTime: changed,
	EndOfFile: 0xABC, AllocationSize: 0x1000, FileAttributes: fscc.FileAttributeArchive, EaSize: 0x01020304,
	ReparseTag: 0xA000000C, ShortName: "ABC~1.TXT", FileID: 0x1112131415161718,
	FileID128: [16]byte{0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, FileName: "ä.txt",
}

// plainEntry is fullEntry without what only the newest classes send.
var plainEntry = fullEntryWith(func(e *fscc.DirectoryEntry) { e.ReparseTag, e.FileID128 = 0, [16]byte{} })

// fullEntryWith is fullEntry after change.
func fullEntryWith(change func(*fscc.DirectoryEntry)) fscc.DirectoryEntry {
	e := fullEntry
	change(&e)
	return e
}

// common is FileIndex to FileNameLength of fullEntry.
const common = "0d0c0b0a " + times + "bc0a000000000000 0010000000000000 20000000 0a000000 "

const (
	entryName  = "e4002e00740078007400"
	extd       = "04030201 0c0000a0" // EaSize, ReparsePointTag
	id64       = "1817161514131211"
	id128      = "f00102030405060708090a0b0c0d0e0f"
	shortBytes = "12 00 4100420043007e0031002e00540058005400 000000000000"
)

// directoryVectors are fullEntry as each class sends it, laid out by hand
// after its section, and how many bytes come before the name.
var directoryVectors = map[fscc.FileInformationClass]struct {
	fixed  int
	bytes  string
	fields fscc.DirectoryEntry // what of fullEntry the class sends
}{
	fscc.FileDirectoryInformation: {64, "00000000" + common + entryName, func() fscc.DirectoryEntry {
		e := plainEntry
		e.EaSize, e.ShortName, e.FileID = 0, "", 0
		return e
	}()},
	fscc.FileFullDirectoryInformation: {68, "00000000" + common + "04030201" + entryName, func() fscc.DirectoryEntry {
		e := plainEntry
		e.ShortName, e.FileID = "", 0
		return e
	}()},
	fscc.FileBothDirectoryInformation: {94, "00000000" + common + "04030201" + shortBytes + entryName, func() fscc.DirectoryEntry {
		e := plainEntry
		e.FileID = 0
		return e
	}()},
	fscc.FileIDBothDirectoryInformation: {104, "00000000" + common + "04030201" + shortBytes + "0000 1817161514131211" + entryName, plainEntry},
	fscc.FileIDFullDirectoryInformation: {80, "00000000" + common + "04030201 00000000 1817161514131211" + entryName, func() fscc.DirectoryEntry {
		e := plainEntry
		e.ShortName = ""
		return e
	}()},
	fscc.FileIDExtdDirectoryInformation: {
		88, "00000000" + common + extd + id128 + entryName,
		fullEntryWith(func(e *fscc.DirectoryEntry) { e.ShortName, e.FileID = "", 0 }),
	},
	fscc.FileID64ExtdDirectoryInformation: {
		80, "00000000" + common + extd + id64 + entryName,
		fullEntryWith(func(e *fscc.DirectoryEntry) { e.ShortName, e.FileID128 = "", [16]byte{} }),
	},
	fscc.FileID64ExtdBothDirectoryInformation: {
		106, "00000000" + common + extd + id64 + shortBytes + entryName,
		fullEntryWith(func(e *fscc.DirectoryEntry) { e.FileID128 = [16]byte{} }),
	},
	fscc.FileIDAllExtdDirectoryInformation: {
		96, "00000000" + common + extd + id64 + id128 + entryName,
		fullEntryWith(func(e *fscc.DirectoryEntry) { e.ShortName = "" }),
	},
	fscc.FileIDAllExtdBothDirectoryInformation: {122, "00000000" + common + extd + id64 + id128 + shortBytes + entryName, fullEntry},
	fscc.FileNamesInformation:                  {12, "00000000 0d0c0b0a 0a000000" + entryName, fscc.DirectoryEntry{FileIndex: fullEntry.FileIndex, FileName: fullEntry.FileName}},
}

// pack packs entries into at most max bytes and says how many fitted.
func pack(t testing.TB, class fscc.FileInformationClass, max int, entries ...fscc.DirectoryEntry) ([]byte, int) {
	t.Helper()
	p, err := fscc.NewDirectoryPacker(class, nil, max)
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		if !p.Add(&entries[i]) {
			break
		}
	}
	if p.Len() > max {
		t.Errorf("%v: %d bytes packed, at most %d allowed", class, p.Len(), max)
	}
	n := p.Count()
	return p.Finish(), n
}

// unpack decodes a list that must be good.
func unpack(t testing.TB, class fscc.FileInformationClass, list []byte) []fscc.DirectoryEntry {
	t.Helper()
	var entries []fscc.DirectoryEntry
	for e, err := range fscc.DirectoryEntries(class, list) {
		if err != nil {
			t.Fatalf("%v: %x: %v", class, list, err)
		}
		entries = append(entries, e)
	}
	return entries
}

func TestEveryDirectoryClassIsLaidOutAsSpecified(t *testing.T) {
	for class, v := range directoryVectors {
		raw := unhex(t, v.bytes)
		if got, n := pack(t, class, len(raw), fullEntry); n != 1 || !bytes.Equal(got, raw) {
			t.Errorf("%v: packed %d\ngot  %x\nwant %x", class, n, got, raw)
		}
		if got := unpack(t, class, raw); !slices.Equal(got, []fscc.DirectoryEntry{v.fields}) {
			t.Errorf("%v: unpacked %x\ngot  %+v\nwant %+v", class, raw, got, v.fields)
		}
		if row, _ := class.Row(); row.Size != v.fixed || row.MinimumOutput != v.fixed {
			t.Errorf("%v: Size %d, MinimumOutput %d, the name begins at %d", class, row.Size, row.MinimumOutput, v.fixed)
		}
	}
	for class, row := range fscc.FileInformationClasses() {
		_, ok := directoryVectors[class]
		if row.Uses == fscc.UseDirectory && ok != (row.Size != 0) {
			t.Errorf("%v: has a size: %v, has a vector: %v", class, row.Size != 0, ok)
		}
	}
}

func TestEveryPrefixOfADirectoryEntryIsRefused(t *testing.T) {
	for class, v := range directoryVectors {
		raw := unhex(t, v.bytes)
		for n := 1; n < len(raw); n++ {
			var last error
			for e, err := range fscc.DirectoryEntries(class, raw[:n]) {
				if err == nil {
					t.Errorf("%v: %d bytes of %d gave %+v", class, n, len(raw), e)
				}
				last = err
			}
			if _, ok := errors.AsType[*wire.Error](last); !ok {
				t.Errorf("%v: %d bytes of %d: err = %v, want a *wire.Error", class, n, len(raw), last)
			}
		}
		if got := unpack(t, class, nil); len(got) != 0 {
			t.Errorf("%v: the empty list has %d entries", class, len(got))
		}
	}
}

func TestEntriesAreAlignedAndLinked(t *testing.T) {
	entries := []fscc.DirectoryEntry{{FileName: "."}, {FileName: ".."}, {FileName: "abc"}}
	// [MS-FSCC] 2.4.33: 12 bytes and the name, from one multiple of 8 to the
	// next; no padding behind the last.
	want := unhex(t, `
		10000000 00000000 02000000 2e00 0000
		10000000 00000000 04000000 2e002e00
		00000000 00000000 06000000 610062006300`)
	prefix := []byte("abc") // the list need not begin at a multiple of 8 in the slice
	p, err := fscc.NewDirectoryPacker(fscc.FileNamesInformation, prefix, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		if !p.Add(&entries[i]) {
			t.Fatalf("entry %d does not fit", i)
		}
	}
	if p.Len() != len(want) || p.Count() != 3 {
		t.Errorf("Len %d, Count %d; want %d, 3", p.Len(), p.Count(), len(want))
	}
	got := p.Finish()
	if !bytes.Equal(got, append([]byte("abc"), want...)) {
		t.Errorf("got  %x\nwant %x", got[3:], want)
	}
	if back := unpack(t, fscc.FileNamesInformation, want); !slices.Equal(back, entries) {
		t.Errorf("unpacked %+v", back)
	}
}

func TestNothingIsPackedBeyondTheLimit(t *testing.T) {
	for class := range directoryVectors {
		entries := make([]fscc.DirectoryEntry, 5)
		for i := range entries {
			entries[i].FileName = strings.Repeat("n", 2*i+1)
		}
		whole, _ := pack(t, class, 1<<20, entries...)
		ends := make(map[int]int) // how many entries need how many bytes
		for i := range entries {
			part, n := pack(t, class, 1<<20, entries[:i+1]...)
			ends[n] = len(part)
		}
		for limit := range len(whole) + 1 {
			list, n := pack(t, class, limit, entries...)
			if n < len(entries) && ends[n+1] <= limit || n > 0 && ends[n] > limit {
				t.Errorf("%v: limit %d: %d entries packed, sizes %v", class, limit, n, ends)
			}
			if got := unpack(t, class, list); len(got) != n {
				t.Errorf("%v: limit %d: %d entries packed, %d found", class, limit, n, len(got))
			}
		}
	}
}

func TestEntryThatDoesNotFitChangesNothing(t *testing.T) {
	p, err := fscc.NewDirectoryPacker(fscc.FileNamesInformation, nil, 40)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Add(&fscc.DirectoryEntry{FileName: "a"}) {
		t.Fatal("the first entry does not fit")
	}
	if p.Add(&fscc.DirectoryEntry{FileName: strings.Repeat("b", 50)}) {
		t.Error("an entry of 112 bytes fits into 40")
	}
	if !p.Add(&fscc.DirectoryEntry{FileName: "c"}) {
		t.Error("a smaller entry does not fit after a larger one did not")
	}
	want := unhex(t, "10000000 00000000 02000000 6100 0000  00000000 00000000 02000000 6300")
	if got := p.Finish(); !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func TestShortNameThatIsNoneIsLeftOut(t *testing.T) {
	for short, want := range map[string]string{
		"":                "",
		"A":               "A",
		"ABCDEFGH.TXT":    "ABCDEFGH.TXT", // 12 characters, all there is room for
		"ABCDEFGHI.TXT":   "",
		"😀😀😀😀😀😀":          "😀😀😀😀😀😀", // 12 code units
		"😀😀😀😀😀😀A":         "",
		"ABCDEFGH~1.HTML": "",
	} {
		list, _ := pack(t, fscc.FileBothDirectoryInformation, 1000, fscc.DirectoryEntry{ShortName: short, FileName: "x"})
		if got := unpack(t, fscc.FileBothDirectoryInformation, list); got[0].ShortName != want || got[0].FileName != "x" {
			t.Errorf("ShortName %q arrives as %q, want %q", short, got[0].ShortName, want)
		}
	}
}

func TestClassesWithoutAFormAreNotSupported(t *testing.T) {
	for _, class := range []fscc.FileInformationClass{fscc.FileIDExtdBothDirectoryInformation, fscc.FileBasicInformation, 0, 0xFF} {
		if _, err := fscc.NewDirectoryPacker(class, nil, 1000); !errors.Is(err, ntstatus.NotSupported) {
			t.Errorf("%v: packing gives %v", class, err)
		}
		n := 0
		for _, err := range fscc.DirectoryEntries(class, make([]byte, 200)) {
			if n++; !errors.Is(err, ntstatus.NotSupported) {
				t.Errorf("%v: unpacking gives %v", class, err)
			}
		}
		if n != 1 {
			t.Errorf("%v: %d results, want one error", class, n)
		}
	}
}

func TestGoodEntriesComeBeforeTheError(t *testing.T) {
	good := "10000000 00000000 02000000 6100 0000 "
	for name, rest := range map[string]string{
		"cut off":               "00000000 00000000",
		"name beyond the end":   "00000000 00000000 04000000 6100",
		"name of odd length":    "00000000 00000000 01000000 6100",
		"next beyond the end":   "18000000 00000000 02000000 6100 0000",
		"next not aligned":      "0e000000 00000000 02000000 6100",
		"next inside the entry": "08000000 00000000 02000000 6100 0000 00000000 00000000",
	} {
		var names []string
		var failures int
		for e, err := range fscc.DirectoryEntries(fscc.FileNamesInformation, unhex(t, good+rest)) {
			if err != nil {
				failures++
				continue
			}
			names = append(names, e.FileName)
		}
		if !slices.Equal(names, []string{"a"}) || failures != 1 {
			t.Errorf("%s: entries %q and %d errors, want one of each", name, names, failures)
		}
	}
}

func TestReaderOfAListMayStop(t *testing.T) {
	list, _ := pack(t, fscc.FileNamesInformation, 1000, fscc.DirectoryEntry{FileName: "a"}, fscc.DirectoryEntry{FileName: "b"})
	for e, err := range fscc.DirectoryEntries(fscc.FileNamesInformation, list) {
		if e.FileName != "a" || err != nil {
			t.Errorf("got %+v, %v", e, err)
		}
		break
	}
}

func FuzzDirectoryList(f *testing.F) {
	for class, v := range directoryVectors {
		f.Add(uint8(class), unhex(f, v.bytes))
		list, _ := pack(f, class, 1<<16, fullEntry, fscc.DirectoryEntry{FileName: "😀"}, fscc.DirectoryEntry{})
		f.Add(uint8(class), list)
	}
	f.Fuzz(func(t *testing.T, c uint8, list []byte) {
		class := fscc.FileInformationClass(c)
		var entries []fscc.DirectoryEntry
		bad := false
		for e, err := range fscc.DirectoryEntries(class, list) {
			if bad {
				t.Fatal("something came behind the error")
			}
			if bad = err != nil; !bad {
				entries = append(entries, e)
			}
		}
		row, ok := class.Row()
		if !ok || row.Uses != fscc.UseDirectory || row.Size == 0 {
			if len(entries) > 0 || !bad {
				t.Fatalf("%v is no directory class, yet has entries", class)
			}
			return
		}
		if len(entries)*row.Size > len(list) {
			t.Fatalf("%v: %d entries in %d bytes", class, len(entries), len(list))
		}
		packed, n := pack(t, class, 1<<30, entries...)
		if n != len(entries) {
			t.Fatalf("%v: %d of %d entries packed", class, n, len(entries))
		}
		if again := unpack(t, class, packed); !slices.Equal(again, entries) {
			t.Fatalf("%v: %x\nfirst  %+v\nsecond %+v", class, list, entries, again)
		}
	})
}

func BenchmarkDirectory(b *testing.B) {
	entries := make([]fscc.DirectoryEntry, 500)
	for i := range entries {
		entries[i] = fullEntry
		entries[i].FileName = fmt.Sprintf("Holiday picture %04d.jpeg", i)
	}
	const class = fscc.FileIDBothDirectoryInformation
	list, n := pack(b, class, 1<<17, entries...)
	if n != len(entries) {
		b.Fatalf("%d entries packed", n)
	}
	b.Run("Pack", func(b *testing.B) {
		buf := make([]byte, 0, 1<<17)
		b.ReportAllocs()
		b.SetBytes(int64(len(list)))
		for b.Loop() {
			p, _ := fscc.NewDirectoryPacker(class, buf, 1<<17)
			for i := range entries {
				p.Add(&entries[i])
			}
			p.Finish()
		}
	})
	b.Run("Unpack", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(list)))
		for b.Loop() {
			for _, err := range fscc.DirectoryEntries(class, list) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
