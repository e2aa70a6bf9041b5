package smb2

import (
	"github.com/signet-smb/signet/internal/wire"
)

// Message is the body of one SMB2 request or response: a type of this package.
type Message interface {
	// id names the message's row in the table of messages.go.
	id() messageID
	// decode reads all that follows StructureSize. The cursor's message begins
	// at the SMB2 header, so that offsets are relative to it; StructureSize
	// has been read and checked.
	decode(r *wire.Reader)
	// append writes all that follows StructureSize. The writer's message
	// begins at the SMB2 header.
	append(w *wire.Writer)
}

// direction tells a command's request from its response.
type direction uint8

const (
	request direction = iota
	response
	failure // the ERROR Response, of whatever command
)

// messageID is the key of the message table.
type messageID struct {
	command   Command
	direction direction
}

// row is the message's row in the table.
func (id messageID) row() *message {
	if id.direction == failure {
		return &errorResponse
	}
	return &messages[id.command][id.direction]
}

// Decode reads the body of msg, which begins with its SMB2 header, into m.
// Exactly one element of a chain must be given. The error is a *[wire.Error]:
// INVALID_PARAMETER, [MS-SMB2] 3.3.5.2.6. m aliases msg.
func Decode(msg []byte, m Message) error {
	row := m.id().row()
	r := wire.NewReader(msg)
	r.Skip(HeaderSize)
	r.Check(r.U16() == row.structureSize, row.name+" StructureSize")
	m.decode(r)
	return r.Err()
}

// Append encodes m behind b, whose last [HeaderSize] bytes are (or will be)
// the header of this message, and returns the extended slice.
func Append(b []byte, m Message) []byte {
	w := wire.ContinueWriter(b, HeaderSize)
	w.U16(m.id().row().structureSize)
	m.append(w)
	return w.Finish()
}

// CommandOf is the command that m belongs to; that of an [ErrorResponse] is
// not known to it.
func CommandOf(m Message) Command { return m.id().command }

// empty is the body of messages that carry nothing: two reserved bytes.
type empty struct{}

func (empty) decode(r *wire.Reader) { r.Skip(2) }
func (empty) append(w *wire.Writer) { w.Zero(2) }

// appendBuffer writes b as a message's variable part, or one pad byte for an
// empty one: StructureSize counts a byte of it.
func appendBuffer(w *wire.Writer, b []byte) {
	if len(b) == 0 {
		w.Zero(1)
		return
	}
	w.Bytes(b)
}
