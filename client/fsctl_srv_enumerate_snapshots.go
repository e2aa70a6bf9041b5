package client

import (
	"context"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// Snapshots lists the times of which the server has previous versions of what
// name is, to the second, in its order. [MS-SMB2] 3.2.4.20.1.
//
// Missing: more of them than 64 KiB hold, about 1,300.
func (sh *Share) Snapshots(ctx context.Context, name string) ([]time.Time, error) {
	f, err := sh.open(ctx, name, OpenOptions{Access: dtyp.FileReadData | dtyp.FileReadAttributes | dtyp.Synchronize})
	if err != nil {
		return nil, fail("snapshots", name, err)
	}
	defer f.Close()
	out, err := f.shared.ioctl(ctx, fscc.FSCTLSrvEnumerateSnapshots, nil)
	if err != nil {
		return nil, fail("snapshots", name, err)
	}
	var list smb2.SrvSnapshotArray
	if err := list.Decode(out); err != nil {
		return nil, fail("snapshots", name, f.shared.broken(violation("3.2.5.14.1", "%v", err)))
	}
	times := make([]time.Time, len(list.Snapshots))
	for i, at := range list.Snapshots {
		times[i] = at.Time().UTC()
	}
	return times, nil
}

// At is a view of the share as it was at a time that [Share.Snapshots] has
// given: whatever is opened by name through it is what it was then. It is the
// same tree connect: closing either closes both. [MS-SMB2] 2.2.13.2.7.
func (sh *Share) At(snapshot time.Time) *Share {
	v := *sh
	v.snapshot = snapshot
	return &v
}
