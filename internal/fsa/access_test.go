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

func TestGrantedAccessIsWhatBackEndAndShareBothAllow(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	var allowed dtyp.AccessMask
	f.hooks.access = func(*vfs.Cred, string) dtyp.AccessMask { return allowed }
	const read, all = dtyp.FileGenericRead, dtyp.FileAllAccess
	for _, c := range []struct{ backend, share, desired, want dtyp.AccessMask }{
		{all, all, dtyp.GenericAll, all},
		{all, all, dtyp.MaximumAllowed, all},
		{all, all, dtyp.GenericRead, read},
		{all, read, dtyp.MaximumAllowed, read},
		{read, all, dtyp.MaximumAllowed, read},
		{read, all, dtyp.MaximumAllowed | dtyp.FileReadData, read},
		{read, all, dtyp.MaximumAllowed | dtyp.FileWriteData, 0},
		{read, all, dtyp.GenericRead, read},
		{read, all, dtyp.GenericWrite, 0},
		{all, read, dtyp.Delete, 0},
		{all, all, dtyp.AccessSystemSecurity, 0},
		{all, all, 0x00200000, 0},
	} {
		allowed = c.backend
		h, _, err := f.volume.Open(t.Context(), request("file", access(c.desired), maximal(c.share)))
		got := dtyp.AccessMask(0)
		if err == nil {
			got = h.GrantedAccess()
			f.close(h)
		} else if want := refusalOf(c.desired); err != want {
			t.Errorf("%+v: %v, want %v", c, err, want)
		}
		if got != c.want {
			t.Errorf("back end %#x, share %#x, desired %#x: granted %#x, want %#x", c.backend, c.share, c.desired, got, c.want)
		}
	}
}

