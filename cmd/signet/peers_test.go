//go:build linux

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

// TestAPeerIsAskedForItsSettings reads the registry of a server of this build.
func TestAPeerIsAskedForItsSettings(t *testing.T) {
	_, dir, addr := serveSMB(t, nobody)
	add := signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, "user", "add", "wendy", "--role", "viewer", "--state", "state")
	if r := run(t, add); r.code != exitDone {
		t.Fatalf("user add: %+v", r)
	}
	var log bytes.Buffer
	p := newPeers([]string{addr}, policy.Default, slog.New(slog.NewTextHandler(&log, nil)))
	s, err := p.Settings(t.Context(), strings.ToUpper(addr), admin.PeerCredentials{User: "wendy", Password: "tulip-raven-4817"})
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]admin.PeerProperty)
	for _, property := range s.Properties {
		told[property.Side+"."+property.Name] = property
	}
	want := admin.PeerProperty{
		Side: "server", Name: "RequireSecuritySignature", Value: "True",
		Source: `System\CurrentControlSet\Services\LanmanServer\Parameters\RequireSecuritySignature`,
	}
	if got := told["server.RequireSecuritySignature"]; got != want || s.Peer != addr || s.At.IsZero() {
		t.Errorf("told %+v of %s at %v, want %+v", got, s.Peer, s.At, want)
	}
	if told["client.RequireSecuritySignature"].Value != "True" || len(told) < 10 {
		t.Errorf("told %+v", told)
	}

	for _, c := range []struct{ user, password string }{{"wendy", "a-wrong-password"}, {"ann", "tulip-raven-4817"}} { // ann has no role
		_, err := p.Settings(t.Context(), addr, admin.PeerCredentials{User: c.user, Password: c.password})
		if e, ok := errors.AsType[*admin.Error](err); !ok || e.Code != "PeerFailed" || strings.Contains(e.Error(), c.password) {
			t.Errorf("as %s: %v", c.user, err)
		}
		if strings.Contains(log.String(), c.password) {
			t.Errorf("the password is in the log: %s", &log)
		}
	}
}

// TestOnlyConfiguredPeersAreDialled: nobody who administers can have the server
// look for others.
func TestOnlyConfiguredPeersAreDialled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dialled := make(chan struct{})
	go func() {
		defer close(dialled)
		if c, err := l.Accept(); err == nil {
			c.Close()
			t.Error("a host was dialled that is not configured")
		}
	}()
	p := newPeers([]string{"nas.example", "127.0.0.1"}, policy.Default, slog.New(slog.DiscardHandler))
	addr := l.Addr().String()
	for _, name := range []string{addr, "nas.example@" + addr, "nas.example/" + addr, " nas.example", "nas.example.", "127.0.0.1:445", "", "smb://nas.example", "NAS.EXAMPLE:" + strings.Split(addr, ":")[1]} {
		if _, err := p.Settings(t.Context(), name, admin.PeerCredentials{User: "x", Password: "y"}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v, want fs.ErrNotExist", name, err)
		}
	}
	l.Close()
	<-dialled
}

func TestAPeerThatIsNoServerIsTold(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	p := newPeers([]string{l.Addr().String()}, policy.Default, slog.New(slog.DiscardHandler))
	_, err = p.Settings(t.Context(), l.Addr().String(), admin.PeerCredentials{User: "x", Password: "y"})
	if e, ok := errors.AsType[*admin.Error](err); !ok || e.Code != "PeerFailed" || e.Status != 502 {
		t.Errorf("%v", err)
	}
}

func TestPeersAreHostsAndPorts(t *testing.T) {
	for text, ok := range map[string]bool{
		"nas": true, "nas.example:4445": true, "192.0.2.1": true, "[2001:db8::1]:445": true, "NAS": true,
		"": false, "ann@nas": false, "nas/share": false, `\\nas`: false, "smb://nas": false, "nas:port": false, "nas:99999": false, ":445": false, "nas share": false, "nas%00": false,
	} {
		if _, err := parsePeer(text); (err == nil) != ok {
			t.Errorf("%q: %v, want that it is taken: %v", text, err, ok)
		}
	}
	if names, err := parsePeers([]string{"nas", "NAS", "b"}); err != nil || strings.Join(names, " ") != "nas b" {
		t.Errorf("%v, %v", names, err)
	}
}
