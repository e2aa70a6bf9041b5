package smb2

import (
	"sync"

	"github.com/signet-smb/signet/internal/wire"
)

// Message is the body of one SMB2 request or response: a pointer to a type of
// this package.
type Message interface {
	// id names the message's row in the table of messages.go.
	id() messageID
	// decode reads all that follows StructureSize and sets every field. The
	// cursor's message begins at the SMB2 header, so that offsets are relative
	// to it; StructureSize has been read and checked.
	decode(r *wire.Reader)
	// append writes all that follows StructureSize. The writer's message
	// begins at the SMB2 header.
	append(w *wire.Writer)
}

// Cursors escape through the calls of decode and append. Pooling them leaves
// no allocation on the path of READ and WRITE.
var (
	readers = sync.Pool{New: func() any { return new(wire.Reader) }}
	writers = sync.Pool{New: func() any { return new(wire.Writer) }}
)

// Decode reads the body of msg, which begins with its SMB2 header, into m.
// Exactly one element of a chain must be given; what follows the body is
// ignored, for peers pad. The error is a *[wire.Error]: INVALID_PARAMETER,
// [MS-SMB2] 3.3.5.2.6. After an error m holds nothing of use.
//
// m aliases msg. Whether the header names m's command is not looked at.
func Decode(msg []byte, m Message) error {
	row := &messages[m.id()]
	r := readers.Get().(*wire.Reader)
	*r = *wire.NewReader(msg)
	r.Check(r.Len() >= row.shortest() && r.Len() <= row.limit, row.name)
	r.Skip(HeaderSize)
	r.Check(r.U16() == row.structureSize, "StructureSize")
	m.decode(r)
	err := r.Err()
	*r = wire.Reader{}
	readers.Put(r)
	return err
}

// Append encodes m behind b, whose last [HeaderSize] bytes are (or will be)
// the header of this message, and returns the extended slice. It keeps
// nothing of m.
//
// What m holds must fit the limits of this package and the width of its
// length fields: 64 KiB - 1 for names, paths and security buffers. Nothing is
// appended behind the body; padding to the next element is the caller's.
func Append(b []byte, m Message) []byte {
	row := &messages[m.id()]
	w := writers.Get().(*wire.Writer)
	*w = *wire.ContinueWriter(b, HeaderSize)
	w.U16(row.structureSize)
	m.append(w)
	least := row.shortest()
	if row.pad {
		least = HeaderSize + int(row.structureSize)
	}
	w.Zero(max(least-w.Offset(), 0))
	b = w.Finish()
	*w = wire.Writer{}
	writers.Put(w)
	return b
}

// CommandOf is the command that m belongs to; [CommandNone] for an
// [ErrorResponse].
func CommandOf(m Message) Command { return messages[m.id()].command }

// empty is the body of messages that carry nothing. The reserved bytes that
// their StructureSize counts are Append's business.
type empty struct{}

func (empty) decode(*wire.Reader) {}
func (empty) append(*wire.Writer) {}
