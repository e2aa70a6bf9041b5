package smb2

import (
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// SrvSnapshotArray is the output of FSCTL_SRV_ENUMERATE_SNAPSHOTS; it has no
// input. [MS-SMB2] 2.2.32.2.
type SrvSnapshotArray struct {
	NumberOfSnapshots uint32          // that there are
	Snapshots         []dtyp.FileTime // that are returned, to the second; before the year 10000
	SnapshotArraySize uint32          // bytes that all of them need; used if none is returned
}

// The form of a @GMT token, as [time.Time.Format] takes it, and its length in
// bytes with the terminator.
const (
	gmtToken     = "@GMT-2006.01.02-15.04.05"
	gmtTokenSize = 2*len(gmtToken) + 2
)

// SnapshotArraySize is the length in bytes of an array of n snapshots, what
// is before it in the structure not included.
func SnapshotArraySize(n int) int { return n*gmtTokenSize + 2 }

// Decode reads the output of the FSCTL. The error is a *[wire.Error].
func (s *SrvSnapshotArray) Decode(b []byte) error {
	r := wire.NewReader(b)
	*s = SrvSnapshotArray{NumberOfSnapshots: r.U32()}
	n, size := r.U32(), r.U32()
	if n == 0 {
		s.SnapshotArraySize = size
		return r.Err()
	}
	r.Check(uint64(n)*uint64(gmtTokenSize) <= uint64(min(int64(size), int64(r.Len()))), "NumberOfSnapShotsReturned")
	if r.Err() != nil {
		return r.Err()
	}
	s.Snapshots = make([]dtyp.FileTime, n)
	for i := range s.Snapshots {
		text := r.UTF16(gmtTokenSize - 2)
		at, err := time.Parse(gmtToken, text)
		r.Check(err == nil && len(text) == len(gmtToken), "SnapShots")
		r.Skip(2) // terminator
		s.Snapshots[i] = dtyp.FileTimeOf(at)
	}
	return r.Err()
}

// Append encodes the output of the FSCTL behind b.
func (s *SrvSnapshotArray) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.U32(s.NumberOfSnapshots)
	w.U32(uint32(len(s.Snapshots)))
	if len(s.Snapshots) == 0 {
		w.U32(s.SnapshotArraySize)
		return w.Finish()
	}
	w.U32(uint32(SnapshotArraySize(len(s.Snapshots))))
	for _, at := range s.Snapshots {
		w.UTF16(at.Time().UTC().Format(gmtToken))
		w.U16(0)
	}
	w.U16(0)
	return w.Finish()
}
