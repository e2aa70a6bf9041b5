package ntlm

import (
	"encoding/binary"
	"slices"

	"github.com/signet-smb/signet/internal/wire"
)

// avID says what an attribute is. [MS-NLMP] 2.2.2.1.
type avID uint16

const (
	avEOL             avID = 0
	avNbComputerName  avID = 1
	avNbDomainName    avID = 2
	avDNSComputerName avID = 3
	avDNSDomainName   avID = 4
	avFlags           avID = 6
	avTimestamp       avID = 7
	avTargetName      avID = 9
	avChannelBindings avID = 10
)

// Bits of the attribute avFlags.
const (
	avFlagMIC             = 0x2 // AUTHENTICATE carries a MIC
	avFlagUntrustedTarget = 0x4 // the target name comes from an untrusted source
)

// avPair is one attribute. Value may alias a received message.
type avPair struct {
	ID    avID
	Value []byte
}

// avPairs is an attribute list in its order, without the terminator.
type avPairs []avPair

// readAVPairs reads a list up to its terminator. What stands behind that is
// ignored: Windows leaves a few bytes there ([MS-NLMP] <30>).
func readAVPairs(r *wire.Reader) avPairs {
	var list avPairs
	for r.Err() == nil {
		pair := avPair{ID: avID(r.U16())}
		pair.Value = r.Bytes(int(r.U16()))
		if r.Err() != nil || pair.ID == avEOL {
			break
		}
		r.Check(len(list) < maxAVPairs, "AvPairs: too many")
		list = append(list, pair)
	}
	if r.Err() != nil {
		return nil
	}
	return list
}

// append writes the list and its terminator.
func (l avPairs) append(b []byte) []byte {
	for _, p := range l {
		b = binary.LittleEndian.AppendUint16(b, uint16(p.ID))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(p.Value)))
		b = append(b, p.Value...)
	}
	return append(b, 0, 0, 0, 0)
}

// find returns the first attribute id, or nil.
func (l avPairs) find(id avID) []byte {
	for _, p := range l {
		if p.ID == id {
			return p.Value
		}
	}
	return nil
}

// has reports whether there is an attribute id, be it empty.
func (l avPairs) has(id avID) bool {
	return slices.ContainsFunc(l, func(p avPair) bool { return p.ID == id })
}

// flags are the bits of avFlags; 0 if it is absent or too short.
func (l avPairs) flags() uint32 { return wire.NewReader(l.find(avFlags)).U32() }

// text is an attribute of UTF-16LE text; "" if it is absent.
func (l avPairs) text(id avID) string { return wire.DecodeUTF16(l.find(id)) }

// set replaces the first attribute id, or adds it at the end.
func (l avPairs) set(id avID, value []byte) avPairs {
	for i := range l {
		if l[i].ID == id {
			l[i].Value = value
			return l
		}
	}
	return append(l, avPair{id, value})
}

// setText is set for text.
func (l avPairs) setText(id avID, text string) avPairs {
	return l.set(id, wire.AppendUTF16(nil, text))
}
