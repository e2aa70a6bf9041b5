package fsa_test

import (
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

func TestAListingOfTheReadableLeavesOutTheRest(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"gone", "mine", "theirs", "written"} {
		f.make(name)
	}
	ann := &vfs.Cred{UID: 1000}
	asked := 0
	f.hooks.access = func(as *vfs.Cred, name string) dtyp.AccessMask {
		asked++
		switch {
		case as != ann:
			t.Errorf("the access of %+v to %s was asked for", as, name)
		case name == "theirs":
			return 0
		case name == "written":
			return dtyp.FileGenericWrite
		}
		return dtyp.FileAllAccess
	}
	f.hooks.before = func(op, name string, _ *vfs.Cred) error {
		if op == "lookup" && name == "gone" {
			return fs.ErrNotExist
		}
		return nil
	}
	list := func(req fsa.ReadDirRequest) (names []string, err error) {
		root, _, err := f.volume.Open(t.Context(), request("", access(dtyp.GenericRead), func(r *fsa.OpenRequest) { r.As = ann }))
		if err != nil {
			t.Fatal(err)
		}
		defer f.close(root)
		asked = 0
		err = root.ReadDir(t.Context(), req, func(e fsa.DirEntry) bool {
			names = append(names, e.Name)
			return true
		})
		slices.Sort(names)
		return names, err
	}
	for _, c := range []struct {
		req  fsa.ReadDirRequest
		want []string
		err  error
		asks int
	}{
		{fsa.ReadDirRequest{Readable: true}, []string{".", "..", "mine"}, nil, 3},
		{fsa.ReadDirRequest{Readable: true, Pattern: "m*"}, []string{"mine"}, nil, 1},
		{fsa.ReadDirRequest{Readable: true, Pattern: "MINE"}, []string{"mine"}, nil, 1},
		{fsa.ReadDirRequest{Readable: true, Pattern: "theirs"}, nil, ntstatus.NoSuchFile, 1},
		{fsa.ReadDirRequest{Readable: true, Pattern: "t*"}, nil, ntstatus.NoSuchFile, 1},
		{fsa.ReadDirRequest{Pattern: "*"}, []string{".", "..", "gone", "mine", "theirs", "written"}, nil, 0},
	} {
		if got, err := list(c.req); !slices.Equal(got, c.want) || !errors.Is(err, c.err) || asked != c.asks {
			t.Errorf("%+v: %q, %v, access asked for %d times; want %q, %v, %d", c.req, got, err, asked, c.want, c.err, c.asks)
		}
	}
}
