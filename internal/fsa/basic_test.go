package fsa_test

import (
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// What clients write instead of a time.
const (
	keep dtyp.FileTime = 1<<64 - 1
	move dtyp.FileTime = 1<<64 - 2
)

func setBasic(t *testing.T, h *fsa.Handle, info fscc.BasicInformation) {
	t.Helper()
	if err := h.SetBasic(t.Context(), &info); err != nil {
		t.Fatalf("SetBasic(%+v): %v", info, err)
	}
}

func attrOf(t *testing.T, h *fsa.Handle) vfs.Attr {
	t.Helper()
	a, err := h.Attr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// change writes a byte.
func change(t *testing.T, h *fsa.Handle) {
	t.Helper()
	if _, err := h.WriteAt(t.Context(), []byte("x"), 0, false); err != nil {
		t.Fatal(err)
	}
}

// smbtorture's smb2.timestamps.time_t_*.
func TestAllFourTimesAreSet(t *testing.T) {
	for _, unix := range []int64{0, 1, -1, -2, -63158400, 4294967295, 10000000000, 15032385535} {
		f := newFixture(t)
		f.make("file")
		want := time.Unix(unix, 0)
		at := dtyp.FileTimeOf(want)
		h := f.open(request("file"))
		setBasic(t, h, fscc.BasicInformation{CreationTime: at, LastAccessTime: at, LastWriteTime: at, ChangeTime: at})
		f.close(h)
		h = f.open(request("file"))
		a := attrOf(t, h)
		f.close(h)
		for name, got := range map[string]time.Time{
			"CreationTime": a.CreationTime, "LastAccessTime": a.LastAccessTime,
			"LastWriteTime": a.LastWriteTime, "ChangeTime": a.ChangeTime,
		} {
			if !got.Equal(want) {
				t.Errorf("%d: %s = %v, want %v", unix, name, got, want)
			}
		}
	}
}

// smbtorture's smb2.timestamps.freeze-thaw.
func TestTimesStayAsTheyWereSetUntilTheyAreToMoveAgain(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	old := time.Date(2001, 2, 3, 4, 5, 6, 700, time.UTC)
	at := dtyp.FileTimeOf(old)
	h := f.open(request("file"))
	defer f.close(h)
	for name, freeze := range map[string]fscc.BasicInformation{
		"set":  {LastWriteTime: at, ChangeTime: at},
		"kept": {LastWriteTime: keep, ChangeTime: keep},
	} {
		setBasic(t, h, fscc.BasicInformation{LastWriteTime: at, ChangeTime: at})
		setBasic(t, h, freeze)
		change(t, h)
		if err := h.SetEndOfFile(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		if a := attrOf(t, h); !a.LastWriteTime.Equal(old) || !a.ChangeTime.Equal(old) {
			t.Errorf("%s: written %v, changed %v, want both %v", name, a.LastWriteTime, a.ChangeTime, old)
		}
		setBasic(t, h, fscc.BasicInformation{LastWriteTime: move, ChangeTime: move})
		change(t, h)
		if a := attrOf(t, h); a.LastWriteTime.Equal(old) || a.ChangeTime.Equal(old) {
			t.Errorf("%s: written %v, changed %v after they were to move again", name, a.LastWriteTime, a.ChangeTime)
		}
	}
}

func TestTimesThatOneOpenKeepsMoveThroughAnother(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	old := time.Date(2001, 2, 3, 4, 5, 6, 700, time.UTC)
	a, b := f.open(request("file")), f.open(request("file"))
	defer f.close(a)
	defer f.close(b)
	setBasic(t, a, fscc.BasicInformation{LastWriteTime: dtyp.FileTimeOf(old)})
	change(t, b)
	if got := attrOf(t, a).LastWriteTime; got.Equal(old) {
		t.Error("a write through another open did not move LastWriteTime")
	}
}

func TestAttributesAreSetWithoutMovingAChangeTimeThatIsKept(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	old := time.Date(2001, 2, 3, 4, 5, 6, 700, time.UTC)
	h := f.open(request("file"))
	defer f.close(h)
	setBasic(t, h, fscc.BasicInformation{ChangeTime: dtyp.FileTimeOf(old)})
	setBasic(t, h, fscc.BasicInformation{FileAttributes: fscc.FileAttributeHidden})
	if a := attrOf(t, h); !a.ChangeTime.Equal(old) || a.Attributes != fscc.FileAttributeHidden {
		t.Errorf("changed %v, attributes %#x, want %v and Hidden", a.ChangeTime, a.Attributes, old)
	}
}

func TestNonsensicalTimesAreInvalid(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	h := f.open(request("file"))
	defer f.close(h)
	before := attrOf(t, h)
	for _, bad := range []dtyp.FileTime{1<<64 - 3, 1 << 63} {
		for _, info := range []fscc.BasicInformation{{CreationTime: bad}, {LastAccessTime: bad}, {LastWriteTime: bad}, {ChangeTime: bad}} {
			if err := h.SetBasic(t.Context(), &info); err != ntstatus.InvalidParameter {
				t.Errorf("SetBasic(%+v) = %v, want InvalidParameter", info, err)
			}
		}
	}
	if after := attrOf(t, h); after != before {
		t.Errorf("attributes %+v, want them unchanged: %+v", after, before)
	}
}

func TestWhateverChangesAFileSetsArchive(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, h *fsa.Handle) error{
		"write": func(t *testing.T, h *fsa.Handle) error {
			_, err := h.WriteAt(t.Context(), []byte("x"), 0, false)
			return err
		},
		"end of file": func(t *testing.T, h *fsa.Handle) error { return h.SetEndOfFile(t.Context(), 7) },
		"allocation": func(t *testing.T, h *fsa.Handle) error {
			return h.SetAllocation(t.Context(), attrOf(t, h).EndOfFile-1)
		},
		"zero": func(t *testing.T, h *fsa.Handle) error { return h.Zero(t.Context(), 0, 2) },
		"copy": func(t *testing.T, h *fsa.Handle) error {
			_, err := h.CopyFrom(t.Context(), h, []fsa.Chunk{{SourceOffset: 0, TargetOffset: 2, Length: 2}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.write("file", "12345")
			h := f.open(request("file"))
			defer f.close(h)
			for range 2 { // cleared, as by a backup, while the file stays open
				setBasic(t, h, fscc.BasicInformation{FileAttributes: fscc.FileAttributeHidden})
				if got := attrOf(t, h).Attributes; got != fscc.FileAttributeHidden {
					t.Fatalf("attributes %#x, want Hidden alone", got)
				}
				if err := do(t, h); err != nil {
					t.Fatal(err)
				}
				if got, want := attrOf(t, h).Attributes, fscc.FileAttributeHidden|fscc.FileAttributeArchive; got != want {
					t.Errorf("attributes %#x after the change, want %#x", got, want)
				}
			}
		})
	}
}

// smbtorture's smb2.rw.invalid.
func TestFilesBecomeNoLongerThanOnNTFS(t *testing.T) {
	const longest = 0xFFFFFFF0000
	f := newFixture(t)
	f.make("file")
	h := f.open(request("file"))
	defer f.close(h)
	for _, c := range []struct {
		off  uint64
		n    int
		want error
	}{
		{longest - 1, 1, nil},
		{longest, 0, nil},
		{longest, 1, ntstatus.InvalidParameter},
		{longest - 1, 2, ntstatus.InvalidParameter},
	} {
		if _, err := h.WriteAt(t.Context(), make([]byte, c.n), c.off, false); err != c.want {
			t.Errorf("WriteAt of %d bytes at %#x = %v, want %v", c.n, c.off, err, c.want)
		}
	}
	if err := h.SetEndOfFile(t.Context(), longest+1); err != ntstatus.InvalidParameter {
		t.Errorf("SetEndOfFile behind the longest file = %v, want InvalidParameter", err)
	}
	if got := attrOf(t, h).EndOfFile; got != longest {
		t.Errorf("EndOfFile = %#x, want %#x", got, uint64(longest))
	}
}
