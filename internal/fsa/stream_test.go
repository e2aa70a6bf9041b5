package fsa_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// TestStreamIsNotOpenedOnAFileThatGoes lets the deletion of a file overtake an
// open of a stream at each step that the open takes on the back end.
func TestStreamIsNotOpenedOnAFileThatGoes(t *testing.T) {
	for _, c := range []struct {
		step        string
		disposition fscc.CreateDisposition
	}{
		{"lookup", fscc.DispositionOpen},
		{"attr", fscc.DispositionOpen},
		{"lookupstream", fscc.DispositionOpen},
		{"openstream", fscc.DispositionOpen},
		{"lookupstream", fscc.DispositionCreate},
		{"createstream", fscc.DispositionCreate},
		{"openstream", fscc.DispositionCreate},
		{"openstream", fscc.DispositionOverwriteIf},
	} {
		t.Run(c.step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				f.make("f:there")
				base := f.open(request("f"))
				name := "f:there"
				if c.disposition == fscc.DispositionCreate {
					name = "f:new"
				}
				held, opened := make(chan struct{}), make(chan error, 1)
				f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
					if op == c.step {
						<-held
					}
					return nil
				}
				go func() {
					h, _, err := f.volume.Open(t.Context(), request(name, disposition(c.disposition)))
					if err == nil {
						err = errors.Join(errors.New("opened"), h.Close(t.Context()))
					}
					opened <- err
				}()
				synctest.Wait() // the open is at the step
				step := f.hooks.before
				f.hooks.before = nil
				if err := base.SetDeletePending(t.Context(), true); err != nil {
					t.Fatal(err)
				}
				closed := make(chan error, 1)
				go func() { closed <- base.Close(t.Context()) }()
				synctest.Wait() // the removal waits for the open
				f.hooks.before = step
				close(held)
				if err := <-opened; !errors.Is(err, ntstatus.DeletePending) {
					t.Errorf("Open(%q): %v, want %v", name, err, ntstatus.DeletePending)
				}
				if err := <-closed; err != nil {
					t.Errorf("Close: %v", err)
				}
				f.refuse(request("f"), ntstatus.ObjectNameNotFound)
			})
		})
	}
}

// TestStreamThatGoesIsMadeAnewOnlyAfterwards lets an open meet the removal of
// the stream by its last Handle.
func TestStreamThatGoesIsMadeAnewOnlyAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		h := f.open(request("f:one", disposition(fscc.DispositionCreate), options(fscc.OptionDeleteOnClose)))
		held := make(chan struct{})
		f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
			if op == "removestream" {
				<-held
			}
			return nil
		}
		closed, opened := make(chan error, 1), make(chan fscc.CreateAction, 1)
		go func() { closed <- h.Close(t.Context()) }()
		synctest.Wait()
		go func() {
			h, action, err := f.volume.Open(t.Context(), request("F:ONE", disposition(fscc.DispositionOpenIf)))
			if err != nil {
				t.Errorf("Open: %v", err)
			} else if err := h.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
			opened <- action
		}()
		synctest.Wait()
		close(held)
		if err := <-closed; err != nil {
			t.Errorf("Close: %v", err)
		}
		if action := <-opened; action != fscc.ActionCreated {
			t.Errorf("the stream was found (%v), want a new one", action)
		}
	})
}

func TestTwoWhoOpenAStreamAtOnceShareIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.make("f:one")
		held := make(chan struct{})
		f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
			if op == "openstream" {
				<-held
			}
			return nil
		}
		type result struct {
			h   *fsa.Handle
			err error
		}
		results := make(chan result, 2)
		for _, name := range []string{"f:one", "F:One"} {
			go func() {
				h, _, err := f.volume.Open(t.Context(), request(name, sharing(0)))
				results <- result{h, err}
			}()
		}
		synctest.Wait()
		close(held)
		refused := 0
		for range 2 {
			r := <-results
			switch {
			case r.err == nil:
				defer f.close(r.h)
			case errors.Is(r.err, ntstatus.SharingViolation):
				refused++
			default:
				t.Errorf("Open: %v", r.err)
			}
		}
		if refused != 1 {
			t.Errorf("%d of two opens that share nothing were refused, want 1", refused)
		}
	})
}

