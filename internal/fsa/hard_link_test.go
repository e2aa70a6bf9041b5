package fsa_test

import (
	"errors"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

func TestHardLinkIsAnotherNameOfTheFile(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`)
	h := f.put("f", "content")
	if err := h.AddLink(t.Context(), `Dir\Other`, false); err != nil {
		t.Fatal(err)
	}
	other := f.open(request(`dir\other`))
	defer f.close(other)
	if other.FileID() != h.FileID() || other.Name() != `dir\Other` || h.Name() != "f" || f.content(other) != "content" {
		t.Errorf("file %#x called %q, want %#x called %q", other.FileID(), other.Name(), h.FileID(), `dir\Other`)
	}
	attr, err := other.Attr(t.Context())
	if attr.NumberOfLinks != 2 || attr.Attributes != fscc.FileAttributeArchive || err != nil {
		t.Errorf("%d links, %v, %v, want 2, Archive", attr.NumberOfLinks, attr.Attributes, err)
	}
	// Sharing is that of the file, not of the name.
	f.refuse(request("f", sharing(0)), ntstatus.SharingViolation)
}

func TestDeletingOneNameLeavesTheOther(t *testing.T) {
	f := newFixture(t)
	f.make("f")
	h := f.open(request("f"))
	if err := h.AddLink(t.Context(), "g", false); err != nil {
		t.Fatal(err)
	}
	if err := h.SetDeletePending(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := h.AddLink(t.Context(), "late", false); err != ntstatus.AccessDenied {
		t.Errorf("AddLink of a name that is being deleted: %v, want AccessDenied", err)
	}
	f.close(h)
	f.refuse(request("f"), ntstatus.ObjectNameNotFound)
	f.refuse(request("late"), ntstatus.ObjectNameNotFound)
	f.close(f.open(request("g")))
}

func TestHardLinkReplacesAFile(t *testing.T) {
	f := newFixture(t)
	h := f.put("f", "new")
	f.make("Taken")
	if err := h.AddLink(t.Context(), "taken", false); err != ntstatus.ObjectNameCollision {
		t.Errorf("AddLink to a name in use: %v, want ObjectNameCollision", err)
	}
	open := f.open(request("Taken"))
	if err := h.AddLink(t.Context(), "taken", true); err != ntstatus.AccessDenied {
		t.Errorf("AddLink in the place of an open file: %v, want AccessDenied", err)
	}
	f.close(open)
	if err := h.AddLink(t.Context(), "taken", true); err != nil {
		t.Fatal(err)
	}
	replaced := f.open(request("TAKEN"))
	defer f.close(replaced)
	if got := f.content(replaced); got != "new" || replaced.Name() != "taken" {
		t.Errorf("content %q called %q, want %q called taken", got, replaced.Name(), "new")
	}
	if err := h.AddLink(t.Context(), "taken", true); err != nil {
		t.Errorf("AddLink in its own place: %v", err)
	}
}

func TestHardLinksThatCannotBe(t *testing.T) {
	f := newFixture(t)
	f.make("f", `d\`)
	h, dir := f.open(request("f")), f.open(request("d"))
	defer f.close(h)
	defer f.close(dir)
	reader := f.open(request("f", maximal(dtyp.FileGenericRead), access(dtyp.FileReadData)))
	defer f.close(reader)
	for _, c := range []struct {
		name   string
		handle *fsa.Handle
		target string
		want   error
	}{
		{"a directory", dir, "e", ntstatus.FileIsADirectory},
		{"no name", h, "", ntstatus.InvalidParameter},
		{"a rooted name", h, `\e`, ntstatus.InvalidParameter},
		{"a name that is none", h, "a*b", ntstatus.ObjectNameInvalid},
		{"the name of a directory", h, `e\`, ntstatus.ObjectNameInvalid},
		{"a missing directory", h, `missing\e`, ntstatus.ObjectPathNotFound},
		{"a share for reading", reader, "e", ntstatus.AccessDenied},
		{"the place of a directory", h, "d", ntstatus.AccessDenied},
	} {
		if err := c.handle.AddLink(t.Context(), c.target, true); err != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	f.hooks.attr = func(_ string, a *vfs.Attr) { a.NumberOfLinks = 1024 }
	if err := h.AddLink(t.Context(), "e", false); err != ntstatus.TooManyLinks {
		t.Errorf("the 1025th name: %v, want TooManyLinks", err)
	}
	if err := f.plain("f").AddLink(t.Context(), "e", false); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("on a back end without links: %v, want NotSupported", err)
	}
}
