package rpc

import "github.com/signet-smb/signet/internal/wire"

// packetType is PTYPE. [C706] 12.6.3, [MS-RPCE] 2.2.2.10.
type packetType uint8

const (
	packetRequest       packetType = 0
	packetResponse      packetType = 2
	packetFault         packetType = 3
	packetBind          packetType = 11
	packetBindAck       packetType = 12
	packetBindNak       packetType = 13
	packetAlterContext  packetType = 14
	packetAlterResponse packetType = 15
	packetAuth3         packetType = 16
	packetCoCancel      packetType = 18
	packetOrphaned      packetType = 19
)

// packetFlags is pfc_flags. [C706] 12.6.3.1. What it says of MAYBE calls is
// ignored, as [MS-RPCE] 2.2.2.2 allows: they are answered like others.
type packetFlags uint8

const (
	flagFirst         packetFlags = 0x01
	flagLast          packetFlags = 0x02
	flagHeaderSign    packetFlags = 0x04 // of binds and their answers: [MS-RPCE] 2.2.2.3
	flagConcMpx       packetFlags = 0x10 // several calls on one connection
	flagDidNotExecute packetFlags = 0x20
	flagObject        packetFlags = 0x80 // an object's UUID is in the header

	flagsWhole = flagFirst | flagLast
)

const (
	headerSize         = 16
	responseHeaderSize = headerSize + 8
	// littleEndian is the first byte of the data representation label: integers
	// little-endian, characters ASCII. [C706] 14.2.5.
	littleEndian = 0x10
	// bigEndian is the same with integers big-endian. It is read and never
	// written: who receives makes it right.
	bigEndian = 0x00
)

// header is the common header of all PDUs. [C706] 12.6.3.1.
type header struct {
	version, minor uint8
	kind           packetType
	flags          packetFlags
	representation uint8  // first byte of packed_drep; the others are of floating point
	length         uint16 // of the whole fragment, header included; at least headerSize
	authLength     uint16 // of the credentials at the end of the fragment
	callID         uint32
}

// bigEndian reports whether the integers of the PDU are.
func (h *header) bigEndian() bool { return h.representation == bigEndian }

// understood reports whether the PDU is one of this protocol, in an order of
// bytes that we read.
func (h *header) understood() bool {
	return h.version == 5 && h.minor == 0 && h.length >= headerSize &&
		(h.representation == littleEndian || h.representation == bigEndian)
}

// decodeHeader reads a header and leaves the cursor behind it.
func decodeHeader(from *wire.Reader) (h header) {
	h.version = from.U8()
	h.minor = from.U8()
	h.kind = packetType(from.U8())
	h.flags = packetFlags(from.U8())
	h.representation = from.U8()
	from.Skip(3)
	r := reader{from, h.bigEndian()}
	h.length = r.U16()
	h.authLength = r.U16()
	h.callID = r.U32()
	return h
}

// packet builds one PDU to send.
type packet struct {
	*wire.Writer
	length, authLength wire.Hole
}

// newPacket begins a PDU.
func newPacket(kind packetType, flags packetFlags, callID uint32) packet {
	w := wire.NewWriter(nil)
	w.U8(5)
	w.U8(0)
	w.U8(uint8(kind))
	w.U8(uint8(flags))
	w.U8(littleEndian)
	w.Zero(3)
	p := packet{Writer: w, length: w.Hole(2), authLength: w.Hole(2)}
	w.U32(callID)
	return p
}

// finish fills in the length and returns the PDU.
func (p packet) finish() []byte {
	p.Fill(p.length, p.Offset())
	return p.Finish()
}

// appendFault makes a fault PDU. [C706] 12.6.4.7, [MS-RPCE] 2.2.2.8.
func appendFault(callID uint32, context uint16, flags packetFlags, status Fault) []byte {
	p := newPacket(packetFault, flagsWhole|flags, callID)
	p.U32(32) // alloc_hint: Windows counts the whole PDU
	p.U16(context)
	p.U8(0) // cancel_count
	p.U8(0)
	p.U32(uint32(status))
	p.U32(0)
	return p.finish()
}
