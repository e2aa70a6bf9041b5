package doctor_test

import (
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/internal/doctor"
)

// TestAPortThatSwallowsConnectionsIsFiltered listens without accepting until
// Linux drops what comes, as a firewall does; and then no more at all.
func TestAPortThatSwallowsConnectionsIsFiltered(t *testing.T) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(os.NewSyscallError("socket", err))
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(os.NewSyscallError("bind", err))
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(os.NewSyscallError("listen", err))
	}
	f := os.NewFile(uintptr(fd), "listener")
	l, err := net.FileListener(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	full := false
	for range 16 {
		nc, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			full = true
			break
		}
		defer nc.Close()
	}
	if !full {
		t.Fatal("the backlog does not fill")
	}
	host, port, _ := net.SplitHostPort(address)
	target := doctor.Target{Host: host, Port: port}
	d := doctor.Doctor{Timeout: time.Second}
	if r := d.Examine(t.Context(), target); r.Cause == nil || r.Cause.ID != "port-filtered" {
		t.Errorf("cause %+v, want port-filtered\n%+v", r.Cause, r.Steps)
	}
	l.Close()
	d.Timeout = patience
	if r := d.Examine(t.Context(), target); r.Cause == nil || r.Cause.ID != "port-closed" {
		t.Errorf("nobody listens: cause %+v, want port-closed\n%+v", r.Cause, r.Steps)
	}
}