func TestFileStaysAwayWhenItsStreamCannotBeMade(t *testing.T) {
	f := newFixture(t)
	f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
		if op == "createstream" {
			return fs.ErrPermission
		}
		return nil
	}
	f.refuse(request("f:one", disposition(fscc.DispositionCreate)), fs.ErrPermission)
	f.refuse(request("f"), ntstatus.ObjectNameNotFound)
}

func TestStreamNeedsTheRightsToItsFile(t *testing.T) {
	f := newFixture(t)
	f.make("f:one")
	const read = dtyp.FileGenericRead
	f.hooks.access = func(*vfs.Cred, string) dtyp.AccessMask { return read }
	for _, c := range []struct {
		r    fsa.OpenRequest
		want error
	}{
		{request("f:one"), ntstatus.AccessDenied},
		{request("f:one", access(dtyp.FileWriteData)), ntstatus.AccessDenied},
		{request("f:one", access(read), disposition(fscc.DispositionOverwrite)), ntstatus.AccessDenied},
		{request("f:one", access(read), disposition(fscc.DispositionSupersede)), ntstatus.AccessDenied},
		{request("f:two", access(read), disposition(fscc.DispositionOpenIf)), ntstatus.AccessDenied},
		{request("f:one", access(dtyp.Delete), options(fscc.OptionDeleteOnClose)), ntstatus.AccessDenied},
	} {
		f.refuse(c.r, c.want)
	}
	f.close(f.open(request("f:one", access(read))))
}

func TestBackEndWithoutStreamsRefusesTheirNames(t *testing.T) {
	f := newFixture(t)
	v, err := f.store.Mount(t.Context(), struct{ vfs.FS }{f.hooks})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v.Unmount(); err != nil {
			t.Error(err)
		}
	}()
	if _, _, err := v.Open(t.Context(), request("f:one", disposition(fscc.DispositionCreate))); !errors.Is(err, ntstatus.ObjectNameInvalid) {
		t.Errorf("Open: %v, want %v", err, ntstatus.ObjectNameInvalid)
	}
	h, _, err := v.Open(t.Context(), request("f::$DATA", disposition(fscc.DispositionCreate)))
	if err != nil {
		t.Fatal(err)
	}
	if list, err := h.Streams(t.Context()); err != nil || len(list) != 1 || list[0].Name != "" {
		t.Errorf("Streams = %+v, %v, want the unnamed one", list, err)
	}
	f.close(h)
}

func TestStreamIsCopiedToAnother(t *testing.T) {
	f := newFixture(t)
	a := f.open(request("f:one", disposition(fscc.DispositionCreate)))
	defer f.close(a)
	b := f.open(request("f:two", disposition(fscc.DispositionCreate)))
	defer f.close(b)
	if _, err := a.WriteAt(t.Context(), []byte("0123456789"), 0, false); err != nil {
		t.Fatal(err)
	}
	done, err := b.CopyFrom(t.Context(), a, []fsa.Chunk{{SourceOffset: 2, TargetOffset: 0, Length: 5}, {SourceOffset: 8, TargetOffset: 3, Length: 2}})
	p := make([]byte, 16)
	n, _ := b.ReadAt(t.Context(), p, 0)
	if err != nil || done.Bytes != 7 || string(p[:n]) != "23489" {
		t.Errorf("copied %+v, %v, holds %q", done, err, p[:n])
	}
	if _, err := b.CopyFrom(t.Context(), a, []fsa.Chunk{{SourceOffset: 8, Length: 3}}); !errors.Is(err, ntstatus.InvalidViewSize) {
		t.Errorf("beyond the end: %v, want %v", err, ntstatus.InvalidViewSize)
	}
}
