package localfs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

func benchmarkRoot(b *testing.B) (*folder, vfs.Node) {
	b.Helper()
	f := serve(b)
	root, err := f.Root(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { root.Close() })
	return f, root
}

// fill makes n empty files behind the back of f.
func fill(b *testing.B, f *folder, n int) {
	b.Helper()
	for i := range n {
		if err := os.WriteFile(filepath.Join(f.path, fmt.Sprintf("Some File Number %06d.docx", i)), nil, 0o666); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookupAndClose(b *testing.B) {
	f, root := benchmarkRoot(b)
	fill(b, f, 1)
	b.ReportAllocs()
	for b.Loop() {
		n, _, err := f.Lookup(b.Context(), nil, root, "Some File Number 000000.docx")
		if err != nil {
			b.Fatal(err)
		}
		n.Close()
	}
}

func BenchmarkLookupInAnotherCase(b *testing.B) {
	f, root := benchmarkRoot(b)
	fill(b, f, 1000)
	b.ReportAllocs()
	for b.Loop() {
		n, _, err := f.Lookup(b.Context(), nil, root, "SOME FILE NUMBER 000500.DOCX")
		if err != nil {
			b.Fatal(err)
		}
		n.Close()
	}
}

func BenchmarkOpenAndClose(b *testing.B) {
	f, root := benchmarkRoot(b)
	n, file, err := f.Create(b.Context(), nil, root, "file", false)
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	defer file.Close()
	b.ReportAllocs()
	for b.Loop() {
		file, err := f.Open(b.Context(), nil, n, vfs.ModeRead|vfs.ModeWrite)
		if err != nil {
			b.Fatal(err)
		}
		file.Close()
	}
}

func BenchmarkCreateAndRemove(b *testing.B) {
	f, root := benchmarkRoot(b)
	b.ReportAllocs()
	for b.Loop() {
		n, file, err := f.Create(b.Context(), nil, root, "file", false)
		if err != nil {
			b.Fatal(err)
		}
		file.Close()
		if err := f.Remove(b.Context(), nil, root, "file", n); err != nil {
			b.Fatal(err)
		}
		n.Close()
	}
}

func BenchmarkAccess(b *testing.B) {
	f, root := benchmarkRoot(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Access(b.Context(), nil, nil, root); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAttr(b *testing.B) {
	_, root := benchmarkRoot(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := root.Attr(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// What a client does for each file it copies: look for it, make it, write it.
func BenchmarkFillADirectoryWith1000Files(b *testing.B) {
	f, root := benchmarkRoot(b)
	for i := 0; b.Loop(); i++ {
		dir, _, err := f.Create(b.Context(), nil, root, fmt.Sprint(i), true)
		if err != nil {
			b.Fatal(err)
		}
		for k := range 1000 {
			name := fmt.Sprintf("File %d", k)
			if _, _, err := f.Lookup(b.Context(), nil, dir, name); !errors.Is(err, fs.ErrNotExist) {
				b.Fatal(err)
			}
			n, file, err := f.Create(b.Context(), nil, dir, name, false)
			if err != nil {
				b.Fatal(err)
			}
			file.Close()
			n.Close()
		}
		dir.Close()
	}
}

// Of a directory that is known and at rest. Explorer and the Finder ask for
// desktop.ini, ._name and the like all the time.
func Benchmark1000MissesIn100000Entries(b *testing.B) {
	f, root := benchmarkRoot(b)
	fill(b, f, 100_000)
	for range 3 { // by the third reading it is at rest
		if _, _, err := f.Lookup(b.Context(), nil, root, "missing"); !errors.Is(err, fs.ErrNotExist) {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range 1000 {
			if _, _, err := f.Lookup(b.Context(), nil, root, fmt.Sprintf("._missing %d", i)); !errors.Is(err, fs.ErrNotExist) {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkFirstMissIn100000Entries(b *testing.B) {
	f := serve(b)
	fill(b, f, 100_000)
	for b.Loop() {
		fresh := open(b, f.path)
		fresh.As = f.As
		root, err := fresh.Root(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := fresh.Lookup(b.Context(), nil, root, "missing"); !errors.Is(err, fs.ErrNotExist) {
			b.Fatal(err)
		}
		root.Close()
	}
}

func BenchmarkEnumerate10000WithAttr(b *testing.B) {
	f, root := benchmarkRoot(b)
	fill(b, f, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		d, err := f.OpenDir(b.Context(), nil, root)
		if err != nil {
			b.Fatal(err)
		}
		for {
			name, err := d.Next(b.Context())
			if err != nil {
				break
			}
			if _, err := d.Attr(b.Context(), name); err != nil {
				b.Fatal(err)
			}
		}
		d.Close()
	}
}

// A listing of a folder that was not looked at before, by what is stored beside
// its files.
func BenchmarkFirstEnumerationOf10000WithAttr(b *testing.B) {
	for _, row := range []struct {
		what  string
		names []string
		aside bool // and there is a folder of side data
	}{
		{"plain", nil, false},
		{"plain, side data of others", nil, true},
		{"DOSATTRIB", []string{"user.DOSATTRIB"}, false},
		{"DOSATTRIB and two more", []string{"user.DOSATTRIB", "user.A", "user.B"}, false},
	} {
		b.Run(row.what, func(b *testing.B) {
			f := serve(b)
			fill(b, f, 10_000)
			for i := range 10_000 {
				for _, name := range row.names {
					path := filepath.Join(f.path, fmt.Sprintf("Some File Number %06d.docx", i))
					if err := unix.Lsetxattr(path, name, []byte("0x22"), 0); err != nil {
						b.Fatal(err)
					}
				}
			}
			if row.aside {
				if err := os.Mkdir(filepath.Join(f.path, ".signet-sidedata"), 0o700); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				fresh := open(b, f.path)
				fresh.As = f.As
				root, err := fresh.Root(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				d, err := fresh.OpenDir(b.Context(), nil, root)
				if err != nil {
					b.Fatal(err)
				}
				for {
					name, err := d.Next(b.Context())
					if err != nil {
						break
					}
					if _, err := d.Attr(b.Context(), name); err != nil {
						b.Fatal(err)
					}
				}
				d.Close()
				root.Close()
			}
		})
	}
}

func BenchmarkReadAt64KiB(b *testing.B) {
	f, root := benchmarkRoot(b)
	n, file, err := f.Create(b.Context(), nil, root, "file", false)
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	defer file.Close()
	p := make([]byte, 64<<10)
	if _, err := file.WriteAt(b.Context(), p, 0); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := file.ReadAt(b.Context(), p, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStoredDescriptor asks for the descriptor of a file that has none, of
// one whose descriptor is remembered, and of one that has just changed.
func BenchmarkStoredDescriptor(b *testing.B) {
	f, root := benchmarkRoot(b)
	n, file, err := f.Create(b.Context(), nil, root, "file", false)
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	defer file.Close()
	ask := func(b *testing.B, want bool) {
		sd, err := f.StoredDescriptor(b.Context(), n)
		if err != nil || (sd != nil) != want {
			b.Fatalf("stored %v, %v; want one: %v", sd, err, want)
		}
	}
	b.Run("none", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ask(b, false)
		}
	})
	sd, err := dtyp.ParseSDDL("O:BAG:BAD:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;FA;;;S-1-5-21-1-2-3-1001)")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("set", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := f.SetDescriptor(b.Context(), n, &sd); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("changed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			if _, err := file.WriteAt(b.Context(), []byte("x"), 0); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			ask(b, true)
		}
	})
	// From the first tick of the kernel's clock on.
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ask(b, true)
		}
	})
}
