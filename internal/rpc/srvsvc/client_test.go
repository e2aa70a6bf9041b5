package srvsvc

import (
	"testing"

	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// enumeration encodes the results of NetrShareEnum at level 1.
func enumeration(shares ...Share) []byte {
	w := ndr.NewWriter()
	w.U32(1)
	w.U32(1)
	w.Pointer(true)
	w.U32(uint32(len(shares)))
	w.Pointer(true)
	w.Count(len(shares))
	row := shareLevels[1]
	for i := range shares {
		row.appendFixed(w, &shares[i])
	}
	for i := range shares {
		row.appendReferents(w, &shares[i])
	}
	w.U32(uint32(len(shares)))
	w.Pointer(true)
	w.U32(0)
	w.U32(0)
	return w.Finish()
}

func FuzzShareEnumAnswer(f *testing.F) {
	f.Add(enumeration())
	f.Add(enumeration(Share{Name: "data", Remark: "all of it"}, Share{Name: "IPC$", Type: TypeIPC | TypeSpecial}))
	f.Fuzz(func(t *testing.T, b []byte) {
		shares, _, _, err := decodeShareEnum(b)
		if err == nil && len(shares) > maxShares {
			t.Errorf("%d shares", len(shares))
		}
	})
}

func TestShareEnumAnswerIsRead(t *testing.T) {
	want := []Share{{Name: "data", Remark: "all of it"}, {Name: "IPC$", Type: TypeIPC | TypeSpecial}}
	got, _, status, err := decodeShareEnum(enumeration(want...))
	if err != nil || status != success || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, %v, %v, want %+v", got, status, err, want)
	}
	whole := enumeration(want...)
	for n := range len(whole) {
		if got, _, _, err := decodeShareEnum(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d: %+v", n, len(whole), got)
		}
	}
}
