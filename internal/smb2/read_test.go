package smb2

import (
	"bytes"
	"slices"
	"testing"
)

func TestReadResponseFilledInPlaceIsTheEncodedOne(t *testing.T) {
	want := vectorNamed(t, "read_response")
	got := slices.Clone(want)
	for i := HeaderSize; i < ReadDataOffset; i++ {
		got[i] = 0xEE
	}
	PutReadResponse(got[HeaderSize:], len(want)-ReadDataOffset)
	if !bytes.Equal(got, want) {
		t.Errorf("\n got % x\nwant % x", got, want)
	}
}

func TestDecodedDataAliasesTheMessage(t *testing.T) {
	msg := slices.Clone(vectorNamed(t, "write_request"))
	var m WriteRequest
	if err := Decode(msg, &m); err != nil {
		t.Fatal(err)
	}
	msg[len(msg)-1] ^= 0xFF
	if got, want := m.Data[len(m.Data)-1], msg[len(msg)-1]; got != want {
		t.Errorf("last byte %#x, want %#x: the data was copied", got, want)
	}
	if cap(m.Data) != len(m.Data) {
		t.Errorf("capacity %d, want %d: appending would write into the message", cap(m.Data), len(m.Data))
	}
}
