package krb5

import (
	"context"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// FuzzAPRep gives a service's token to an exchange whose request was another:
// nothing may prove anything, and nothing may panic.
func FuzzAPRep(f *testing.F) {
	r := newRealm(f)
	i, token := r.begin(r.client())
	answer, _ := r.accept(token, true, nil)
	f.Add(answer)
	f.Add(token)
	f.Add(r.errorToken(37))
	f.Add([]byte{})
	fixed := *i
	fixed.seconds, fixed.micro = time.Unix(1, 0).UTC(), 1 // no answer is to this
	f.Add(r.apRep(messages.EncAPRepPart{CTime: time.Unix(2, 0).UTC(), Subkey: types.EncryptionKey{KeyType: 18, KeyValue: bytesOf(1, 32)}}, fixed.ticket.key))
	f.Fuzz(func(t *testing.T, token []byte) {
		i := fixed
		out, done, err := i.Step(t.Context(), token)
		if out != nil || done || err == nil || i.SessionKey() != nil {
			t.Fatalf("done %v, %v", done, err)
		}
		if reasonOf(err) == 0 {
			t.Fatalf("no reason in %v", err)
		}
		if i.VerifyMIC([]byte("m"), token) == nil {
			t.Fatal("a signature without a key counts")
		}
	})
}

// FuzzPlain gives what was sealed with the right key to the parsers behind it: a
// KDC or service may be hostile, too.
func FuzzPlain(f *testing.F) {
	r := newRealm(f)
	c := r.client()
	c.dial = nil
	request, err := c.newRequest(krbtgt(testRealm, testRealm), 12)
	if err != nil {
		f.Fatal(err)
	}
	part := messages.EncKDCRepPart{
		Key: r.userKey(), Nonce: request.ReqBody.Nonce, Flags: types.NewKrbFlags(), LastReqs: []messages.LastReq{{LRValue: time.Unix(0, 0).UTC()}},
		AuthTime: time.Unix(0, 0).UTC(), EndTime: time.Unix(1<<33, 0).UTC(), SRealm: testRealm, SName: request.ReqBody.SName,
	}
	seed, err := part.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, plain []byte) {
		rep := messages.KDCRepFields{CRealm: testRealm, CName: request.ReqBody.CName}
		rep.Ticket.SName.NameString = []string{"x"}
		if got, err := c.accept(rep, plain, request, testRealm); err == nil && checkKey(got.key) != nil {
			t.Fatalf("a ticket with the key %+v", got.key)
		}
		var rp messages.EncAPRepPart
		_ = parse("encrypted part", plain, rp.Unmarshal) // must not panic
	})
}

// FuzzKDC is a KDC that answers with the given bytes, first to the AS-REQ, then
// again.
func FuzzKDC(f *testing.F) {
	r := newRealm(f)
	var first []byte
	r.answer = func(_ string, b []byte) []byte {
		f.Add(b[4:], first)
		first = b[4:]
		return b
	}
	r.begin(r.client())
	f.Fuzz(func(t *testing.T, a, b []byte) {
		r := newRealm(t)
		answers := [][]byte{a, b, a, b}
		c := r.client(func(o *Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				answer := answers[0]
				answers = append(answers[1:], answer)
				go func() {
					defer theirs.Close()
					var n [4]byte
					if _, err := theirs.Read(n[:]); err != nil {
						return
					}
					buf := make([]byte, binary.BigEndian.Uint32(n[:]))
					for got := 0; got < len(buf); {
						m, err := theirs.Read(buf[got:])
						if err != nil {
							return
						}
						got += m
					}
					_, _ = theirs.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(answer))), answer...))
				}()
				return ours, nil
			}
		})
		if _, done, err := c.Initiator(testService).Step(t.Context(), nil); done || err == nil || reasonOf(err) == 0 {
			t.Fatalf("done %v, %v", done, err)
		}
	})
}

func FuzzCache(f *testing.F) {
	owner := principal{testRealm, []string{testUser}}
	f.Add(encodeCache(f, owner, aTicket(krbtgt(testRealm, testRealm))))
	f.Add([]byte("\x05\x03\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01A\x00\x00\x00\x01a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCache(b)
		if err == nil && (len(c.owner.name) == 0 || len(c.tickets) > maxCredentials) {
			t.Fatalf("%+v", c)
		}
	})
}

func FuzzKeytab(f *testing.F) {
	f.Add(encodeKeytab(keytabEntry{principal{testRealm, []string{testUser}}, 1, types.EncryptionKey{KeyType: 18, KeyValue: bytesOf(1, 32)}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseKeytab(b)
		for _, e := range k {
			if err == nil && len(e.owner.name) == 0 {
				t.Fatalf("a key of nobody: %+v", e)
			}
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add(strings.ReplaceAll(testConfig, "includedir DIR/krb5.conf.d/", ""))
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "include") {
			return // no files of this machine
		}
		r := configReader{config: &Config{Realms: make(map[string][]string), Domains: make(map[string]string)}}
		if err := r.read(strings.NewReader(text)); err == nil && len(r.config.Realms) > maxRealms {
			t.Fatalf("%d realms", len(r.config.Realms))
		}
		_ = r.config.realmOf("a.b.c")
	})
}
