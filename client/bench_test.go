package client_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/signet-smb/signet/internal/smbtest"
)

// benchWays are the protections that benchmarks compare.
var benchWays = []struct {
	name           string
	server, client []string
}{
	{"plain", []string{"server.RequireSecuritySignature", "False"}, []string{"client.RequireSecuritySignature", "False"}},
	{"GMAC", nil, nil},
	{"GCM", nil, []string{"client.RequireEncryption", "True"}},
}

// benchFile is a file of 64 MiB.
const benchFile = 64 << 20

func BenchmarkSequential(b *testing.B) {
	for _, w := range benchWays {
		s := smbtest.StartServer(b, smbtest.Options{Policy: set(b, w.server...), Quiet: true, Unlogged: true})
		d := dialer()
		d.Policy = set(b, w.client...)
		share := connect(b, s, d)
		f, err := share.Create(b.Context(), "f")
		if err != nil {
			b.Fatal(err)
		}
		data := random(benchFile)
		b.Run("write/"+w.name, func(b *testing.B) {
			b.SetBytes(benchFile)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.WriteAt(data, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("read/"+w.name, func(b *testing.B) {
			b.SetBytes(benchFile)
			b.ReportAllocs()
			for b.Loop() {
				f.Seek(0, io.SeekStart)
				if n, err := f.WriteTo(io.Discard); n != benchFile || err != nil {
					b.Fatal(n, err)
				}
			}
		})
		f.Close()
	}
}

func BenchmarkSmall(b *testing.B) {
	s := smbtest.StartServer(b, smbtest.Options{Quiet: true, Unlogged: true})
	share := connect(b, s, dialer())
	ctx := b.Context()
	for i := range 100 {
		if err := share.WriteFile(ctx, fmt.Sprint("f", i), make([]byte, 4096)); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("stat", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := share.Stat(ctx, "f7"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get 4 KiB", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := share.ReadFile(ctx, "f7"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("put 4 KiB", func(b *testing.B) {
		data := make([]byte, 4096)
		b.ReportAllocs()
		for b.Loop() {
			if err := share.WriteFile(ctx, "new", data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list 101", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, err := range share.ReadDir(ctx, "") {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("get 4 KiB, 16 at a time", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if _, err := share.ReadFile(ctx, "f7"); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