func TestCreatorGetsWhatWasAskedForAndNoMoreThanTheShareAllows(t *testing.T) {
	f := newFixture(t)
	f.hooks.access = func(*vfs.Cred, string) dtyp.AccessMask { return dtyp.FileGenericRead }
	const change = dtyp.FileAllAccess &^ (dtyp.WriteDAC | dtyp.WriteOwner)
	for _, c := range []struct{ share, desired, want dtyp.AccessMask }{
		{dtyp.FileAllAccess, dtyp.GenericAll, dtyp.FileAllAccess},
		{dtyp.FileAllAccess, dtyp.FileReadData, dtyp.FileReadData},
		{change, dtyp.MaximumAllowed, change},
		{change, dtyp.GenericAll, 0},
		{change &^ dtyp.FileAddFile, dtyp.FileReadData, 0},
	} {
		h, _, err := f.volume.Open(t.Context(), request("new", access(c.desired), maximal(c.share), disposition(fscc.DispositionCreate)))
		if err != nil {
			if c.want != 0 || err != ntstatus.AccessDenied {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if got := h.GrantedAccess(); got != c.want {
			t.Errorf("share %#x, desired %#x: granted %#x, want %#x", c.share, c.desired, got, c.want)
		}
		if err := f.fs.Remove(t.Context(), nil, f.rootNode(), "new", f.lookupNode("new")); err != nil {
			t.Fatal(err)
		}
		f.close(h)
	}
}

func TestOverwritingTakesTheRightsItImplies(t *testing.T) {
	for _, c := range []struct {
		disposition fscc.CreateDisposition
		missing     dtyp.AccessMask
	}{
		{fscc.DispositionOverwrite, dtyp.FileWriteData},
		{fscc.DispositionOverwriteIf, dtyp.FileWriteAttributes},
		{fscc.DispositionOverwrite, dtyp.FileWriteEA},
		{fscc.DispositionSupersede, dtyp.Delete},
	} {
		f := newFixture(t)
		f.write("file", "content")
		f.hooks.access = func(*vfs.Cred, string) dtyp.AccessMask { return dtyp.FileAllAccess &^ c.missing }
		f.refuse(request("file", access(dtyp.FileReadData), disposition(c.disposition)), ntstatus.AccessDenied)
		if got := f.read("file"); got != "content" {
			t.Errorf("disposition %d without %#x: the file has %q", c.disposition, c.missing, got)
		}
	}
}

func TestWhoCannotWriteCannotKeepOthersFromReading(t *testing.T) {
	for _, name := range []string{"file", "dir"} {
		f := newFixture(t)
		f.make("file", `dir\`)
		reader := &vfs.Cred{UID: 1000}
		f.hooks.access = func(as *vfs.Cred, _ string) dtyp.AccessMask {
			if as == reader {
				return dtyp.FileGenericRead
			}
			return dtyp.FileAllAccess
		}
		exclusive := request(name, access(dtyp.FileReadData), sharing(0))
		exclusive.As = reader
		h := f.open(exclusive)
		f.close(f.open(request(name, access(dtyp.FileReadData))))
		f.refuse(request(name, access(dtyp.FileWriteData)), ntstatus.SharingViolation)
		f.close(h)

		exclusive.As = nil
		h = f.open(exclusive)
		f.refuse(request(name, access(dtyp.FileReadData)), ntstatus.SharingViolation)
		f.close(h)
	}
}

func TestAFileHiddenByItsNameMayBeOverwrittenWithoutSayingHidden(t *testing.T) {
	f := newFixture(t)
	f.make("hidden", ".dot")
	f.hooks.attr = func(name string, a *vfs.Attr) {
		a.Attributes |= fscc.FileAttributeHidden
		a.HiddenByName = name == ".dot"
	}
	overwrite := disposition(fscc.DispositionOverwriteIf)
	f.refuse(request("hidden", overwrite), ntstatus.AccessDenied)
	f.close(f.open(request(".dot", overwrite)))
}

func TestSpecialFilesAreListedAndDeletedButNotOpenedForData(t *testing.T) {
	f := newFixture(t)
	f.make("fifo")
	f.hooks.attr = func(name string, a *vfs.Attr) { a.Special = a.Special || name == "fifo" }
	f.hooks.before = func(op, name string, _ *vfs.Cred) error {
		if op == "open" {
			t.Errorf("the back end was asked to open %q", name)
		}
		return nil
	}
	for _, a := range []dtyp.AccessMask{
		dtyp.FileReadData, dtyp.FileWriteData, dtyp.FileAppendData, dtyp.FileExecute, dtyp.GenericAll,
	} {
		f.refuse(request("fifo", access(a)), ntstatus.AccessDenied)
	}
	f.refuse(request("fifo", access(dtyp.FileReadAttributes), disposition(fscc.DispositionOverwriteIf)), ntstatus.AccessDenied)
	f.refuse(request("fifo", access(dtyp.FileReadAttributes), options(fscc.OptionDirectoryFile)), ntstatus.NotADirectory)
	h := f.open(request("fifo", access(dtyp.MaximumAllowed)))
	if _, err := h.ReadAt(t.Context(), make([]byte, 1), 0); err != ntstatus.AccessDenied {
		t.Errorf("ReadAt: %v", err)
	}
	if err := h.SetDeletePending(t.Context(), true); err != nil {
		t.Errorf("SetDeletePending: %v", err)
	}
	f.close(h)
	f.refuse(request("fifo", access(dtyp.FileReadAttributes)), ntstatus.ObjectNameNotFound)
}

// errBackend is something a back end says that nobody foresaw.
var errBackend = errors.New("the disk is on fire")

// failing makes the back end refuse one operation.
func failing(op string) func(string, string, *vfs.Cred) error {
	return func(o, _ string, _ *vfs.Cred) error {
		if o == op {
			return errBackend
		}
		return nil
	}
}

func TestErrorsOfTheBackEndArePassedOnAndLeaveNothingOpen(t *testing.T) {
	f := newFixture(t)
	f.make("file", `dir\`)
	keeper := f.open(request("file", access(dtyp.FileReadAttributes)))
	defer f.close(keeper)
	for _, c := range []struct {
		op  string
		req fsa.OpenRequest
	}{
		{"lookup", request("file")},
		{"lookup", request(`dir\x`)},
		{"attr", request("file")},
		{"attr", request(`dir\x`)},
		{"open", request("file")},
		{"create", request("new", disposition(fscc.DispositionCreate))},
		{"attr", request("new", disposition(fscc.DispositionCreate))},
		{"setattr", request("new", disposition(fscc.DispositionCreate))},
		{"setattr", request("file", disposition(fscc.DispositionOverwrite), attributes(fscc.FileAttributeHidden))},
	} {
		f.hooks.before = failing(c.op)
		f.refuse(c.req, errBackend)
		f.hooks.before = nil
	}
	// A share mode left behind would show now.
	f.close(f.open(request("file", sharing(0))))
	f.refuse(request("new"), ntstatus.ObjectNameNotFound)
}

func TestNamesThatOthersTakeMeanwhileCollide(t *testing.T) {
	f := newFixture(t)
	f.hooks.before = func(op, name string, _ *vfs.Cred) error {
		if op == "create" {
			n, file, err := f.fs.Create(t.Context(), nil, f.rootNode(), name, false)
			if err != nil {
				t.Fatal(err)
			}
			n.Close()
			file.Close()
		}
		return nil
	}
	f.refuse(request("file", disposition(fscc.DispositionCreate)), ntstatus.ObjectNameCollision)
}

// refusalOf is how an open for rights that are not there is refused.
func refusalOf(desired dtyp.AccessMask) error {
	if desired == dtyp.AccessSystemSecurity {
		return ntstatus.PrivilegeNotHeld
	}
	return ntstatus.AccessDenied
}
