package spnego

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/dtyp"
)

// record is a logon of a foreign client.
type record struct {
	name, expect   string
	client, server [][]byte
	key            []byte // nil for a logon that was refused
}

func loadRecords(t testing.TB) []record {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors/smbclient.txt")
	if err != nil {
		t.Fatal(err)
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil || len(b) == 0 {
			t.Fatalf("%q: %v", s, err)
		}
		return b
	}
	var all []record
	for block := range strings.SplitSeq(string(text), "\n\n") {
		var r record
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch key {
			case "name":
				r.name = value
			case "expect":
				r.expect = value
			case "client":
				r.client = append(r.client, unhex(value))
			case "server":
				r.server = append(r.server, unhex(value))
			case "session-key":
				r.key = unhex(value)
			}
		}
		if r.name != "" {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		t.Fatal("no records")
	}
	return all
}

// challengeOf takes the challenge and the time out of a recorded CHALLENGE.
func challengeOf(t testing.TB, token []byte) (challenge []byte, now time.Time) {
	t.Helper()
	m, err := decodeResp(token)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(m.ResponseToken, []byte{7, 0, 8, 0}) // MsvAvTimestamp
	if at < 0 {
		t.Fatalf("no time in %x", m.ResponseToken)
	}
	return m.ResponseToken[24:32], dtyp.FileTime(binary.LittleEndian.Uint64(m.ResponseToken[at+4:])).Time()
}

func TestRecordedLogonsOfSambaReplay(t *testing.T) {
	for _, r := range loadRecords(t) {
		t.Run(r.name, func(t *testing.T) {
			challenge, now := challengeOf(t, r.server[0])
			n := &ntlm.Server{
				NetBIOSName: "HOST", Accounts: oneAccount{},
				Rand: bytes.NewReader(challenge), Now: func() time.Time { return now },
			}
			a := (&Server{Mechanisms: []Mechanism{{OID: NTLMSSP, NewAcceptor: n.NewAcceptor}}}).NewAcceptor()
			var done bool
			var err error
			for i, token := range r.client {
				var out []byte
				out, done, err = a.Accept(t.Context(), token)
				if !bytes.Equal(out, r.server[i]) {
					t.Errorf("reply %d\n got %x\nwant %x", i, out, r.server[i])
				}
			}
			if r.expect == "done" && (err != nil || !done) || r.expect != "done" && (err == nil || done || !strings.Contains(err.Error(), r.expect)) {
				t.Errorf("done %v, %v, want %s", done, err, r.expect)
			}
			if !bytes.Equal(a.SessionKey(), r.key) {
				t.Errorf("session key %x, want %x", a.SessionKey(), r.key)
			}
		})
	}
}
