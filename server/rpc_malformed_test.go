package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/rpc/winreg"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/server"
)

// changes counts what remote procedures change. It is an administration and a
// registry that has one value.
type changes struct{ made atomic.Int32 }

func (c *changes) ShareDetails(context.Context, *rpc.Caller) (map[string]srvsvc.ShareDetails, error) {
	return nil, nil
}

func (c *changes) AddShare(context.Context, *rpc.Caller, srvsvc.NewShare) error {
	c.made.Add(1)
	return nil
}

func (c *changes) SetShare(context.Context, *rpc.Caller, string, srvsvc.ShareChange) error {
	c.made.Add(1)
	return nil
}

func (c *changes) RemoveShare(context.Context, *rpc.Caller, string) error {
	c.made.Add(1)
	return nil
}

func (c *changes) Sessions(context.Context, *rpc.Caller) ([]srvsvc.Session, error) { return nil, nil }

func (c *changes) CloseSession(context.Context, *rpc.Caller, uint64) error {
	c.made.Add(1)
	return nil
}

func (c *changes) Files(context.Context, *rpc.Caller) ([]srvsvc.File, error) { return nil, nil }

func (c *changes) CloseFile(context.Context, *rpc.Caller, srvsvc.File) error {
	c.made.Add(1)
	return nil
}

func (c *changes) SetServer(context.Context, *rpc.Caller, srvsvc.ServerChange) error {
	c.made.Add(1)
	return nil
}

func (c *changes) Values(context.Context, *rpc.Caller) ([]winreg.Value, error) {
	return []winreg.Value{{Key: `SYSTEM\Parameters`, Name: "Signs", Type: 4, Data: []byte{1, 0, 0, 0}}}, nil
}

func (c *changes) Set(context.Context, *rpc.Caller, winreg.Value) error {
	c.made.Add(1)
	return nil
}

func (c *changes) Reset(context.Context, *rpc.Caller, string, string) error {
	c.made.Add(1)
	return nil
}

// administered starts a server whose every user administers by remote
// procedures; log takes warnings.
func administered(t *testing.T, log *bytes.Buffer) (*smbtest.Server, *changes) {
	t.Helper()
	c := new(changes)
	return smbtest.StartServer(t, smbtest.Options{
		Procedures: server.Procedures{
			Role:     func(context.Context, *auth.Identity) rpc.Role { return rpc.Administrator },
			Accounts: noAccounts{}, Registry: c, Administration: c,
		},
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}), c
}

// TestMalformedParametersChangeNothing calls every operation of every pipe as an
// administrator, with parameters that are cut off, or claim lengths that are not
// there.
func TestMalformedParametersChangeNothing(t *testing.T) {
	var log bytes.Buffer
	s, made := administered(t, &log)
	stubs := [][]byte{
		nil,
		{0},
		bytes.Repeat([]byte{0xFF}, 3), bytes.Repeat([]byte{0xFF}, 16), bytes.Repeat([]byte{0xFF}, 4000),
		bytes.Repeat([]byte{1, 0, 0, 0}, 3),
		// A pointer, and a string whose counts are larger than any message.
		append([]byte{1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F}, 'x', 0),
		append([]byte{1, 0, 0, 0, 2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0}, 'x', 0, 0, 0),
	}
	calls := 0
	for pipe, i := range pipesByName {
		p := inIPC(t, s)
		client := dialPipe(t, p, pipe)
		for opnum, o := range i.table {
			if o.Handle == nil {
				continue
			}
			for _, stub := range stubs {
				client.Call(uint16(opnum), stub)
				calls++
				if n := made.made.Swap(0); n != 0 {
					t.Errorf("%s.%s with % x: %d changes", pipe, o.Name, stub[:min(len(stub), 20)], n)
				}
			}
		}
		p.Close()
	}
	t.Logf("%d calls", calls)
	shutDown(t, s)
	if n := strings.Count(log.String(), "level=WARN"); n > len(pipesByName) || strings.Contains(log.String(), "panic") {
		t.Errorf("%d lines in the log, want one for each kind and minute at most:\n%.4000s", n, &log)
	}
}

// TestMalformedFragmentsChangeNothingAndAreLoggedOnce writes fragments that are
// none to a pipe of an administrator's: each ends the conversation, or is
// answered with a fault.
func TestMalformedFragmentsChangeNothingAndAreLoggedOnce(t *testing.T) {
	request := func(change func(pdu []byte)) []byte {
		pdu := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: rpctest.First | rpctest.Last, CallID: 2}, rpctest.RequestBody(0, 18, make([]byte, 32)))
		change(pdu)
		return pdu
	}
	fragments := map[string][]byte{
		"another version":            request(func(b []byte) { b[0] = 9 }),
		"a minor version":            request(func(b []byte) { b[1] = 9 }),
		"no known kind":              request(func(b []byte) { b[2] = 0xEE }),
		"a kind of the server's":     request(func(b []byte) { b[2] = 2 }),
		"another byte order":         request(func(b []byte) { b[4] = 0 }),
		"longer than it is":          request(func(b []byte) { b[8], b[9] = 0xFF, 0xFF }),
		"shorter than a header":      request(func(b []byte) { b[8], b[9] = 4, 0 }),
		"with credentials":           request(func(b []byte) { b[10], b[11] = 0xFF, 0xFF }),
		"not begun":                  request(func(b []byte) { b[3] = rpctest.Last }),
		"for no context":             request(func(b []byte) { b[20], b[21] = 0x77, 0x77 }),
		"for no operation":           request(func(b []byte) { b[22], b[23] = 0xFF, 0xFF }),
		"nothing but zeroes":         make([]byte, 64),
		"a text":                     []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"cut off in the header":      request(func([]byte) {})[:10],
		"cut off in what it carries": request(func([]byte) {})[:30],
	}
	for what, fragment := range fragments {
		t.Run(what, func(t *testing.T) {
			var log bytes.Buffer
			s, made := administered(t, &log)
			p := inIPC(t, s)
			var res smb2.CreateResponse
			p.MustDo(createPipe("srvsvc"), &res)
			rpctest.Dial(t, &smbPipe{t: t, p: p, id: res.FileID, room: 4280}, srvsvc.UUID, 3)
			for range 3 { // what comes behind is not taken for more of it
				p.Do(&smb2.WriteRequest{FileID: res.FileID, Data: fragment})
			}
			p.CloseFile(res.FileID)
			if n := made.made.Load(); n != 0 {
				t.Errorf("%d changes", n)
			}
			// The server serves on, by other pipes of the same session.
			dialPipe(t, p, "srvsvc")
			shutDown(t, s)
			if n := strings.Count(log.String(), "level=WARN"); n > 1 {
				t.Errorf("%d lines in the log:\n%s", n, &log)
			}
		})
	}
}
