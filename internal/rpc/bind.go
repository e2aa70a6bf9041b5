package rpc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// ndr20 is the identifier of the transfer syntax. [MS-RPCE] 2.2.4.12.
var ndr20 = Syntax{UUID: mustGUID("8a885d04-1ceb-11c9-9fe8-08002b104860"), Version: 2}

func mustGUID(text string) dtyp.GUID {
	id, err := dtyp.ParseGUID(text)
	if err != nil {
		panic(err)
	}
	return id
}

// bind is the body of a bind or alter_context PDU. [C706] 12.6.4.3.
type bind struct {
	maxTransmit, maxReceive uint16 // fragment sizes in bytes, as the client sees them
	group                   uint32 // association; 0: a new one
	contexts                []offer
}

// offer is an element of p_cont_list_t: an interface and the transfer
// syntaxes that the client can use for it. [C706] 12.6.3.1.
type offer struct {
	id        uint16
	abstract  Syntax
	transfers []Syntax // at most 255
}

// decodeBind reads the body. Both counts are single bytes.
func decodeBind(r reader) (b bind) {
	b.maxTransmit = r.U16()
	b.maxReceive = r.U16()
	b.group = r.U32()
	n := int(r.U8())
	r.Skip(3)
	for range n {
		o := offer{id: r.U16()}
		m := int(r.U8())
		r.Skip(1)
		o.abstract = decodeSyntax(r)
		for range m {
			o.transfers = append(o.transfers, decodeSyntax(r))
			if r.Err() != nil {
				return b
			}
		}
		b.contexts = append(b.contexts, o)
	}
	return b
}

func decodeSyntax(r reader) (s Syntax) {
	s.UUID = r.GUID()
	s.Version = r.U32()
	return s
}

// contextResult is p_cont_def_result_t. [C706] 12.6.3.1, [MS-RPCE] 2.2.2.4.
type contextResult uint16

const (
	resultAcceptance        contextResult = 0
	resultProviderRejection contextResult = 2
	resultNegotiateAck      contextResult = 3
)

// Reasons of a provider rejection. [C706] 12.6.3.1.
const (
	reasonAbstractSyntax uint16 = 1
	reasonTransferSyntax uint16 = 2
	reasonLocalLimit     uint16 = 3
)

// answer is the result for one offer.
type answer struct {
	result   contextResult
	reason   uint16
	transfer Syntax // of an acceptance
}

// featurePrefix begins the UUID of a transfer syntax that is none: its other
// half is a bitmask of what the client can do. [MS-RPCE] 3.3.1.5.3.
const featurePrefix = "\x2c\x1c\xb7\x6c\x12\x98\x40\x45"

// Features of the bitmask. [MS-RPCE] 2.2.2.14.
const (
	multiplexSecurity = 0x01 // several security contexts
	keepOnOrphan      = 0x02 // a call that its client gave up leaves the connection as it is
)

// features returns the answer to a bind time feature negotiation of a server
// that supports some; ok is false if o is an ordinary offer. [MS-RPCE] 3.3.1.5.3.
func (o *offer) features(supported uint8) (a answer, ok bool) {
	if len(o.transfers) != 1 || o.transfers[0].Version != 1 {
		return answer{}, false
	}
	r := wire.NewReader(o.transfers[0].UUID[:])
	if string(r.Bytes(len(featurePrefix))) != featurePrefix {
		return answer{}, false
	}
	return answer{result: resultNegotiateAck, reason: uint16(r.U8() & supported)}, true
}

// appendBindAck makes a bind_ack, or an alter_context_resp, which names no
// endpoint, with the answer to the client's credentials, if it sent any.
// [C706] 12.6.4.4.
func appendBindAck(kind packetType, flags packetFlags, callID uint32, fragment int, group uint32, endpoint string, answers []answer, cred *credentials, token []byte) []byte {
	p := newPacket(kind, flagsWhole|flags, callID)
	p.U16(uint16(fragment))
	p.U16(uint16(fragment))
	p.U32(group)
	if endpoint == "" {
		p.U16(0)
	} else {
		p.U16(uint16(len(endpoint) + 1))
		p.Bytes([]byte(endpoint))
		p.U8(0)
	}
	p.Align(4)
	p.U8(uint8(len(answers)))
	p.Zero(3)
	for _, a := range answers {
		p.U16(uint16(a.result))
		p.U16(a.reason)
		p.Bytes(a.transfer.UUID[:])
		p.U32(a.transfer.Version)
	}
	if len(token) > 0 {
		cred.padding = 0 // the results end where it may begin
		p.credentials(cred, token)
	}
	return p.finish()
}

// nakReason is why a bind was refused. [MS-RPCE] 2.2.2.5.
type nakReason uint16

const (
	nakNotSpecified      nakReason = 0
	nakProtocolVersion   nakReason = 4
	nakAuthNotRecognized nakReason = 8
	nakInvalidChecksum   nakReason = 9
)

// appendBindNak makes a bind_nak. [MS-RPCE] 2.2.2.9.
func appendBindNak(callID uint32, reason nakReason) []byte {
	p := newPacket(packetBindNak, flagsWhole, callID)
	p.U16(uint16(reason))
	p.U8(1) // versions that would do: 5.0
	p.U8(5)
	p.U8(0)
	p.Align(4)
	return p.finish()
}
