package rpctest

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Types of PDUs. [C706] 12.6.4.
const (
	Request       = 0
	Response      = 2
	Fault         = 3
	Bind          = 11
	BindAck       = 12
	BindNak       = 13
	AlterContext  = 14
	AlterResponse = 15
	Auth3         = 16
	CoCancel      = 18
	Orphaned      = 19
)

// Flags of PDUs. [C706] 12.6.3.1.
const (
	First         = 0x01
	Last          = 0x02
	ConcMpx       = 0x10
	DidNotExecute = 0x20
	Object        = 0x80
)

// Transfer syntaxes.
const (
	NDR20 = "8a885d04-1ceb-11c9-9fe8-08002b104860"
	NDR64 = "71710533-beba-4937-8319-b5dbef9ccc36"
)

// Header is what a PDU to send begins with; zero fields stand for the usual
// values.
type Header struct {
	Kind   uint8
	Flags  uint8
	CallID uint32
	Auth   []byte // credentials with their trailer in front
}

// PDU encodes one PDU.
func PDU(h Header, body []byte) []byte {
	w := wire.NewWriter(nil)
	w.U8(5)
	w.U8(0)
	w.U8(h.Kind)
	w.U8(h.Flags)
	w.U32(0x10) // little-endian, ASCII, IEEE
	w.U16(uint16(16 + len(body) + len(h.Auth)))
	w.U16(uint16(max(0, len(h.Auth)-8)))
	w.U32(h.CallID)
	w.Bytes(body)
	w.Bytes(h.Auth)
	return w.Finish()
}

// Offer is a presentation context of a bind. [C706] 12.6.3.1.
type Offer struct {
	ID       uint16
	UUID     string
	Version  uint32
	Transfer []Syntax
}

// Syntax is a transfer syntax.
type Syntax struct {
	UUID    string
	Version uint32
}

// BindBody is the body of a bind or alter_context. [C706] 12.6.4.3.
func BindBody(t testing.TB, fragment uint16, group uint32, offers ...Offer) []byte {
	t.Helper()
	w := wire.NewWriter(nil)
	w.U16(fragment)
	w.U16(fragment)
	w.U32(group)
	w.U32(uint32(len(offers)))
	for _, o := range offers {
		w.U16(o.ID)
		w.U16(uint16(len(o.Transfer)))
		appendSyntax(t, w, Syntax{o.UUID, o.Version})
		for _, s := range o.Transfer {
			appendSyntax(t, w, s)
		}
	}
	return w.Finish()
}

func appendSyntax(t testing.TB, w *wire.Writer, s Syntax) {
	t.Helper()
	id, err := dtyp.ParseGUID(s.UUID)
	if err != nil {
		t.Fatal(err)
	}
	w.Bytes(id[:])
	w.U32(s.Version)
}

// RequestBody is the body of a request. [C706] 12.6.4.9.
func RequestBody(context, opnum uint16, stub []byte) []byte {
	w := wire.NewWriter(nil)
	w.U32(uint32(len(stub)))
	w.U16(context)
	w.U16(opnum)
	w.Bytes(stub)
	return w.Finish()
}

// Answer is a PDU that came back, taken apart.
type Answer struct {
	Kind, Flags uint8
	CallID      uint32

	// bind_ack and alter_context_resp
	Transmit, Receive uint16
	Group             uint32
	Endpoint          string
	Results           []Result

	Reason uint16 // bind_nak

	// response and fault
	Hint    uint32
	Context uint16
	Stub    []byte
	Status  uint32 // fault

	// what stands behind a sec_trailer: [MS-RPCE] 2.2.2.11
	Provider, Level uint8
	Security        uint32
	Token           []byte
}

// Result is the answer to an Offer. Comparable.
type Result struct {
	Result, Reason uint16
	Transfer       dtyp.GUID
	Version        uint32
}

// Parse takes one PDU apart and fails the test if it is not well-formed from
// its first to its last byte.
func Parse(tb testing.TB, pdu []byte) (a Answer) {
	tb.Helper()
	r := wire.NewReader(pdu)
	r.Check(r.U16() == 5, "version")
	a.Kind, a.Flags = r.U8(), r.U8()
	r.Check(r.U32() == 0x10, "data representation")
	r.Check(int(r.U16()) == len(pdu), "frag_length")
	auth := int(r.U16())
	a.CallID = r.U32()
	if auth > 0 {
		at := len(pdu) - auth - 8
		t := wire.NewReader(pdu)
		t.Skip(at)
		a.Provider, a.Level = t.U8(), t.U8()
		padding := int(t.U8())
		t.Check(t.U8() == 0, "auth_reserved")
		a.Security = t.U32()
		a.Token = t.Rest()
		whole := wire.NewReader(pdu)
		r = wire.NewReader(whole.Bytes(at - padding))
		r.Skip(16)
		if t.Err() != nil || whole.Err() != nil || a.Kind == Response && (at-24)%16 != 0 {
			tb.Fatalf("answer %x: credentials of %d bytes, %d of padding", pdu, auth, padding)
		}
	}
	switch a.Kind {
	case BindAck, AlterResponse:
		a.Transmit, a.Receive = r.U16(), r.U16()
		a.Group = r.U32()
		if n := int(r.U16()); n > 0 {
			a.Endpoint = string(r.Bytes(n - 1))
			r.Check(r.U8() == 0, "end of the secondary address")
		}
		r.Align(4)
		n := r.U32()
		for range min(n, 255) {
			res := Result{Result: r.U16(), Reason: r.U16()}
			r.Copy(res.Transfer[:])
			res.Version = r.U32()
			a.Results = append(a.Results, res)
		}
	case BindNak:
		a.Reason = r.U16()
		r.Check(r.U8() == 1 && r.U16() == 5, "versions")
		r.Skip(3)
	case Response, Fault:
		a.Hint = r.U32()
		a.Context = r.U16()
		r.Check(r.U16() == 0, "cancel_count")
		if a.Kind == Response {
			a.Stub = r.Rest()
			break
		}
		a.Status = r.U32()
		r.Check(r.U32() == 0, "reserved")
	default:
		tb.Fatalf("a PDU of type %d came back: %x", a.Kind, pdu)
	}
	r.Check(r.Len() == 0, "end")
	if err := r.Err(); err != nil {
		tb.Fatalf("answer %x: %v", pdu, err)
	}
	return a
}
