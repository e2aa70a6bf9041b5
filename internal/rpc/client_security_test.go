package rpc_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// joined is a client's end of a pipe to a Conn of this process. What goes
// through it can be altered.
type joined struct {
	conn       *rpc.Conn
	out, in    func([]byte) []byte
	sent, came [][]byte
	head       []byte
}

func (j *joined) Write(ctx context.Context, pdu []byte) error {
	pdu = bytes.Clone(pdu)
	if j.out != nil {
		pdu = j.out(pdu)
	}
	j.sent = append(j.sent, pdu)
	return j.conn.Write(ctx, pdu)
}

func (j *joined) Read(_ context.Context, limit int) ([]byte, error) {
	if len(j.head) == 0 {
		if j.head = j.conn.Read(); j.head == nil {
			return nil, io.ErrUnexpectedEOF
		}
		if j.in != nil {
			j.head = j.in(j.head)
		}
		j.came = append(j.came, bytes.Clone(j.head))
	}
	n := min(limit, len(j.head))
	b := j.head[:n:n]
	j.head = j.head[n:]
	return b, nil
}

func bindAs(t testing.TB, j *joined, password string) (*rpc.Client, error) {
	t.Helper()
	id, err := dtyp.ParseGUID(testUUID)
	if err != nil {
		t.Fatal(err)
	}
	return rpc.BindAs(t.Context(), j, rpc.Syntax{UUID: id, Version: testVersion},
		spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(ntlm.Credentials{User: "ann", Password: password})}))
}

func TestClientAuthenticatesAndSealsItsCalls(t *testing.T) {
	j := &joined{conn: rpc.NewConn(secureEndpoint(t), &rpc.Caller{Account: "transport"})}
	c, err := bindAs(t, j, "tulip")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Call(t.Context(), opWho, nil); err != nil || string(got[4:]) != "ann/protected" {
		t.Errorf("who: %q, %v", got, err)
	}
	long := array(20000)
	if got, err := c.Call(t.Context(), opEcho, long); err != nil || !bytes.Equal(got, long) {
		t.Errorf("%d bytes of %d, %v", len(got), len(long), err)
	}
	secret := append([]byte{6, 0, 0, 0}, "secret"...)
	if got, err := c.Call(t.Context(), opEcho, secret); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q, %v", got, err)
	}
	for _, pdu := range append(j.sent, j.came...) {
		if bytes.Contains(pdu, []byte("secret")) || bytes.Contains(pdu, []byte("protected")) {
			t.Errorf("in the open: %q", pdu)
		}
	}
	if _, err := c.Call(t.Context(), opFault, u32(5)); !errors.Is(err, rpc.FaultAccessDenied) {
		t.Errorf("fault: %v", err)
	}
}

func TestClientIsToldOfAWrongPassword(t *testing.T) {
	j := &joined{conn: rpc.NewConn(secureEndpoint(t), &rpc.Caller{})}
	if _, err := bindAs(t, j, "raven"); !errors.Is(err, rpc.FaultAccessDenied) {
		t.Errorf("%v, want access denied", err)
	}
}

func TestClientRefusesServersThatProtectLess(t *testing.T) {
	e := secureEndpoint(t)
	plain := testEndpoint(t)
	for what, j := range map[string]*joined{
		"no authentication":             {conn: rpc.NewConn(plain, &rpc.Caller{})},
		"another level in the answer":   {conn: rpc.NewConn(e, &rpc.Caller{}), in: alter(-1, func(b []byte) { b[levelAt(b)] = 5 })},
		"another context in the answer": {conn: rpc.NewConn(e, &rpc.Caller{}), in: alter(-1, func(b []byte) { b[levelAt(b)+3] ^= 1 })},
		"a response altered":            {conn: rpc.NewConn(e, &rpc.Caller{}), in: alter(2, func(b []byte) { b[30] ^= 1 })},
		"a response in the open":        {conn: rpc.NewConn(e, &rpc.Caller{}), in: alter(2, func(b []byte) { b[10] = 0 })},
		"a lesser level of a response":  {conn: rpc.NewConn(e, &rpc.Caller{}), in: alter(2, func(b []byte) { b[levelAt(b)] = 2 })},
	} {
		c, err := bindAs(t, j, "tulip")
		if err == nil {
			_, err = c.Call(t.Context(), opWho, nil)
		}
		if err == nil {
			t.Errorf("%s: it is taken", what)
		}
	}
}

// alter changes the PDU of a kind that comes, -1: the first one.
func alter(kind int, change func([]byte)) func([]byte) []byte {
	return func(b []byte) []byte {
		if kind < 0 || int(b[2]) == kind {
			change(b)
		}
		return b
	}
}

// levelAt is where the level stands in a PDU with credentials.
func levelAt(b []byte) int { return len(b) - int(b[10]) - int(b[11])<<8 - 8 + 1 }

func TestMechanismsThatProtectNothingAreNoCredentials(t *testing.T) {
	j := &joined{conn: rpc.NewConn(secureEndpoint(t), &rpc.Caller{})}
	if _, err := rpc.BindAs(t.Context(), j, rpc.Syntax{}, mute{}); err == nil {
		t.Error("taken")
	}
}

// mute is a mechanism that is done at once and cannot sign.
type mute struct{}

func (mute) Step(context.Context, []byte) ([]byte, bool, error) { return nil, true, nil }
func (mute) SessionKey() []byte                                 { return nil }

var _ auth.Initiator = mute{}

// FuzzSecureClient answers a client that authenticates with anything.
func FuzzSecureClient(f *testing.F) {
	j := &joined{conn: rpc.NewConn(secureEndpoint(f), &rpc.Caller{})}
	c, err := bindAs(f, j, "tulip")
	if err != nil {
		f.Fatal(err)
	}
	if _, err := c.Call(f.Context(), opWho, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(string(bytes.Join(j.came, nil)))
	f.Fuzz(func(t *testing.T, answers string) {
		id, err := dtyp.ParseGUID(testUUID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = rpc.BindAs(t.Context(), &canned{[]byte(answers)}, rpc.Syntax{UUID: id, Version: testVersion},
			spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(ntlm.Credentials{User: "ann", Password: "tulip"})}))
		if err == nil && len(answers) < 24 {
			t.Error("bound by nothing")
		}
	})
}
