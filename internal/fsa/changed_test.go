package fsa

import "testing"

// While nobody watches, a change costs a look at one number.
func BenchmarkChangeThatNobodyWatches(b *testing.B) {
	h := &Handle{volume: &Volume{store: NewStore()}, link: &Link{}}
	b.ReportAllocs()
	for b.Loop() {
		h.dataChanged(false)
		h.volume.store.changed(h, change{name: "f"}, change{name: "g"})
	}
}
