package fsa_test

import (
	"context"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Rights as a Unix file system gives them: nothing is said of changing the
// owner, nor of the children of a file.
const (
	unixRead  = dtyp.FileReadData | dtyp.FileReadEA | dtyp.FileReadAttributes | dtyp.FileExecute | dtyp.ReadControl | dtyp.Synchronize
	unixWrite = dtyp.FileWriteData | dtyp.FileAppendData | dtyp.FileWriteEA | dtyp.FileWriteAttributes
)

func TestWhoMayDoAllIsGrantedFileAllAccess(t *testing.T) {
	for _, c := range []struct {
		name   string
		gives  dtyp.AccessMask
		all    error           // of opening with FileAllAccess
		most   dtyp.AccessMask // that MaximalAccess says
		onFile string
	}{
		{"owner of a file", unixRead | unixWrite | dtyp.WriteDAC | dtyp.Delete, nil, dtyp.FileAllAccess, "f"},
		{"owner of a directory", unixRead | unixWrite | dtyp.WriteDAC | dtyp.Delete | dtyp.FileDeleteChild, nil, dtyp.FileAllAccess, "d"},
		{"another writer", unixRead | unixWrite | dtyp.Delete, ntstatus.AccessDenied, dtyp.FileAllAccess &^ (dtyp.WriteDAC | dtyp.WriteOwner), "f"},
		{"owner who cannot write", unixRead | dtyp.WriteDAC, ntstatus.AccessDenied, unixRead | dtyp.WriteDAC | dtyp.WriteOwner, "f"},
		{"writer who cannot delete children", unixRead | unixWrite | dtyp.WriteDAC | dtyp.Delete, ntstatus.AccessDenied, dtyp.FileAllAccess &^ dtyp.FileDeleteChild, "d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.make("f", `d\`)
			f.hooks.access = func(*vfs.Cred, string) dtyp.AccessMask { return c.gives }
			for _, desired := range []dtyp.AccessMask{dtyp.FileAllAccess, dtyp.GenericAll} {
				h, _, err := f.volume.Open(t.Context(), request(c.onFile, access(desired)))
				if err != c.all {
					t.Errorf("opened for %#x: got %v, want %v", desired, err, c.all)
				}
				if err == nil {
					f.close(h)
				}
			}
			h := f.open(request(c.onFile, access(dtyp.MaximumAllowed)))
			defer f.close(h)
			got, err := h.MaximalAccess(t.Context())
			if got != c.most || err != nil || h.GrantedAccess() != c.most {
				t.Errorf("MaximalAccess = %#x, %v; MaximumAllowed got %#x; want %#x", got, err, h.GrantedAccess(), c.most)
			}
		})
	}
}

func TestMaximalAccessIsThatOfTheShareAndTheAttributesToo(t *testing.T) {
	f := newFixture(t)
	f.make("f")
	h := f.open(request("f", maximal(dtyp.FileGenericRead), access(dtyp.FileReadData)))
	defer f.close(h)
	if got, err := h.MaximalAccess(t.Context()); got != dtyp.FileGenericRead || err != nil {
		t.Errorf("through a share for reading: %#x, %v, want %#x", got, err, dtyp.FileGenericRead)
	}
	f.hooks.attr = func(_ string, a *vfs.Attr) { a.Attributes |= fscc.FileAttributeReadonly }
	all := f.open(request("f", access(dtyp.FileReadData)))
	defer f.close(all)
	want := dtyp.FileAllAccess &^ (dtyp.FileWriteData | dtyp.FileAppendData | dtyp.FileDeleteChild)
	if got, err := all.MaximalAccess(t.Context()); got != want || err != nil {
		t.Errorf("of a read-only file: %#x, %v, want %#x", got, err, want)
	}
}

// forgetfulFS is a back end that stores no attributes.
type forgetfulFS struct{ vfs.FS }

func (f forgetfulFS) Info(ctx context.Context) (vfs.Info, error) {
	info, err := f.FS.Info(ctx)
	info.StoresAttributes = false
	return info, err
}

func TestFileIsToBeArchivedWhereNoAttributesAreStored(t *testing.T) {
	f := newFixture(t)
	f.make("f", `d\`)
	f.hooks.attr = func(_ string, a *vfs.Attr) { a.Attributes &^= fscc.FileAttributeArchive }
	v, err := f.store.Mount(t.Context(), forgetfulFS{f.hooks})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v.Unmount(); err != nil {
			t.Error(err)
		}
	}()
	for name, want := range map[string]fscc.FileAttributes{"f": fscc.FileAttributeArchive, "d": fscc.FileAttributeDirectory} {
		h, _, err := v.Open(t.Context(), request(name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := h.Attr(t.Context()); got.Attributes != want || err != nil {
			t.Errorf("Attr(%q) = %v, %v, want %v", name, got.Attributes, err, want)
		}
		f.close(h)
	}
	root, _, err := v.Open(t.Context(), request(""))
	if err != nil {
		t.Fatal(err)
	}
	defer f.close(root)
	for _, pattern := range []string{"*", "f"} {
		seen := fscc.FileAttributes(0)
		err := root.ReadDir(t.Context(), fsa.ReadDirRequest{Pattern: pattern, Restart: true, NeedAttr: true}, func(e fsa.DirEntry) bool {
			if e.Name == "f" {
				seen = e.Attr.Attributes
			}
			return true
		})
		if seen != fscc.FileAttributeArchive || err != nil {
			t.Errorf("listed by %q with %v, %v, want %v", pattern, seen, err, fscc.FileAttributeArchive)
		}
	}
}
