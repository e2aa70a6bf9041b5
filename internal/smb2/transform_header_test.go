package smb2

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// By hand from [MS-SMB2] 2.2.41.
const transformHeaderHex = `
	fd 53 4d 42
	01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10
	a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac 00 00 00 00
	74 00 00 00
	00 00
	01 00
	59 00 00 04 01 04 04 00`

var transformHeader = TransformHeader{
	Signature:           [16]byte(ramp(16, 1)),
	Nonce:               [16]byte(append(ramp(12, 0xA1), 0, 0, 0, 0)),
	OriginalMessageSize: 0x74,
	Flags:               TransformEncrypted,
	SessionID:           0x4040104000059,
}

func transformHeaderBytes(t testing.TB) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(transformHeaderHex), ""))
	if err != nil || len(b) != TransformHeaderSize {
		t.Fatalf("%d bytes, %v; want %d", len(b), err, TransformHeaderSize)
	}
	return b
}

func TestTransformHeaderHasItsLayout(t *testing.T) {
	msg := append(transformHeaderBytes(t), "sealed"...)
	got, err := DecodeTransformHeader(msg)
	if err != nil || got != transformHeader {
		t.Errorf("DecodeTransformHeader: %v\n got %+v\nwant %+v", err, got, transformHeader)
	}
	put := slices.Repeat([]byte{0xEE}, len(msg))
	transformHeader.Put(put)
	if want := append(transformHeaderBytes(t), 0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE); !bytes.Equal(put, want) {
		t.Errorf("Put:\n got % x\nwant % x", put, want)
	}
}

func TestTruncatedTransformHeaderIsRefused(t *testing.T) {
	msg := transformHeaderBytes(t)
	for n := range msg {
		if _, err := DecodeTransformHeader(msg[:n:n]); !isWireError(err) {
			t.Errorf("%d bytes: error %v, want a *wire.Error", n, err)
		}
	}
	msg[0] = 0xFE
	if _, err := DecodeTransformHeader(msg); !isWireError(err) {
		t.Errorf("ProtocolId of SMB2: error %v, want a *wire.Error", err)
	}
}
