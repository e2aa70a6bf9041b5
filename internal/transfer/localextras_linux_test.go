package transfer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// openAttributedDir is openDir where files have extended attributes.
func openAttributedDir(t *testing.T) (*Local, string) {
	t.Helper()
	tree, dir := openDir(t)
	if err := unix.Setxattr(dir, "user.test", []byte("x"), 0); err != nil {
		t.Skipf("the file system of %s has no extended attributes: %v", dir, err)
	}
	mustDo(t, unix.Removexattr(dir, "user.test"))
	return tree, dir
}

// What a tree has comes back by get and put as it was; here it is as Samba's
// vfs_streams_xattr has it.
func TestWhatFilesHaveBesideTheirContentSurvivesARoundTrip(t *testing.T) {
	local, dir := openAttributedDir(t)
	share := openShare(t)
	ctx := t.Context()
	sd, err := dtyp.ParseSDDL("D:PAI(A;;FA;;;WD)(D;;WP;;;S-1-5-21-1-2-3-1000)")
	mustDo(t, err,
		share.Mkdir(ctx, "d"), share.WriteFile(ctx, "d/f", []byte("content")), share.WriteFile(ctx, "d/large", make([]byte, smallFile+1)),
		share.WriteFile(ctx, "d/f:Zone.Identifier", []byte("[ZoneTransfer]\r\n")), share.WriteFile(ctx, "d/f:empty", nil),
		share.WriteFile(ctx, "d/large:side", []byte("of a large one")), share.WriteFile(ctx, "d:dir", []byte("of a directory")),
		share.SetEAs(ctx, "d/f", fscc.EA{Name: "NOTE", Value: []byte("kept")}),
		share.SetSecurity(ctx, "d/f", dtyp.DACLSecurityInformation, sd),
	)
	if told := run(t, NewShare(share), local, everything, "d", "d"); len(told) > 0 {
		t.Fatalf("get: told %q", told)
	}
	for _, c := range []struct{ file, name, want string }{
		{"d/f", "user.DosStream.Zone.Identifier:$DATA", "[ZoneTransfer]\r\n\x00"},
		{"d/f", "user.DosStream.empty:$DATA", "\x00"},
		{"d/f", "user.NOTE", "kept"},
		{"d/large", "user.DosStream.side:$DATA", "of a large one\x00"},
		{"d", "user.DosStream.dir:$DATA", "of a directory\x00"},
	} {
		value := make([]byte, 100)
		n, err := unix.Getxattr(filepath.Join(dir, c.file), c.name, value)
		if err != nil || string(value[:n]) != c.want {
			t.Errorf("%s of %s is %q, %v, want %q", c.name, c.file, value[:max(n, 0)], err, c.want)
		}
	}
	if told := run(t, local, NewShare(share), everything, "d", "back"); len(told) > 0 {
		t.Fatalf("put: told %q", told)
	}
	for _, name := range []string{"", "/f", "/large"} {
		if got, want := streamsOf(t, share, "back"+name), streamsOf(t, share, "d"+name); fmt.Sprint(got) != fmt.Sprint(want) || len(want) == 0 {
			t.Errorf("%q came back with the streams %q, want %q", name, got, want)
		}
	}
	eas, err := share.EAs(ctx, "back/f")
	if err != nil || len(eas) != 1 || eas[0].Name != "NOTE" || string(eas[0].Value) != "kept" {
		t.Errorf("extended attributes came back as %v, %v", eas, err)
	}
	got, err := share.Security(ctx, "back/f", securityParts)
	mustDo(t, err)
	want, err := share.Security(ctx, "d/f", securityParts)
	mustDo(t, err)
	a, _ := want.SDDL()
	if b, _ := got.SDDL(); a != b || !strings.Contains(a, "S-1-5-21-1-2-3-1000") {
		t.Errorf("the security descriptor came back as %s, want %s", b, a)
	}
}

// A server decides about streams, and not about what is kept of them here.
func TestStreamsThatHaveNoPlaceHereAreTold(t *testing.T) {
	local, dir := openAttributedDir(t)
	share := openShare(t)
	ctx := t.Context()
	mustDo(t,
		share.WriteFile(ctx, "f", []byte("content")), share.WriteFile(ctx, "f:fits", []byte("kept")),
		share.WriteFile(ctx, "f:large", make([]byte, maxLocalStream+1)),
		share.WriteFile(ctx, "f:"+strings.Repeat("n", 255), []byte("its name is too long for Linux")),
	)
	told := run(t, NewShare(share), local, everything, "f", "f")
	if len(told) != 2 || !strings.Contains(told[0], "copied without the stream") || !strings.Contains(told[1], "copied without the stream") {
		t.Errorf("told %q, want two streams", told)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "f")); err != nil || string(data) != "content" {
		t.Errorf("the file is %q, %v", data, err)
	}
	f, err := os.Open(filepath.Join(dir, "f"))
	mustDo(t, err)
	defer f.Close()
	if got := listXattrs(f); !slices.Contains(got, "user.DosStream.fits:$DATA") || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "large") }) {
		t.Errorf("the file has the attributes %q", got)
	}
	for _, name := range []string{"DOSATTRIB", "DosStream.x:$DATA", "NTACL", "Signet.SecurityDescriptor", "SAMBA_PAI", "a:b", "a*"} {
		if err := setEA(f, fscc.EA{Name: name, Value: []byte("x")}); err == nil {
			t.Errorf("a server has set %q", "user."+name)
		}
	}
}
