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

// lockElementSize is the length of SMB2_LOCK_ELEMENT in bytes.
const lockElementSize = 24

func (*LockRequest) id() messageID { return lockRequest }

func (m *LockRequest) decode(r *wire.Reader) {
	n := int(r.U16())
	m.LockSequence = r.U32()
	m.FileID.decode(r)
	m.Locks = nil
	r.Check(n >= 1 && n <= MaxLocks && n*lockElementSize <= r.Len(), "LockCount")
	if r.Err() != nil {
		return
	}
	m.Locks = make([]LockElement, n)
	for i := range m.Locks {
		m.Locks[i].decode(r)
	}
}

func (m *LockRequest) append(w *wire.Writer) {
	w.U16(uint16(len(m.Locks)))
	w.U32(m.LockSequence)
	m.FileID.append(w)
	for _, e := range m.Locks {
		e.append(w)
	}
}

func (e *LockElement) decode(r *wire.Reader) {
	e.Offset = r.U64()
	e.Length = r.U64()
	e.Flags = LockFlags(r.U32())
	r.Skip(4) // Reserved
}

func (e LockElement) append(w *wire.Writer) {
	w.U64(e.Offset)
	w.U64(e.Length)
	w.U32(uint32(e.Flags))
	w.U32(0) // Reserved
}

func (*LockResponse) id() messageID { return lockResponse }
