package rpc_test

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
)

// The parts of a verification trailer, laid out from [MS-RPCE] 2.2.2.13.
const (
	vtSignature = "8ae3137102f43671"
	vtBitmask   = "0100 0400 01000000"
	vtContext   = "0200 2800 67452301 ab89 efcd 0123 456789abcdef 03000200  045d888a eb1c c911 9fe8 08002b104860 02000000"
	vtHeader    = "0300 1000 00 00 0000 10000000 02000000 0000 0000"
	vtEnd       = "0040 0000"
)

// last marks a command as the last one, must as one that has to be understood.
func last(t testing.TB, command string) []byte { return marked(t, command, 0x40) }
func must(t testing.TB, command string) []byte { return marked(t, command, 0x80) }

func marked(t testing.TB, command string, flag byte) []byte {
	b := unhex(t, command)
	b[1] |= flag
	return b
}

func TestVerificationTrailersAreChecked(t *testing.T) {
	change := func(command string, at int) []byte {
		b := last(t, command)
		b[at] ^= 1
		return b
	}
	for _, c := range []struct {
		name    string
		trailer [][]byte
		refused bool
	}{
		{"all commands", [][]byte{unhex(t, vtContext), unhex(t, vtHeader), last(t, vtBitmask)}, false},
		{"none but the end", [][]byte{unhex(t, vtEnd)}, false},
		{"unknown command", [][]byte{unhex(t, "0900 0400 00000000"), unhex(t, vtEnd)}, false},
		{"unknown command that must be known", [][]byte{must(t, "0900 0400 00000000"), unhex(t, vtEnd)}, true},
		{"known command that must be known", [][]byte{must(t, vtHeader), unhex(t, vtEnd)}, false},
		{"unknown bits", [][]byte{last(t, "0100 0400 feffffff")}, false},
		{"another interface", [][]byte{change(vtContext, 4)}, true},
		{"another transfer syntax", [][]byte{change(vtContext, 24)}, true},
		{"another kind of PDU", [][]byte{change(vtHeader, 4)}, true},
		{"another order of bytes", [][]byte{change(vtHeader, 8)}, true},
		{"another call", [][]byte{change(vtHeader, 12)}, true},
		{"another context", [][]byte{change(vtHeader, 16)}, true},
		{"another operation", [][]byte{change(vtHeader, 18)}, true},
		{"a command twice", [][]byte{unhex(t, vtHeader), last(t, vtHeader)}, true},
		{"a length that is not the command's", [][]byte{unhex(t, "0340 1400 00 00 0000 10000000 02000000 0000 0000 00000000")}, true},
		{"a length beyond the end", [][]byte{unhex(t, "0340 ffff")}, true},
		{"no end", [][]byte{unhex(t, vtHeader)}, true},
		{"nothing", nil, true},
	} {
		p := newPeer(t)
		p.bind(ndr20(0))
		stub := append(array(4), unhex(t, vtSignature)...) // aligned to 4, as they must be
		p.request(2, whole, 0, opEcho, append(stub, bytes.Join(c.trailer, nil)...))
		a := p.answer()
		if c.refused && (a.Kind != rpctest.Fault || rpc.Fault(a.Status) != rpc.FaultAccessDenied) ||
			!c.refused && (a.Kind != rpctest.Response || !bytes.Equal(a.Stub, array(4))) {
			t.Errorf("%s: %+v, want refused: %v", c.name, a, c.refused)
		}
		p.closed(c.refused)
	}
}

func TestAHeaderSigningFlagThatWasTakenAwayIsFound(t *testing.T) {
	for flags, want := range map[uint8]rpc.Fault{0: rpc.FaultAccessDenied, headerSign: 0} {
		s := newSecured(t, bySPNEGO, 5, flags, "tulip")
		s.authenticate(rpctest.Bind)
		s.Send(s.sealed(2, whole, opEcho, bytes.Join([][]byte{array(4), unhex(t, vtSignature), last(t, vtBitmask)}, nil)))
		if _, status := s.result(); status != want {
			t.Errorf("the client says that its bind had the flag, which had flags %#x: %v, want %v", flags, status, want)
		}
	}
}
