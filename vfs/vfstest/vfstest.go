// Package vfstest is what every back end has to pass: each sentence of the
// contract of package vfs as a named case.
//
//	func TestConformance(t *testing.T) {
//		vfstest.Run(t, func(t *testing.T) vfs.FS { return memfs.New() })
//	}
//
// A case that does not apply to a back end skips and says why.
//
// A [History] is random steps for several [Target]s at once, on which each step
// must have the same [Outcome]: internal/smbtest tells some through SMB and
// directly.
package vfstest

import (
	"errors"
	"io"
	"maps"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/signet-smb/signet/vfs"
)

// SpecialMaker is implemented by a file system under test that has special
// files.
type SpecialMaker interface {
	// MakeSpecial makes a special file called name in the root, behind the
	// back of the file system.
	MakeSpecial(t *testing.T, name string)
}

// ForeignMaker is implemented by a file system under test that other programs
// change too.
type ForeignMaker interface {
	// MakeForeign makes an empty file in the root, behind the back of the file
	// system, that who is served may rename. name is any bytes but slash and
	// NUL.
	MakeForeign(t *testing.T, name string)
}

// Run runs every case, each on a file system of its own. newFS makes an empty
// one that a nil Cred may use freely, and gives it back through t.Cleanup.
//
// Run counts the descriptors and goroutines of the process, so no other test
// may run in parallel to it.
func Run(t *testing.T, newFS func(t *testing.T) vfs.FS) {
	for _, cases := range []map[string]func(*suite){
		lookupCases, createCases, renameCases, removeCases, attrCases, dataCases, dirCases, linkCases, copyCases, rangeCases, eaCases, streamCases, securityCases,
	} {
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			t.Run(name, func(t *testing.T) {
				checkLeaks(t)
				cases[name](newSuite(t, newFS))
			})
		}
	}
}

// checkLeaks fails t at its end, after everything else was cleaned up, if it
// left a goroutine or a descriptor behind.
func checkLeaks(t *testing.T) {
	goroutines := goleak.IgnoreCurrent()
	before := descriptors()
	t.Cleanup(func() {
		goleak.VerifyNone(t, goroutines)
		if after := descriptors(); !slices.Equal(after, before) {
			t.Errorf("open descriptors at the end:\n%q\nwant those of the beginning:\n%q", after, before)
		}
	})
}

// suite is one case at work: a file system, its root, and helpers that fail
// the test instead of returning errors. What they return is closed at the end
// of the test.
type suite struct {
	t     *testing.T
	newFS func(t *testing.T) vfs.FS
	fs    vfs.FS
	root  vfs.Node
}

// references is implemented by file systems that count what is not closed yet.
type references interface{ OpenReferences() int }

func newSuite(t *testing.T, newFS func(t *testing.T) vfs.FS) *suite {
	t.Helper()
	s := &suite{t: t, newFS: newFS, fs: newFS(t)}
	if r, ok := s.fs.(references); ok {
		t.Cleanup(func() {
			if n := r.OpenReferences(); n != 0 {
				t.Errorf("%d references are open at the end, want 0", n)
			}
		})
	}
	root, err := s.fs.Root(t.Context())
	s.ok(err, "Root")
	s.closeLater(root)
	s.root = root
	return s
}

// ok stops the test if what was done failed.
func (s *suite) ok(err error, what string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

// fails checks that what was done failed as wanted.
func (s *suite) fails(err, want error, what string) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// closeLater closes c at the end of the test.
func (s *suite) closeLater(c io.Closer) {
	s.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			s.t.Errorf("Close: %v", err)
		}
	})
}

// close closes c now.
func (s *suite) close(c io.Closer) {
	s.t.Helper()
	s.ok(c.Close(), "Close")
}

// mkdir makes a directory.
func (s *suite) mkdir(dir vfs.Node, name string) vfs.Node {
	s.t.Helper()
	n, file, err := s.fs.Create(s.t.Context(), nil, dir, name, true)
	s.ok(err, "Create directory "+name)
	s.closeLater(n)
	if file != nil {
		s.t.Errorf("Create of directory %q returned a File", name)
		s.closeLater(file)
	}
	return n
}

// create makes a file and leaves it open.
func (s *suite) create(dir vfs.Node, name string) (vfs.Node, vfs.File) {
	s.t.Helper()
	n, file, err := s.fs.Create(s.t.Context(), nil, dir, name, false)
	s.ok(err, "Create file "+name)
	s.closeLater(n)
	s.closeLater(file)
	return n, file
}

// put makes a file that holds content.
func (s *suite) put(dir vfs.Node, name, content string) vfs.Node {
	s.t.Helper()
	n, file, err := s.fs.Create(s.t.Context(), nil, dir, name, false)
	s.ok(err, "Create file "+name)
	s.closeLater(n)
	s.write(file, 0, content)
	s.close(file)
	return n
}

