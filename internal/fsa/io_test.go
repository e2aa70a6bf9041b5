package fsa_test

import (
	"math"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// write creates name with the given content.
func (f *fixture) write(name, content string) {
	f.Helper()
	h := f.open(request(name, disposition(fscc.DispositionOverwriteIf)))
	defer f.close(h)
	if _, err := h.WriteAt(f.Context(), []byte(content), 0, false); err != nil {
		f.Fatalf("WriteAt(%q): %v", name, err)
	}
}

// read returns the first bytes of name.
func (f *fixture) read(name string) string {
	f.Helper()
	h := f.open(request(name, access(dtyp.FileReadData)))
	defer f.close(h)
	p := make([]byte, 100)
	n, err := h.ReadAt(f.Context(), p, 0)
	if err != nil && err != ntstatus.EndOfFile {
		f.Fatalf("ReadAt(%q): %v", name, err)
	}
	return string(p[:n])
}

func TestReadsEndWithTheFile(t *testing.T) {
	f := newFixture(t)
	f.write("file", "12345")
	h := f.open(request("file"))
	defer f.close(h)
	for _, c := range []struct {
		off  uint64
		n    int
		want string
		err  error
	}{
		{0, 5, "12345", nil},
		{0, 9, "12345", nil},
		{4, 9, "5", nil},
		{5, 1, "", ntstatus.EndOfFile},
		{5, 0, "", nil},
		{1 << 40, 1, "", ntstatus.EndOfFile},
		{1 << 40, 0, "", nil},
		{math.MaxInt64, 0, "", nil},
		{math.MaxInt64, 1, "", ntstatus.InvalidParameter},
		{math.MaxInt64 + 1, 0, "", ntstatus.InvalidParameter},
		{math.MaxUint64, 1, "", ntstatus.InvalidParameter},
	} {
		p := make([]byte, c.n)
		n, err := h.ReadAt(t.Context(), p, c.off)
		if string(p[:n]) != c.want || err != c.err {
			t.Errorf("ReadAt(%d bytes, %d) = %q, %v, want %q, %v", c.n, c.off, p[:n], err, c.want, c.err)
		}
	}
	if _, err := h.WriteAt(t.Context(), []byte("x"), math.MaxInt64, false); err != ntstatus.InvalidParameter {
		t.Errorf("WriteAt behind the longest file: got %v", err)
	}
}

func TestDataIsReachedOnlyWithTheRightsToIt(t *testing.T) {
	f := newFixture(t)
	f.write("file", "12345")
	f.make(`dir\`)
	const ok, no, dev = ntstatus.Success, ntstatus.AccessDenied, ntstatus.InvalidDeviceRequest
	for _, c := range []struct {
		name                      string
		access                    dtyp.AccessMask
		read, write, append, size ntstatus.Status
	}{
		{"file", dtyp.FileReadData, ok, no, no, no},
		{"file", dtyp.FileExecute, ok, no, no, no},
		{"file", dtyp.FileWriteData, no, ok, ok, ok},
		{"file", dtyp.FileAppendData, no, no, ok, no},
		{"file", dtyp.FileReadAttributes, no, no, no, no},
		{"file", dtyp.GenericAll, ok, ok, ok, ok},
		{"dir", dtyp.GenericAll, dev, dev, dev, ntstatus.InvalidParameter},
	} {
		h := f.open(request(c.name, access(c.access)))
		check := func(what string, err error, want ntstatus.Status) {
			t.Helper()
			if err == nil {
				err = ntstatus.Success
			}
			if err != want {
				t.Errorf("%s of %s with %#x: got %v, want %v", what, c.name, c.access, err, want)
			}
		}
		_, err := h.ReadAt(t.Context(), make([]byte, 1), 0)
		check("read", err, c.read)
		_, err = h.WriteAt(t.Context(), []byte("x"), 0, false)
		check("write", err, c.write)
		_, err = h.WriteAt(t.Context(), []byte("x"), 5, true)
		check("append", err, c.append)
		check("SetEndOfFile", h.SetEndOfFile(t.Context(), 5), c.size)
		check("SetAllocation", h.SetAllocation(t.Context(), 5), c.size)
		check("Flush", h.Flush(t.Context()), ok)
		f.close(h)
	}
}

func TestAllocationOnlyShortens(t *testing.T) {
	f := newFixture(t)
	f.write("file", "12345")
	h := f.open(request("file"))
	defer f.close(h)
	for _, c := range []struct {
		set  func(uint64) error
		size uint64
		want uint64
		err  error
	}{
		{func(n uint64) error { return h.SetAllocation(t.Context(), n) }, 1 << 20, 5, nil},
		{func(n uint64) error { return h.SetAllocation(t.Context(), n) }, 3, 3, nil},
		{func(n uint64) error { return h.SetEndOfFile(t.Context(), n) }, 9, 9, nil},
		{func(n uint64) error { return h.SetEndOfFile(t.Context(), n) }, 0, 0, nil},
		{func(n uint64) error { return h.SetEndOfFile(t.Context(), n) }, 1 << 63, 0, ntstatus.InvalidParameter},
		{func(n uint64) error { return h.SetAllocation(t.Context(), n) }, 1 << 63, 0, ntstatus.InvalidParameter},
	} {
		if err := c.set(c.size); err != c.err {
			t.Errorf("set to %d: got %v, want %v", c.size, err, c.err)
		}
		if a, err := h.Attr(t.Context()); a.EndOfFile != c.want || err != nil {
			t.Errorf("set to %d: EndOfFile = %d, %v, want %d", c.size, a.EndOfFile, err, c.want)
		}
	}
}

func TestOverwritingEmptiesTheFileAndResetsItsAttributes(t *testing.T) {
	for _, d := range []fscc.CreateDisposition{
		fscc.DispositionOverwrite, fscc.DispositionOverwriteIf, fscc.DispositionSupersede,
	} {
		f := newFixture(t)
		f.write("file", "12345")
		h := f.open(request("file", access(dtyp.FileReadAttributes), disposition(d),
			attributes(fscc.FileAttributeHidden|fscc.FileAttributeNormal|fscc.FileAttributeNotContentIndexed)))
		a, err := h.Attr(t.Context())
		if want := fscc.FileAttributeHidden | fscc.FileAttributeArchive; a.EndOfFile != 0 || a.Attributes != want || err != nil {
			t.Errorf("disposition %d: %d bytes, attributes %#x, %v, want 0 and %#x", d, a.EndOfFile, a.Attributes, err, want)
		}
		if got := h.GrantedAccess(); got != dtyp.FileReadAttributes {
			t.Errorf("disposition %d: granted %#x, want no more than was asked for", d, got)
		}
		f.close(h)
	}
}

func TestNewFilesGetTheAttributesAskedForAndArchive(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		name    string
		options fscc.CreateOptions
		ask     fscc.FileAttributes
		want    fscc.FileAttributes
	}{
		{"a", 0, 0, fscc.FileAttributeArchive},
		{"b", 0, fscc.FileAttributeNormal, fscc.FileAttributeArchive},
		{"c", 0, fscc.FileAttributeReadonly | fscc.FileAttributeDirectory, fscc.FileAttributeReadonly | fscc.FileAttributeArchive},
		{"d", fscc.OptionDirectoryFile, fscc.FileAttributeHidden, fscc.FileAttributeHidden | fscc.FileAttributeDirectory},
	} {
		h := f.open(request(c.name, disposition(fscc.DispositionCreate), attributes(c.ask), options(c.options)))
		if a, err := h.Attr(t.Context()); a.Attributes != c.want || err != nil {
			t.Errorf("%s with %#x: attributes %#x, %v, want %#x", c.name, c.ask, a.Attributes, err, c.want)
		}
		f.close(h)
	}
}

func TestAttributesAreSetAsFarAsTheyCanBe(t *testing.T) {
	f := newFixture(t)
	f.make("file", `dir\`)
	for _, c := range []struct {
		name      string
		set, want fscc.FileAttributes
		err       error
	}{
		{"file", fscc.FileAttributeHidden | fscc.FileAttributeReparsePoint, fscc.FileAttributeHidden, nil},
		{"file", fscc.FileAttributeNormal, 0, nil},
		{"file", fscc.FileAttributeDirectory, 0, ntstatus.InvalidParameter},
		{"dir", fscc.FileAttributeDirectory | fscc.FileAttributeSystem, fscc.FileAttributeDirectory | fscc.FileAttributeSystem, nil},
		{"dir", fscc.FileAttributeTemporary, fscc.FileAttributeDirectory | fscc.FileAttributeSystem, ntstatus.InvalidParameter},
		{"", fscc.FileAttributeHidden | fscc.FileAttributeReadonly, fscc.FileAttributeDirectory | fscc.FileAttributeReadonly, nil},
	} {
		h := f.open(request(c.name))
		if err := h.SetAttr(t.Context(), vfs.SetAttr{Attributes: &c.set}); err != c.err {
			t.Errorf("SetAttr(%q, %#x): got %v, want %v", c.name, c.set, err, c.err)
		}
		if a, err := h.Attr(t.Context()); a.Attributes != c.want || err != nil {
			t.Errorf("SetAttr(%q, %#x): attributes %#x, %v, want %#x", c.name, c.set, a.Attributes, err, c.want)
		}
		f.close(h)
	}
	when := time.Date(2001, 2, 3, 4, 5, 6, 700, time.UTC)
	h := f.open(request("file"))
	defer f.close(h)
	if err := h.SetAttr(t.Context(), vfs.SetAttr{LastWriteTime: &when}); err != nil {
		t.Fatal(err)
	}
	if a, _ := h.Attr(t.Context()); !a.LastWriteTime.Equal(when) {
		t.Errorf("LastWriteTime = %v, want %v", a.LastWriteTime, when)
	}
}

func TestEveryOpenOfAFileHasTheSameID(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\file`)
	ids := make(map[uint64]string)
	for _, name := range []string{"", "dir", `dir\file`} {
		a, b := f.open(request(name)), f.open(request(name))
		if a.FileID() != b.FileID() {
			t.Errorf("%q has the IDs %d and %d", name, a.FileID(), b.FileID())
		}
		if twin, ok := ids[a.FileID()]; ok {
			t.Errorf("%q and %q have one ID", name, twin)
		}
		ids[a.FileID()] = name
		f.close(a)
		f.close(b)
	}
}

func TestVolumeWithOpenHandlesIsNotUnmounted(t *testing.T) {
	f := newFixture(t)
	v := f.mount()
	h, _, err := v.Open(t.Context(), request(""))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Unmount(); err == nil {
		t.Fatal("Unmount with an open handle succeeded")
	}
	f.close(h)
	if err := v.Unmount(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := v.Open(t.Context(), request("")); err != ntstatus.VolumeDismounted {
		t.Errorf("Open after Unmount: got %v, want %v", err, ntstatus.VolumeDismounted)
	}
}
