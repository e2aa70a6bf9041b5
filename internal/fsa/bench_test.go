package fsa_test

import (
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs/memfs"
)

// BenchmarkOpenClose opens and closes one existing file, depth components below the
// root, in one goroutine or many.
func BenchmarkOpenClose(b *testing.B) {
	for _, c := range []struct {
		name string
		path string
	}{
		{"depth 1", "file"},
		{"depth 4", `a\b\c\file`},
	} {
		v := benchVolume(b, c.path)
		req := request(c.path, access(dtyp.GenericRead))
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				benchOpenClose(b, v, req)
			}
		})
		b.Run(c.name+" parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					benchOpenClose(b, v, req)
				}
			})
		})
	}
}

func benchVolume(b *testing.B, path string) *fsa.Volume {
	v, err := fsa.NewStore().Mount(b.Context(), memfs.New())
	if err != nil {
		b.Fatal(err)
	}
	for i := range len(path) + 1 {
		if i < len(path) && path[i] != '\\' {
			continue
		}
		r := request(path[:i], disposition(fscc.DispositionCreate))
		if strings.Contains(path[i:], `\`) {
			r.Options = fscc.OptionDirectoryFile
		}
		benchOpenClose(b, v, r)
	}
	return v
}

func benchOpenClose(b *testing.B, v *fsa.Volume, r fsa.OpenRequest) {
	h, _, err := v.Open(b.Context(), r)
	if err != nil {
		b.Fatal(err)
	}
	if err := h.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}
