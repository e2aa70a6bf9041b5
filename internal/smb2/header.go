package smb2

import (
	"encoding/binary"
	"fmt"

	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// HeaderSize is the length of the SMB2 header in bytes. [MS-SMB2] 2.2.1.
const HeaderSize = 64

// SignatureOffset is where the 16-byte Signature begins in the header.
const SignatureOffset = 48

// Typed numbers of the header, so that they cannot be swapped.
type (
	// MessageID numbers a request on its connection. [MS-SMB2] 2.2.1.
	MessageID uint64
	// AsyncID names a request that was answered with an interim response.
	AsyncID uint64
	// SessionID names a session on its server.
	SessionID uint64
	// TreeID names a tree connect in its session.
	TreeID uint32
)

// String gives the id as logs and status show it: 0x and 16 hexadecimal
// digits.
func (id SessionID) String() string { return fmt.Sprintf("0x%016x", uint64(id)) }

// UnsolicitedMessageID is the MessageId of messages that answer no request:
// oplock and lease break notifications. [MS-SMB2] 2.2.23.
const UnsolicitedMessageID MessageID = 0xFFFFFFFFFFFFFFFF

// ProtocolID is the first four bytes of a message.
type ProtocolID uint32

// Protocol identifiers, as little-endian numbers.
const (
	ProtocolSMB1        ProtocolID = 0x424D53FF // 0xFF 'S' 'M' 'B'
	ProtocolSMB2        ProtocolID = 0x424D53FE // [MS-SMB2] 2.2.1
	ProtocolTransform   ProtocolID = 0x424D53FD // [MS-SMB2] 2.2.41
	ProtocolCompression ProtocolID = 0x424D53FC // [MS-SMB2] 2.2.42
)

// Protocol returns the protocol identifier msg begins with, 0 if it is too
// short for one.
func Protocol(msg []byte) ProtocolID {
	return ProtocolID(wire.NewReader(msg).U32())
}

// Command is the code of an SMB2 command. [MS-SMB2] 2.2.1.
type Command uint16

// Commands. [MS-SMB2] 2.2.1.
const (
	CommandNegotiate      Command = 0x0000
	CommandSessionSetup   Command = 0x0001
	CommandLogoff         Command = 0x0002
	CommandTreeConnect    Command = 0x0003
	CommandTreeDisconnect Command = 0x0004
	CommandCreate         Command = 0x0005
	CommandClose          Command = 0x0006
	CommandFlush          Command = 0x0007
	CommandRead           Command = 0x0008
	CommandWrite          Command = 0x0009
	CommandLock           Command = 0x000A
	CommandIoctl          Command = 0x000B
	CommandCancel         Command = 0x000C
	CommandEcho           Command = 0x000D
	CommandQueryDirectory Command = 0x000E
	CommandChangeNotify   Command = 0x000F
	CommandQueryInfo      Command = 0x0010
	CommandSetInfo        Command = 0x0011
	CommandOplockBreak    Command = 0x0012

	// CommandCount is one more than the highest command code of a request.
	CommandCount = 0x0013

	// CommandServerToClientNotification is of messages that a server sends by
	// itself; nobody asks for them. [MS-SMB2] 2.2.44.
	CommandServerToClientNotification = 0x0013

	// CommandNone is no command.
	CommandNone = 0xFFFF
)

// commandNames are the specification's names. [MS-SMB2] 2.2.1.2.
var commandNames = [CommandCount]string{
	CommandNegotiate:      "NEGOTIATE",
	CommandSessionSetup:   "SESSION_SETUP",
	CommandLogoff:         "LOGOFF",
	CommandTreeConnect:    "TREE_CONNECT",
	CommandTreeDisconnect: "TREE_DISCONNECT",
	CommandCreate:         "CREATE",
	CommandClose:          "CLOSE",
	CommandFlush:          "FLUSH",
	CommandRead:           "READ",
	CommandWrite:          "WRITE",
	CommandLock:           "LOCK",
	CommandIoctl:          "IOCTL",
	CommandCancel:         "CANCEL",
	CommandEcho:           "ECHO",
	CommandQueryDirectory: "QUERY_DIRECTORY",
	CommandChangeNotify:   "CHANGE_NOTIFY",
	CommandQueryInfo:      "QUERY_INFO",
	CommandSetInfo:        "SET_INFO",
	CommandOplockBreak:    "OPLOCK_BREAK",
}

// String gives the specification's name: "SESSION_SETUP".
func (c Command) String() string {
	if c < CommandCount {
		return commandNames[c]
	}
	if c == CommandServerToClientNotification {
		return "SERVER_TO_CLIENT_NOTIFICATION"
	}
	return fmt.Sprintf("Command(0x%04X)", uint16(c))
}

// HeaderFlags is the Flags field of the header. [MS-SMB2] 2.2.1.
type HeaderFlags uint32

// Header flags. [MS-SMB2] 2.2.1.
const (
	FlagServerToRedir    HeaderFlags = 0x00000001
	FlagAsyncCommand     HeaderFlags = 0x00000002
	FlagRelatedOperation HeaderFlags = 0x00000004
	FlagSigned           HeaderFlags = 0x00000008
	FlagPriorityMask     HeaderFlags = 0x00000070
	FlagDFSOperation     HeaderFlags = 0x10000000
	FlagReplayOperation  HeaderFlags = 0x20000000
)

// Header is the SMB2 header in both its forms. [MS-SMB2] 2.2.1.1, 2.2.1.2.
//
// TreeID is meaningful without FlagAsyncCommand, AsyncID with it. Status is
// ChannelSequence (low 16 bits) and Reserved in a request.
type Header struct {
	CreditCharge uint16
	Status       ntstatus.Status
	Command      Command
	Credits      uint16 // requested, or granted in a response
	Flags        HeaderFlags
	NextCommand  uint32 // bytes from this header to the next; 0 in the last
	MessageID    MessageID
	AsyncID      AsyncID
	TreeID       TreeID
	SessionID    SessionID
	Signature    [16]byte
}

// Is reports whether every bit of f is set.
func (h *Header) Is(f HeaderFlags) bool { return h.Flags&f == f }

// ChannelSequence is the request's channel sequence number. [MS-SMB2] 2.2.1.2.
func (h *Header) ChannelSequence() uint16 { return uint16(h.Status) }

// DecodeHeader reads the header at the start of msg. ProtocolId and
// StructureSize must be right; the error is a *[wire.Error].
func DecodeHeader(msg []byte) (Header, error) {
	r := wire.NewReader(msg)
	var h Header
	r.Check(ProtocolID(r.U32()) == ProtocolSMB2, "ProtocolId")
	r.Check(r.U16() == HeaderSize, "header StructureSize")
	h.CreditCharge = r.U16()
	h.Status = ntstatus.Status(r.U32())
	h.Command = Command(r.U16())
	h.Credits = r.U16()
	h.Flags = HeaderFlags(r.U32())
	h.NextCommand = r.U32()
	h.MessageID = MessageID(r.U64())
	if h.Is(FlagAsyncCommand) {
		h.AsyncID = AsyncID(r.U64())
	} else {
		r.Skip(4)
		h.TreeID = TreeID(r.U32())
	}
	h.SessionID = SessionID(r.U64())
	r.Copy(h.Signature[:])
	return h, r.Err()
}

// Put writes h into the first [HeaderSize] bytes of msg, which must be there.
func (h *Header) Put(msg []byte) {
	b := (*[HeaderSize]byte)(msg)
	binary.LittleEndian.PutUint32(b[0:], uint32(ProtocolSMB2))
	binary.LittleEndian.PutUint16(b[4:], HeaderSize)
	binary.LittleEndian.PutUint16(b[6:], h.CreditCharge)
	binary.LittleEndian.PutUint32(b[8:], uint32(h.Status))
	binary.LittleEndian.PutUint16(b[12:], uint16(h.Command))
	binary.LittleEndian.PutUint16(b[14:], h.Credits)
	binary.LittleEndian.PutUint32(b[16:], uint32(h.Flags))
	binary.LittleEndian.PutUint32(b[20:], h.NextCommand)
	binary.LittleEndian.PutUint64(b[24:], uint64(h.MessageID))
	if h.Is(FlagAsyncCommand) {
		binary.LittleEndian.PutUint64(b[32:], uint64(h.AsyncID))
	} else {
		binary.LittleEndian.PutUint32(b[32:], 0)
		binary.LittleEndian.PutUint32(b[36:], uint32(h.TreeID))
	}
	binary.LittleEndian.PutUint64(b[40:], uint64(h.SessionID))
	copy(b[SignatureOffset:], h.Signature[:])
}