// open opens a file.
func (s *suite) open(n vfs.Node, mode vfs.Mode) vfs.File {
	s.t.Helper()
	file, err := s.fs.Open(s.t.Context(), nil, n, mode)
	s.ok(err, "Open")
	s.closeLater(file)
	return file
}

// lookup finds an entry and its name as stored.
func (s *suite) lookup(dir vfs.Node, name string) (vfs.Node, string) {
	s.t.Helper()
	n, stored, err := s.fs.Lookup(s.t.Context(), nil, dir, name)
	s.ok(err, "Lookup "+name)
	s.closeLater(n)
	return n, stored
}

// finds checks that a lookup of name leads to want under the name stored.
func (s *suite) finds(dir vfs.Node, name string, want vfs.Node, stored string) {
	s.t.Helper()
	n, got, err := s.fs.Lookup(s.t.Context(), nil, dir, name)
	if err != nil {
		s.t.Errorf("Lookup(%q): %v, want the entry %q", name, err, stored)
		return
	}
	defer n.Close()
	if n.ID() != want.ID() || got != stored {
		s.t.Errorf("Lookup(%q) = %+v called %q, want %+v called %q", name, n.ID(), got, want.ID(), stored)
	}
}

// misses checks that there is no entry of that name.
func (s *suite) misses(dir vfs.Node, name string) {
	s.t.Helper()
	n, stored, err := s.fs.Lookup(s.t.Context(), nil, dir, name)
	if err == nil {
		s.t.Errorf("Lookup(%q) found %q, want nothing", name, stored)
		s.close(n)
		return
	}
	s.fails(err, errNotExist, "Lookup "+name)
}

// rename renames without expecting trouble.
func (s *suite) rename(dir vfs.Node, name string, newDir vfs.Node, newName string, replace bool) {
	s.t.Helper()
	s.ok(s.fs.Rename(s.t.Context(), nil, dir, name, newDir, newName, replace), "Rename "+name+" to "+newName)
}

// remove removes without expecting trouble.
func (s *suite) remove(dir vfs.Node, name string, n vfs.Node) {
	s.t.Helper()
	s.ok(s.fs.Remove(s.t.Context(), nil, dir, name, n), "Remove "+name)
}

// write writes content at off.
func (s *suite) write(file vfs.File, off int64, content string) {
	s.t.Helper()
	n, err := file.WriteAt(s.t.Context(), []byte(content), off)
	if n != len(content) || err != nil {
		s.t.Fatalf("WriteAt of %d bytes at %d = %d, %v, want %d, nil", len(content), off, n, err, len(content))
	}
}

// holds checks the content of a file through a File.
func (s *suite) holds(file vfs.File, want string) {
	s.t.Helper()
	p := make([]byte, len(want)+16)
	n, err := file.ReadAt(s.t.Context(), p, 0)
	if err != nil && (n != 0 || err != io.EOF) {
		s.t.Fatalf("ReadAt: %d, %v", n, err)
	}
	if got := string(p[:n]); got != want {
		s.t.Errorf("content = %q, want %q", got, want)
	}
}

// contains checks the content of a file.
func (s *suite) contains(n vfs.Node, want string) {
	s.t.Helper()
	file, err := s.fs.Open(s.t.Context(), nil, n, vfs.ModeRead)
	s.ok(err, "Open")
	defer file.Close()
	s.holds(file, want)
}

// attr returns the attributes of n.
func (s *suite) attr(n vfs.Node) vfs.Attr {
	s.t.Helper()
	a, err := n.Attr(s.t.Context())
	s.ok(err, "Attr")
	return a
}

// opendir begins an enumeration.
func (s *suite) opendir(n vfs.Node) vfs.Dir {
	s.t.Helper()
	d, err := s.fs.OpenDir(s.t.Context(), nil, n)
	s.ok(err, "OpenDir")
	s.closeLater(d)
	return d
}

// rest returns the names that d has still to return, sorted.
func (s *suite) rest(d vfs.Dir) []string {
	s.t.Helper()
	var names []string
	for {
		name, err := d.Next(s.t.Context())
		if err == io.EOF {
			slices.Sort(names)
			return names
		}
		s.ok(err, "Next")
		names = append(names, name)
	}
}

// lists checks which entries a directory has.
func (s *suite) lists(n vfs.Node, want ...string) {
	s.t.Helper()
	d, err := s.fs.OpenDir(s.t.Context(), nil, n)
	s.ok(err, "OpenDir")
	defer d.Close()
	slices.Sort(want)
	if got := s.rest(d); !slices.Equal(got, want) {
		s.t.Errorf("entries = %q, want %q", got, want)
	}
}
