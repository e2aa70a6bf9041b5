package client_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/winreg"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/server"
)

// oneValue is a registry with a value that can be set.
type oneValue struct {
	mu    sync.Mutex
	value winreg.Value
}

func (r *oneValue) Values(context.Context, *rpc.Caller) ([]winreg.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []winreg.Value{r.value}, nil
}

func (r *oneValue) Set(_ context.Context, _ *rpc.Caller, v winreg.Value) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.value = v
	return nil
}

func (*oneValue) Reset(context.Context, *rpc.Caller, string, string) error { return nil }

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestARegistryThatDemandsSealedCallsGetsThem: the server refuses the first call,
// as one would that demands authentication of the calls themselves.
func TestARegistryThatDemandsSealedCallsGetsThem(t *testing.T) {
	const key = `SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters`
	registry := &oneValue{value: winreg.Value{Key: key, Name: "Signing", Type: 4, Data: []byte{1, 0, 0, 0}}}
	var log lines
	var asked atomic.Int32
	s := smbtest.StartServer(t, smbtest.Options{
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Procedures: server.Procedures{
			Role: func(context.Context, *auth.Identity) rpc.Role {
				if asked.Add(1) == 1 {
					return rpc.User
				}
				return rpc.Administrator
			},
			Registry: registry,
		},
	})
	session := dial(t, s, dialer())
	r, err := session.Registry(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Values(t.Context(), key, "Signing")
	if err != nil || len(got) != 1 || !bytes.Equal(got[0].Data, []byte{1, 0, 0, 0}) {
		t.Fatalf("values %+v, %v", got, err)
	}
	got[0].Data = []byte{2, 0, 0, 0}
	if err := r.Set(t.Context(), got[0]); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(registry.value.Data, []byte{2, 0, 0, 0}) {
		t.Errorf("after Set: %+v", registry.value)
	}
	if want := "pipe=winreg user=" + smbtest.User + " mechanism=NTLMv2 level=6"; !strings.Contains(log.String(), want) {
		t.Errorf("no %q in the server's log:\n%s", want, log.String())
	}
}
