package server_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs/faultfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

// faulty serves a faultfs, on which a file is open.
func faulty(t *testing.T) (*faultfs.FS, *smbtest.Server, *smbtest.Peer, smb2.FileID) {
	t.Helper()
	disk := faultfs.New(memfs.New())
	s := smbtest.StartServer(t, smbtest.Options{FS: disk})
	p := s.Login()
	id := p.Open("file")
	p.Write(id, 0, "0123456789")
	return disk, s, p, id
}

// failing lets one kind of call fail.
func failing(call string, err error) faultfs.Fault {
	return func(_ context.Context, op faultfs.Op) error {
		if op.Call == call {
			return err
		}
		return nil
	}
}

func TestADiskThatFailsOrIsFullIsToldByStatus(t *testing.T) {
	endOfFile := func(id smb2.FileID) smb2.Message {
		return &smb2.SetInfoRequest{
			InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileEndOfFileInformation),
			FileID: id, Input: []byte{0, 0, 1, 0, 0, 0, 0, 0},
		}
	}
	read := func(id smb2.FileID) smb2.Message { return &smb2.ReadRequest{FileID: id, Length: 4} }
	write := func(id smb2.FileID) smb2.Message { return &smb2.WriteRequest{FileID: id, Data: []byte("abcd")} }
	through := func(id smb2.FileID) smb2.Message {
		return &smb2.WriteRequest{FileID: id, Data: []byte("abcd"), Flags: smb2.WriteThrough}
	}
	flush := func(id smb2.FileID) smb2.Message { return &smb2.FlushRequest{FileID: id} }
	create := func(smb2.FileID) smb2.Message { return smbtest.CreateFile("new") }
	for _, row := range []struct {
		call    string
		err     error
		request func(smb2.FileID) smb2.Message
		want    ntstatus.Status
	}{
		{"WriteAt", syscall.ENOSPC, write, ntstatus.DiskFull},
		{"WriteAt", syscall.EDQUOT, write, ntstatus.DiskFull},
		{"WriteAt", syscall.EIO, write, ntstatus.IODeviceError},
		{"WriteAt", syscall.EROFS, write, ntstatus.MediaWriteProtected},
		{"WriteAt", &faultfs.Short{N: 2, Err: syscall.ENOSPC}, write, ntstatus.DiskFull},
		{"WriteAt", &faultfs.Short{N: 4, Err: syscall.EIO}, write, ntstatus.IODeviceError},
		{"Sync", syscall.ENOSPC, through, ntstatus.DiskFull},
		{"Sync", syscall.EIO, through, ntstatus.IODeviceError},
		{"Sync", syscall.EIO, flush, ntstatus.IODeviceError},
		{"Sync", syscall.ENOSPC, flush, ntstatus.DiskFull},
		{"ReadAt", syscall.EIO, read, ntstatus.IODeviceError},
		{"ReadAt", syscall.ENOMEM, read, ntstatus.InsufficientResources},
		{"Truncate", syscall.ENOSPC, endOfFile, ntstatus.DiskFull},
		{"Truncate", syscall.EFBIG, endOfFile, ntstatus.DiskFull},
		{"Create", syscall.ENOSPC, create, ntstatus.DiskFull},
		{"Create", syscall.EIO, create, ntstatus.IODeviceError},
		{"Create", syscall.EROFS, create, ntstatus.MediaWriteProtected},
		{"Create", syscall.EMFILE, create, ntstatus.TooManyOpenedFiles},
	} {
		t.Run(fmt.Sprintf("%s %v %v", row.call, row.err, row.want), func(t *testing.T) {
			disk, _, p, id := faulty(t)
			disk.SetFault(failing(row.call, row.err))
			if got := p.Do(row.request(id)).Header.Status; got != row.want {
				t.Errorf("status %v, want %v", got, row.want)
			}
			disk.SetFault(nil)
			if got := p.Do(row.request(id)).Header.Status; got != ntstatus.Success {
				t.Errorf("when the disk works again: %v", got)
			}
		})
	}
}

// A disk that takes its time holds up who waits for it, and nobody else: not
// on another connection, and not on the same.
func TestASlowDiskHoldsUpNobodyElse(t *testing.T) {
	disk, s, p, id := faulty(t)
	other := s.Login()
	id2 := other.Open("other")
	stuck, release := make(chan struct{}), make(chan struct{})
	disk.SetFault(func(_ context.Context, op faultfs.Op) error {
		if op.Call == "WriteAt" && op.Len == 4 {
			close(stuck)
			<-release
		}
		return nil
	})
	p.Send(smbtest.Element{Message: &smb2.WriteRequest{FileID: id, Data: []byte("slow")}})
	<-stuck
	began := time.Now()
	other.Write(id2, 0, "quick")
	if got := other.Read(id2, 0, 5); got != "quick" {
		t.Errorf("the other client reads %q", got)
	}
	p.Send(smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 4}})
	replies, ok := p.Receive()
	if !ok || replies[0].Header.Command != smb2.CommandRead {
		t.Errorf("the answer behind the slow WRITE: %+v, %v; want that of the READ", replies, ok)
	}
	t.Logf("others were served in %v", time.Since(began))
	close(release)
	if replies, ok := p.Receive(); !ok || replies[0].Header.Status != ntstatus.Success {
		t.Errorf("the slow WRITE: %+v, %v", replies, ok)
	}
}
