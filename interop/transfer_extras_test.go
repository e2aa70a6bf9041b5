package interop

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// counted is s behind a relay that counts the bytes of both directions.
func counted(t *testing.T, s *server) (*server, *atomic.Int64) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	count := new(atomic.Int64)
	pass := func(to, from net.Conn) {
		defer to.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := from.Read(buf)
			count.Add(int64(n))
			if err != nil {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := new(net.Dialer).DialContext(context.Background(), "tcp", net.JoinHostPort(s.host, s.port))
			if err != nil {
				_ = near.Close()
				continue
			}
			go pass(near, far)
			go pass(far, near)
		}
	}()
	behind := &server{share: s.share, state: s.state}
	behind.host, behind.port, err = net.SplitHostPort(l.Addr().String())
	must(t, err)
	return behind, count
}

// xattr is the value of an extended attribute.
func xattr(t *testing.T, path, name string) string {
	t.Helper()
	value := make([]byte, 64<<10)
	n, err := unix.Getxattr(path, name, value)
	if err != nil {
		t.Errorf("%s has no %s: %v", path, name, err)
	}
	return string(value[:max(n, 0)])
}

// What files have beside their content goes to smbd, within it, and comes back;
// the content does not travel where smbd can copy.
func TestStreamsOnSmbd(t *testing.T) {
	needSmbd(t)
	s, _ := startSmbd(t, nobodysFolder(t), "vfs objects = streams_xattr acl_xattr", "ea support = yes")
	relay, count := counted(t, s)
	c := &carrier{t: t, dir: publicDir(t), user: "nobody"}
	place := "smb://nobody@" + relay.host + ":" + relay.port + "/" + shareName + "/"
	const zone, attribute = "[ZoneTransfer]\r\nZoneId=3\r\n", "user.DosStream.Zone.Identifier:$DATA"
	large := bytes.Repeat([]byte("0123456789abcdef"), 40<<16) // 40 MiB
	must(t, os.Mkdir(filepath.Join(c.dir, "d"), 0o755))
	must(t, os.WriteFile(filepath.Join(c.dir, "d/small"), []byte("content"), 0o644))
	must(t, os.WriteFile(filepath.Join(c.dir, "d/large"), large, 0o644))
	must(t, unix.Setxattr(filepath.Join(c.dir, "d/small"), attribute, []byte(zone+"\x00"), 0))
	must(t, unix.Setxattr(filepath.Join(c.dir, "d/small"), "user.NOTE", []byte("kept"), 0))

	c.run("put", "-r", "--eas", "d", place)
	if got := xattr(t, filepath.Join(s.share, "d/small"), attribute); got != zone+"\x00" {
		t.Errorf("put: the stream is %q on smbd's disk", got)
	}
	before := count.Load()
	c.run("cp", "-r", "--eas", "--acls", place+"d", place+"copy")
	if n := count.Load() - before; n > 1<<20 {
		t.Errorf("cp: %d bytes travelled", n)
	}
	sameTrees(t, filepath.Join(c.dir, "d"), filepath.Join(s.share, "copy"))
	c.run("get", "-r", "--eas", "--acls", place+"copy", "back")
	for _, dir := range []string{filepath.Join(s.share, "copy"), filepath.Join(c.dir, "back")} {
		if got := xattr(t, filepath.Join(dir, "small"), attribute); got != zone+"\x00" {
			t.Errorf("%s: the stream is %q", dir, got)
		}
		if got := xattr(t, filepath.Join(dir, "small"), "user.NOTE"); got != "kept" {
			t.Errorf("%s: the extended attribute is %q", dir, got)
		}
	}

	// vfs_streams_xattr has room for 64 KiB.
	if out, err := c.command("put", "d/large", place+"d/small:big").Output(); err == nil {
		t.Errorf("smbd keeps a stream of 40 MiB: %s", out)
	}
	if n, err := unix.Getxattr(filepath.Join(s.share, "d/small"), "user.DosStream.big:$DATA", nil); err == nil {
		t.Errorf("%d bytes are left of a stream that was too large", n)
	}
	c.run("put", "d/small", place+"d/small:new")
	c.run("put", "d/small", place+"made:new")
	out, err := c.command("cat", place+"d/small:new", place+"made:new").Output()
	if err != nil || string(out) != "contentcontent" {
		t.Errorf("cat of streams: %q, %v", out, err)
	}
	c.run("get", place+"d/small:Zone.Identifier", "zone")
	if got, err := os.ReadFile(filepath.Join(c.dir, "zone")); err != nil || string(got) != zone {
		t.Errorf("get of a stream: %q, %v", got, err)
	}
}
