package fsa_test

import (
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs"
)

func TestAnOpenTellsTheAttributesThatItsHandleTells(t *testing.T) {
	f := newFixture(t)
	f.write("old", "content")
	f.make(`dir\`)
	f.write("over", "content")
	f.write("super", "content")
	system := func(r *fsa.OpenRequest) { r.Attributes = fscc.FileAttributeSystem }
	for _, req := range []fsa.OpenRequest{
		request(""),
		request("old"),
		request("dir"),
		request("new", disposition(fscc.DispositionCreate)),
		request("new system", disposition(fscc.DispositionCreate), system),
		request("new dir", disposition(fscc.DispositionCreate), options(fscc.OptionDirectoryFile)),
		request("over", disposition(fscc.DispositionOverwrite), system),
		request("super", disposition(fscc.DispositionSupersede), system),
		request("old:stream", disposition(fscc.DispositionCreate)),
		request("newer:stream", disposition(fscc.DispositionCreate)),
	} {
		var told vfs.Attr
		req.Attr = &told
		h := f.open(req)
		want, err := h.Attr(t.Context())
		if err != nil || told != want {
			t.Errorf("open of %q, disposition %d, told\n%+v, want\n%+v, %v", req.Name, req.Disposition, told, want, err)
		}
		f.close(h)
	}
}

func TestWritingToAFileThatWasJustMadeAsksForNoAttributes(t *testing.T) {
	f := newFixture(t)
	h := f.open(request("new", disposition(fscc.DispositionCreate)))
	defer f.close(h)
	f.hooks.before = func(op, name string, _ *vfs.Cred) error {
		if op == "attr" || op == "setattr" {
			t.Errorf("%s of %q", op, name)
		}
		return nil
	}
	if _, err := h.WriteAt(t.Context(), []byte("content"), 0, false); err != nil {
		t.Error(err)
	}
	f.hooks.before = nil
	if attr, err := h.Attr(t.Context()); err != nil || attr.Attributes&fscc.FileAttributeArchive == 0 {
		t.Errorf("attributes %#x, %v, want Archive", attr.Attributes, err)
	}
}
