package localfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// eaNames returns the names of a file's extended attributes, and checks that
// Attr knows how much they are.
func eaNames(t *testing.T, f *FS, n vfs.Node) []string {
	t.Helper()
	eas, err := f.EAs(t.Context(), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	names, size := []string{}, 0
	for i := range eas {
		names = append(names, eas[i].Name)
		size += eas[i].Size()
	}
	if a, err := n.Attr(t.Context()); err != nil || a.EASize != uint32(size) {
		t.Errorf("EASize = %d, %v, want %d", a.EASize, err, size)
	}
	return names
}

func TestExtendedAttributesAreWhereSambaHasThem(t *testing.T) {
	f, path, root := limited(t, 4<<10)
	n, opened := create(t, f, root, "file")
	opened.Close()
	name := filepath.Join(path, "file")
	if err := f.SetEAs(t.Context(), nil, n, []fscc.EA{{Name: "Mixed Case", Value: []byte("value")}}); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	if k, err := unix.Lgetxattr(name, "user.Mixed Case", buf); err != nil || string(buf[:k]) != "value" {
		t.Errorf("user.Mixed Case = %q, %v, want value", buf[:max(k, 0)], err)
	}
	if err := unix.Lsetxattr(name, "user.by others", []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if got, want := eaNames(t, f, n), []string{"Mixed Case", "by others"}; !slices.Equal(got, want) {
		t.Errorf("names = %q, want %q", got, want)
	}
	if err := f.SetEAs(t.Context(), nil, n, []fscc.EA{{Name: "MIXED CASE"}, {Name: "BY OTHERS", Value: []byte("y")}}); err != nil {
		t.Fatal(err)
	}
	if got, want := eaNames(t, f, n), []string{"by others"}; !slices.Equal(got, want) {
		t.Errorf("names = %q, want %q", got, want)
	}
}

func TestWhatServersKeepIsNoExtendedAttributeOfClients(t *testing.T) {
	f, path, root := limited(t, 64<<10)
	n, opened := create(t, f, root, "file")
	opened.Close()
	for _, name := range []string{
		"DOSATTRIB", "dosattrib", "NTACL", "DosStream.x:$DATA", "DosStream.", "SAMBA_PAI", "SAMBA_STREAMS",
		"SmbReparse", "org.netatalk.Metadata", "org.netatalk.ResourceFork", "Signet.x",
	} {
		if err := unix.Lsetxattr(filepath.Join(path, "file"), "user."+name, []byte("?"), 0); err != nil {
			t.Fatal(err)
		}
		if got := eaNames(t, f, n); len(got) != 0 {
			t.Errorf("%s is shown: %q", name, got)
		}
		for _, value := range []string{"", "x"} {
			err := f.SetEAs(t.Context(), nil, n, []fscc.EA{{Name: "OTHER", Value: []byte("x")}, {Name: name, Value: []byte(value)}})
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("set %s to %q: %v, want %v", name, value, err, fs.ErrPermission)
			}
		}
		if got := eaNames(t, f, n); len(got) != 0 {
			t.Errorf("%q set along with %s", got, name)
		}
	}
}

func TestWhatIsNoExtendedAttributeOfWindowsIsNotShown(t *testing.T) {
	f, path, root := limited(t, 64<<10)
	n, opened := create(t, f, root, "file")
	opened.Close()
	name := filepath.Join(path, "file")
	for attribute, size := range map[string]int{
		"user.a=b": 1, "user.a\x01": 1, "user.ok": 10, "user.too large": 1 << 16, "user.large": 65_000, "user.too much": 1000,
	} {
		if err := unix.Lsetxattr(name, attribute, make([]byte, size), 0); err != nil {
			t.Fatalf("%q: %v", attribute, err)
		}
	}
	if got, want := eaNames(t, f, n), []string{"large", "ok"}; !slices.Equal(got, want) {
		t.Errorf("names = %q, want %q", got, want)
	}
}

func TestExtendedAttributesAreForThoseWhoMayReadTheFile(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root takes on other identities: run it as root too")
	}
	f, path, root := limited(t, 0)
	if err := os.WriteFile(filepath.Join(path, "private"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	n, _, err := f.Lookup(t.Context(), nil, root, "private")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := f.side.far.set(n.(*node).place(), "user.SECRET", []byte("secret")); err != nil {
		t.Fatal(err)
	}
	if eas, err := f.EAs(t.Context(), nil, n); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("EAs = %v, %v, want %v", eas, err, fs.ErrPermission)
	}
	if err := f.SetEAs(t.Context(), nil, n, []fscc.EA{{Name: "SECRET"}}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("SetEAs: %v, want %v", err, fs.ErrPermission)
	}
}

func TestExtendedAttributesMoveBetweenTheStoresWithTheirSize(t *testing.T) {
	f, path, root := limited(t, 4<<10)
	n, opened := create(t, f, root, "file")
	opened.Close()
	for _, size := range []int{10, 10_000, 20, 3000, 50_000} {
		for _, name := range []string{"A", "b"} {
			value := []byte(strings.Repeat(name, size/2))
			if err := f.SetEAs(t.Context(), nil, n, []fscc.EA{{Name: strings.ToLower(name), Value: value}}); err != nil {
				t.Fatalf("%s of %d bytes: %v", name, len(value), err)
			}
		}
		if got, want := eaNames(t, f, n), []string{"a", "b"}; !slices.Equal(got, want) {
			t.Errorf("with %d bytes: names = %q, want %q", size, got, want)
		}
	}
	if err := f.SetEAs(t.Context(), nil, n, []fscc.EA{{Name: "a"}, {Name: "b"}}); err != nil {
		t.Fatal(err)
	}
	if got := append(eaNames(t, f, n), spilled(t, path)...); len(got) != 0 {
		t.Errorf("%q is left", got)
	}
}
