package rpc_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// canned is a pipe whose other end says what it says.
type canned struct{ answers []byte }

func (*canned) Write(context.Context, []byte) error { return nil }

func (p *canned) Read(_ context.Context, limit int) ([]byte, error) {
	if len(p.answers) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	n := min(limit, len(p.answers), 700)
	b := p.answers[:n:n]
	p.answers = p.answers[n:]
	return b, nil
}

// bindAck accepts the one offer, for fragments of 4,280 bytes.
const bindAck = "\x05\x00\x0c\x03\x10\x00\x00\x00\x44\x00\x00\x00\x01\x00\x00\x00\xb8\x10\xb8\x10\x01\x00\x00\x00" +
	"\x0d\x00\\PIPE\\srvsvc\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60\x02\x00\x00\x00"

// response is the whole answer to the first call.
const response = "\x05\x00\x02\x03\x10\x00\x00\x00\x1c\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00good"

// fault is a refusal of the first call.
const fault = "\x05\x00\x03\x03\x10\x00\x00\x00\x20\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00"

func call(t testing.TB, answers string) ([]byte, error) {
	t.Helper()
	c, err := rpc.Bind(context.Background(), &canned{[]byte(answers)}, rpc.Syntax{UUID: dtyp.GUID{1}, Version: 3})
	if err != nil {
		return nil, err
	}
	return c.Call(context.Background(), 15, make([]byte, 10000))
}

func TestClientTakesAnOrderlyAnswer(t *testing.T) {
	if len(bindAck) != 0x44 {
		t.Fatalf("the vector has %d bytes", len(bindAck))
	}
	if got, err := call(t, bindAck+response); err != nil || string(got) != "good" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := call(t, bindAck+fault); !errors.Is(err, rpc.FaultAccessDenied) {
		t.Errorf("fault: %v", err)
	}
}

func TestClientRefusesAnswersThatBreakTheProtocol(t *testing.T) {
	whole := bindAck + response
	for n := range len(whole) {
		if got, err := call(t, whole[:n]); err == nil {
			t.Errorf("%d bytes of %d: %q", n, len(whole), got)
		}
	}
	other := []byte(whole)
	other[len(bindAck)+12]++ // of another call
	if got, err := call(t, string(other)); err == nil {
		t.Errorf("answer to another call: %q", got)
	}
}

func FuzzClient(f *testing.F) {
	f.Add(bindAck + response)
	f.Add(bindAck + fault)
	f.Add("\x05\x00\x0d\x03\x10\x00\x00\x00\x18\x00\x00\x00\x01\x00\x00\x00\x04\x00\x01\x05\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, answers string) {
		if got, err := call(t, answers); err == nil && len(got) > rpc.MaxStub {
			t.Errorf("%d bytes", len(got))
		}
	})
}
