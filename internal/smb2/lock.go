package smb2

import "github.com/signet-smb/signet/internal/wire"

// LockFlags is the Flags field of one lock element. [MS-SMB2] 2.2.26.1.
type LockFlags uint32

// Lock flags.
const (
	LockShared          LockFlags = 0x00000001
	LockExclusive       LockFlags = 0x00000002
	LockUnlock          LockFlags = 0x00000004
	LockFailImmediately LockFlags = 0x00000010
)

// LockElement is one byte range of a LOCK request. [MS-SMB2] 2.2.26.1.
type LockElement struct {
	Offset uint64 // bytes from the start of the file
	Length uint64 // bytes
	Flags  LockFlags
}

// LockRequest is the SMB2 LOCK Request. [MS-SMB2] 2.2.26.
type LockRequest struct {
	LockSequence uint32 // number in the low 4 bits, index in the rest
	FileID       FileID
	Locks        []LockElement // at least one, at most MaxLocks
}

// LockResponse is the SMB2 LOCK Response. [MS-SMB2] 2.2.27.
type LockResponse struct{ empty }

func (*LockRequest) id() messageID  { return messageID{CommandLock, request} }
func (*LockResponse) id() messageID { return messageID{CommandLock, response} }

func (m *LockRequest) decode(r *wire.Reader) {
	n := int(r.U16())
	m.LockSequence = r.U32()
	m.FileID.decode(r)
	r.Check(n > 0 && n <= MaxLocks, "LockCount")
	if r.Err() != nil {
		return
	}
	m.Locks = make([]LockElement, n)
	for i := range m.Locks {
		m.Locks[i] = LockElement{Offset: r.U64(), Length: r.U64(), Flags: LockFlags(r.U32())}
		r.Skip(4)
	}
}

func (m *LockRequest) append(w *wire.Writer) {
	w.U16(uint16(len(m.Locks)))
	w.U32(m.LockSequence)
	m.FileID.append(w)
	for _, l := range m.Locks {
		w.U64(l.Offset)
		w.U64(l.Length)
		w.U32(uint32(l.Flags))
		w.Zero(4)
	}
}
