package fsa_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
)

// sharer is what of an open counts for sharing.
type sharer struct {
	access dtyp.AccessMask
	share  fscc.ShareAccess
}

func (s sharer) String() string { return fmt.Sprintf("access %#x share %#x", s.access, s.share) }

// conflict is the condition of [MS-FSA] 2.1.5.1.2.2, line by line.
func conflict(opened sharer, existing []sharer) bool {
	const any5 = dtyp.FileReadData | dtyp.FileExecute | dtyp.FileWriteData | dtyp.FileAppendData | dtyp.Delete
	if opened.access&any5 == 0 {
		return false
	}
	for _, e := range existing {
		if e.access&any5 == 0 {
			continue
		}
		if e.share&fscc.ShareRead == 0 && opened.access&(dtyp.FileReadData|dtyp.FileExecute) != 0 {
			return true
		}
		if e.share&fscc.ShareWrite == 0 && opened.access&(dtyp.FileWriteData|dtyp.FileAppendData) != 0 {
			return true
		}
		if e.share&fscc.ShareDelete == 0 && opened.access&dtyp.Delete != 0 {
			return true
		}
		if opened.share&fscc.ShareRead == 0 && e.access&(dtyp.FileReadData|dtyp.FileExecute) != 0 {
			return true
		}
		if opened.share&fscc.ShareWrite == 0 && e.access&(dtyp.FileWriteData|dtyp.FileAppendData) != 0 {
			return true
		}
		if opened.share&fscc.ShareDelete == 0 && e.access&dtyp.Delete != 0 {
			return true
		}
	}
	return false
}

// sharers returns every combination of the given rights with every share mode.
func sharers(rights ...dtyp.AccessMask) (all []sharer) {
	for bits := range 1 << len(rights) {
		access := dtyp.FileReadAttributes | dtyp.Synchronize
		for i, r := range rights {
			if bits>>i&1 != 0 {
				access |= r
			}
		}
		for share := range fscc.ShareAccess(8) {
			all = append(all, sharer{access, share})
		}
	}
	return all
}

// try opens name as s and wants what the condition says. It returns nil if the
// open was refused.
func (f *fixture) try(v *fsa.Volume, name string, s sharer, existing []sharer) *fsa.Handle {
	f.Helper()
	h, _, err := v.Open(f.Context(), request(name, access(s.access), sharing(s.share)))
	want := error(nil)
	if conflict(s, existing) {
		want = ntstatus.SharingViolation
	}
	if err != want {
		f.Fatalf("%v against %v: got %v, want %v", s, existing, err, want)
	}
	return h
}

func TestShareModesOfTwoOpensAreThoseOfTheSpecification(t *testing.T) {
	for _, name := range []string{"file", `directory\`} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.make(name)
			all := sharers(dtyp.FileReadData, dtyp.FileWriteData, dtyp.Delete)
			for _, first := range all {
				one := f.try(f.volume, name, first, nil)
				for _, second := range all {
					if two := f.try(f.volume, name, second, []sharer{first}); two != nil {
						f.close(two)
					}
				}
				f.close(one)
			}
		})
	}
}

func TestShareModesOfManyOpensThroughTwoSharesAreThoseOfTheSpecification(t *testing.T) {
	f := newFixture(t)
	other := f.mount()
	defer other.Unmount()
	f.make("file")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	all := sharers(dtyp.FileReadData, dtyp.FileExecute, dtyp.FileWriteData, dtyp.FileAppendData, dtyp.Delete)
	var handles []*fsa.Handle
	var existing []sharer
	for range 20000 {
		if len(handles) > 0 && random.IntN(3) == 0 {
			i, last := random.IntN(len(handles)), len(handles)-1
			f.close(handles[i])
			handles[i], existing[i] = handles[last], existing[last]
			handles, existing = handles[:last], existing[:last]
			continue
		}
		s := all[random.IntN(len(all))]
		if random.IntN(2) == 0 {
			s.share = shareAll // else there is seldom more than one
		}
		v := f.volume
		if random.IntN(2) == 0 {
			v = other
		}
		if h := f.try(v, "FILE", s, existing); h != nil {
			handles, existing = append(handles, h), append(existing, s)
		}
	}
	for _, h := range handles {
		f.close(h)
	}
}
