package localfs

import (
	"errors"
	"io/fs"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// changeTime is a time of change that somebody set, which no Unix lets
// anybody do. It is kept behind the fields of user.DOSATTRIB, where Samba does
// not look, together with the moment when it was put there: it counts until
// the kernel sees the file change after that.
type changeTime struct {
	time   dtyp.FileTime // 0: none
	stored dtyp.FileTime // when, by the clock of this host
}

// changeTimeTag begins a changeTime: "ChTm".
const changeTimeTag = 0x6D546843

// changeTimeGrace is how much later than the moment it was made for the
// kernel's time of change may be: storing takes its time. Another change as
// soon as that after it is not noticed before the next one.
const changeTimeGrace = 5 * time.Millisecond

// readChangeTime reads what follows the fields, if it is one.
func readChangeTime(r *wire.Reader) changeTime {
	if r.Err() != nil || r.Len() < 20 || r.U32() != changeTimeTag {
		return changeTime{}
	}
	c := changeTime{time: dtyp.FileTime(r.U64()), stored: dtyp.FileTime(r.U64())}
	if c.time == 0 || c.time > math.MaxInt64 || c.stored > math.MaxInt64 {
		return changeTime{}
	}
	return c
}

// append writes what readChangeTime reads.
func (c changeTime) append(w *wire.Writer) {
	if c.time == 0 {
		return
	}
	w.U32(changeTimeTag)
	w.U64(uint64(c.time))
	w.U64(uint64(c.stored))
}

// holds says whether c still counts for a file that the kernel saw change
// last at ctime.
func (c changeTime) holds(ctime time.Time) bool {
	return c.time != 0 && !ctime.After(c.stored.Time().Add(changeTimeGrace))
}

// storeChangeTime makes t the file's time of change. Where there is no place
// for it, or as may not write there, nothing happens.
func (f *FS) storeChangeTime(as *vfs.Cred, m *node, t time.Time) error {
	if dtyp.FileTimeOf(t) > math.MaxInt64 {
		return ntstatus.InvalidParameter
	}
	lock := &f.sideLocks[m.id.File%uint64(len(f.sideLocks))]
	lock.Lock()
	defer lock.Unlock()

	// A busy host may take longer over it than the grace; then it is done
	// again, but not for ever.
	const attempts = 5
	for range attempts {
		st, err := statFD(m.handle.fd)
		if err != nil {
			return err
		}
		at := m.place()
		next, err := readDOSAttrib(&f.side, at)
		if err == unix.EIO {
			return err // what is there is not to be lost
		}
		if !next.hasAttributes { // for Samba, which takes them as stored
			next.attributes = f.attrNow(st, next, m).Attributes
		}
		next.change = changeTime{time: dtyp.FileTimeOf(t), stored: dtyp.FileTimeOf(time.Now())}
		err = f.setSide(as, at, dosAttribName, next.encode())
		if errors.Is(err, errCannotStore) || errors.Is(err, fs.ErrPermission) {
			return nil
		}
		if err != nil {
			return err
		}
		if st, err = statFD(m.handle.fd); err != nil || next.change.holds(timeOf(st.Ctime)) {
			return err
		}
	}
	return nil
}
