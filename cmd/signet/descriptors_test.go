//go:build linux

package main

import (
	"fmt"
	"net"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// openCached opens a file that there may be, with a batch oplock.
func openCached(t *testing.T, p *smbtest.Peer, name string) (smb2.FileID, ntstatus.Status) {
	t.Helper()
	r := p.Do(&smb2.CreateRequest{
		RequestedOplockLevel: smb2.OplockBatch, ImpersonationLevel: smb2.ImpersonationImpersonation,
		DesiredAccess: dtyp.FileReadData | dtyp.FileWriteData, CreateDisposition: fscc.DispositionOpenIf, Name: name,
	})
	if r.Header.Status != ntstatus.Success {
		return smb2.FileID{}, r.Header.Status
	}
	var res smb2.CreateResponse
	r.Decode(t, &res)
	if res.OplockLevel != smb2.OplockBatch {
		t.Errorf("%s is opened with the oplock %#x", name, res.OplockLevel)
	}
	return res.FileID, r.Header.Status
}

// A client that opens files, and caches them, until the process may have no more
// of them is told so. Others notice nothing: of what they have open, of what they
// open, and when they come.
func TestAClientAtTheLimitOfDescriptorsHurtsNobodyElse(t *testing.T) {
	const descriptors = 512
	v := serveShippedBy(t, "/bin/sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, descriptors))
	nc, err := net.Dial("tcp", v.addr)
	if err != nil {
		t.Fatal(err)
	}
	neighbour := enter(t, nc)
	held := neighbour.Open("held")
	neighbour.Write(held, 0, "before")

	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	nc, err = dialer.Dial("tcp", v.addr)
	if err != nil {
		t.Fatal(err)
	}
	greedy := enter(t, nc)
	var opens []smb2.FileID
	for {
		id, status := openCached(t, greedy, fmt.Sprintf("greedy%d", len(opens)))
		if status == ntstatus.Success && len(opens) < descriptors {
			opens = append(opens, id)
			continue
		}
		if status != ntstatus.TooManyOpenedFiles {
			t.Fatalf("open %d: %v, want %v", len(opens)+1, status, ntstatus.TooManyOpenedFiles)
		}
		break
	}
	t.Logf("%d opens of one client with %d descriptors", len(opens), descriptors)
	if len(opens) < descriptors/8 {
		t.Errorf("only %d opens with %d descriptors", len(opens), descriptors)
	}

	if got := neighbour.Read(held, 0, 6); got != "before" {
		t.Errorf("the neighbour reads %q", got)
	}
	neighbour.Write(held, 0, "during")
	neighbour.CloseFile(neighbour.Open("new"))
	goodLogin(t, v.addr, 3)

	greedy.CloseFile(opens[0])
	if _, status := openCached(t, greedy, "greedy0"); status != ntstatus.Success {
		t.Errorf("an open in the place of one that was closed: %v", status)
	}
	if _, status := openCached(t, greedy, "one more"); status != ntstatus.TooManyOpenedFiles {
		t.Errorf("one more: %v", status)
	}
}
