//go:build !torturehooks

package server_test

import (
	"go/build"
	"slices"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestTheHooksOfSmbtortureAreInNoBinaryWithoutTheTagForThem(t *testing.T) {
	const file = "torture_hooks.go"
	for _, c := range []struct {
		tags []string
		want bool
	}{{nil, false}, {[]string{"torturehooks"}, true}} {
		ctx := build.Default
		ctx.BuildTags = c.tags
		p, err := ctx.ImportDir(".", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(p.GoFiles, file); got != c.want {
			t.Errorf("with the tags %q: %s is compiled: %v, want %v", c.tags, file, got, c.want)
		}
	}
}

func TestWhatSmbtortureAsksOfSambaOnlyIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		code   fscc.FSCTL
		onFile bool
		status ntstatus.Status
	}{
		{"answers of IOCTL with padding", 0x83848013, false, ntstatus.FileClosed},
		{"answers of READ with padding", 0x83848023, false, ntstatus.FileClosed},
		{"to sleep", 0x83848043, true, ntstatus.InvalidDeviceRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			id := smb2.RelatedFileID
			if c.onFile {
				id = mustOpen(t, p, create("f", fscc.DispositionCreate, dtyp.FileReadData|dtyp.FileWriteData, 0)).FileID
			}
			expectStatus(t, "IOCTL", p, element(&smb2.IoctlRequest{
				CtlCode: c.code, FileID: id, Flags: smb2.IoctlIsFSCTL, MaxOutputResponse: 1, Input: []byte{1},
			}), c.status)
		})
	}
}

func TestNobodyWithoutASessionHasAConnectionGoDead(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	expectStatus(t, "IOCTL", p, smbtest.Element{
		Message:  &smb2.IoctlRequest{CtlCode: 0x83848003, FileID: smb2.RelatedFileID, Flags: smb2.IoctlIsFSCTL},
		Header:   func(h *smb2.Header) { h.SessionID, h.TreeID = 0, 0 },
		Unsigned: true,
	}, ntstatus.UserSessionDeleted)
}
