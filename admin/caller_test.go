//go:build linux

package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
)

func TestARequestOfNobodyKnownIsRefused(t *testing.T) {
	handler, accounts, _ := setUp(t, admin.Status{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plain := &http.Server{Handler: handler}
	var wg sync.WaitGroup
	wg.Go(func() { plain.Serve(l) })
	defer wg.Wait()
	defer plain.Close()
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Post("http://"+l.Addr().String()+"/api/v1/users", "application/json", strings.NewReader(`{"Name":"eve","Password":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 403 || len(accounts.names()) != 0 {
		t.Errorf("status %d, accounts %v; want 403 and none", resp.StatusCode, accounts.names())
	}
}

// callAs is the other process of callWith. request is a method and a path.
func callAs(socket, request, body string) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		os.Stdout.WriteString("cannot connect: " + err.Error())
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: signet\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", request, len(body), body)
	io.Copy(os.Stdout, conn)
}

// call adds an account as uid and returns what the socket answered.
func call(t *testing.T, socket string, uid uint32) string {
	t.Helper()
	return callWith(t, socket, uid, "POST /api/v1/users", `{"Name":"eve","Password":"x"}`)
}

// callWith runs this test binary as uid and returns what the socket answered to
// a request.
func callWith(t *testing.T, socket string, uid uint32, request, body string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = []string{"SIGNET_TEST_CALL=" + socket, "SIGNET_TEST_REQUEST=" + request, "SIGNET_TEST_BODY=" + body}
	cmd.Dir = "/"
	if uid != uint32(os.Geteuid()) {
		// The binary lies in a directory that only its owner may enter.
		other := filepath.Join(filepath.Dir(socket), "test-binary")
		data, err := os.ReadFile(exe)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(other); errors.Is(err, fs.ErrNotExist) {
			if err := os.WriteFile(other, data, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		cmd.Path = other
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	handler, accounts, _ := setUp(t, admin.Status{})
	path := serve(t, handler)
	// Wide open on purpose: the peer credentials alone must hold.
	if err := errors.Join(os.Chmod(filepath.Dir(path), 0o755), os.Chmod(path, 0o666)); err != nil {
		t.Fatal(err)
	}
	if out := call(t, path, 65534); !strings.HasPrefix(out, "HTTP/1.1 403 ") {
		t.Errorf("uid 65534 got %q, want 403", out)
	}
	if len(accounts.names()) != 0 {
		t.Errorf("uid 65534 made an account: %v", accounts.names())
	}
	if out := call(t, path, 0); !strings.HasPrefix(out, "HTTP/1.1 201 ") {
		t.Errorf("root got %q, want 201: the test would be blind", out)
	}
}

func TestASlowHeaderDoesNotHoldTheSocket(t *testing.T) {
	handler, _, _ := setUp(t, admin.Status{})
	path := serve(t, handler)
	// One connection each from clients that say nothing, up to the cap.
	for range 64 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	client := admin.OverSocket(dialer(path))
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := client.Status(ctx); err != nil {
		t.Errorf("after 64 silent connections Status = %v, want an answer once their time is up", err)
	}
}
