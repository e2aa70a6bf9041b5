package fsa_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/signet-smb/signet/internal/fsa"
)

// BenchmarkMemoryOfOpens has 10,000 files open ten times each, without leases,
// with one for each client and file, and shows what the store needs for an open,
// in bytes, the back end in memory not counted.
func BenchmarkMemoryOfOpens(b *testing.B) {
	const files, each = 10_000, 10
	for _, lease := range []bool{false, true} {
		b.Run(fmt.Sprintf("lease=%t", lease), func(b *testing.B) {
			f := newFixture(b)
			for i := range files {
				f.make(fileName(i))
			}
			for b.Loop() {
				before := heap()
				handles := make([]*fsa.Handle, 0, files*each)
				for i := range files {
					for j := range each {
						r := request(fileName(i), access(bothAccess))
						if lease {
							leaseOf("a1", 3)(&r)
							r.Oplock.Key.Key[1], r.Oplock.Key.Key[2] = byte(i), byte(i>>8)
							r.Oplock.Key.Client[1] = byte(j)
						}
						handles = append(handles, f.open(r))
						if lease {
							r.Oplock.Granted.Told(nil)
						}
					}
				}
				b.ReportMetric(float64(heap()-before)/float64(len(handles)), "B/open")
				for _, h := range handles {
					h.Close(b.Context())
				}
			}
		})
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
