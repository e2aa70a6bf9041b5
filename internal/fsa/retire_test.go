package fsa_test

import (
	"testing"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs/memfs"
)

func TestARetiredVolumeGoesWithItsLastHandle(t *testing.T) {
	for _, busy := range []bool{false, true} {
		back := memfs.New()
		v, err := fsa.NewStore().Mount(t.Context(), back)
		if err != nil {
			t.Fatal(err)
		}
		var handles []*fsa.Handle
		for range 2 {
			h, _, err := v.Open(t.Context(), request(""))
			if err != nil {
				t.Fatal(err)
			}
			handles = append(handles, h)
		}
		if !busy {
			for _, h := range handles {
				h.Close(t.Context())
			}
		}
		done := 0
		v.Retire(func() { done++ })
		if busy {
			for i, h := range handles {
				if done != 0 {
					t.Fatalf("done with %d handles still open", len(handles)-i)
				}
				if err := h.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if done != 1 || back.OpenReferences() != 0 {
			t.Errorf("busy %v: done %d times, %d references; want once, none", busy, done, back.OpenReferences())
		}
		if _, _, err := v.Open(t.Context(), request("")); err != ntstatus.VolumeDismounted {
			t.Errorf("Open of a retired volume: %v, want VolumeDismounted", err)
		}
	}
}
