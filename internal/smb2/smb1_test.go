package smb2

import (
	"slices"
	"strings"
	"testing"
)

// smb1Header is that of the SMB_COM_NEGOTIATE of [MS-SMB2] 4.1: flags 0x18,
// flags2 0xC853, TID 0xFFFF, PID 0xFEFF.
const smb1Header = "\xffSMB\x72" + "\x00\x00\x00\x00" + "\x18" + "\x53\xc8" + "\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00" + "\xff\xff" + "\xff\xfe" + "\x00\x00" + "\x00\x00"

// dialects41 is the list of [MS-SMB2] 4.1, 109 bytes on the wire; 4.2 adds one.
var dialects41 = []string{
	"PC NETWORK PROGRAM 1.0", "LANMAN1.0", "Windows for Workgroups 3.1a", "LM1.2X002", "LANMAN2.1", "NT LM 0.12", SMB1Dialect202,
}

func smb1Negotiate(dialects []string) []byte {
	data := ""
	for _, d := range dialects {
		data += "\x02" + d + "\x00"
	}
	return []byte(smb1Header + "\x00" + string([]byte{byte(len(data)), byte(len(data) >> 8)}) + data)
}

func TestSMB1NegotiateListsItsDialects(t *testing.T) {
	msg := smb1Negotiate(dialects41)
	if got := msg[33]; got != 109 { // ByteCount, as the example says
		t.Fatalf("ByteCount %d, want 109", got)
	}
	for _, want := range [][]string{dialects41, append(slices.Clone(dialects41), SMB1DialectWildcard), {""}, nil} {
		got, err := DecodeSMB1Negotiate(smb1Negotiate(want))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v\n got %q\nwant %q", err, got, want)
		}
	}
}

func TestBytesBehindAnSMB1NegotiateAreIgnored(t *testing.T) {
	got, err := DecodeSMB1Negotiate(append(smb1Negotiate(dialects41), "\x02SMB 2.???\x00"...))
	if err != nil || !slices.Equal(got, dialects41) {
		t.Errorf("%v\n got %q\nwant %q", err, got, dialects41)
	}
}

func TestMalformedSMB1NegotiateIsRefused(t *testing.T) {
	good := string(smb1Negotiate(dialects41))
	change := func(at int, to byte) string { return good[:at] + string([]byte{to}) + good[at+1:] }
	for name, msg := range map[string]string{
		"SMB2":                     change(0, 0xFE),
		"another command":          change(4, 0x73),
		"WordCount of 1":           change(32, 1),
		"ByteCount beyond the end": change(33, 110),
		"ByteCount inside a name":  change(33, 108),
		"another buffer format":    change(35, 4),
		"no zero byte at the end":  good[:len(good)-1] + "!",
		"too many dialects":        string(smb1Negotiate(slices.Repeat([]string{"X"}, MaxSMB1Dialects+1))),
		"a name without end":       smb1Header + "\x00\xff\xff\x02" + strings.Repeat("A", 0xFFFE),
	} {
		if got, err := DecodeSMB1Negotiate([]byte(msg)); !isWireError(err) || got != nil {
			t.Errorf("%s: got %q, error %v; want a *wire.Error alone", name, got, err)
		}
	}
	for n := range len(good) {
		if got, err := DecodeSMB1Negotiate([]byte(good[:n])); !isWireError(err) {
			t.Errorf("%d of %d bytes: got %q, error %v; want a *wire.Error", n, len(good), got, err)
		}
	}
}
