package fsa

import (
	"context"
	"math"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// SerialNumber is the serial number of the volume, as it was when mounted.
func (v *Volume) SerialNumber() uint32 { return v.info.SerialNumber }

// checkSpace says whether a file that is created or overwritten can have the
// space it will need: if not, ntstatus.DiskFull. [MS-FSA] 2.1.5.15.1.
//
// Missing: no space is reserved, so others may take it before it is used.
func (o *opening) checkSpace(ctx context.Context) error {
	switch {
	case o.AllocationSize == 0:
		return nil
	case o.AllocationSize > math.MaxInt64:
		return ntstatus.InvalidParameter
	}
	if err := vfs.ActingIn(ctx).End(); err != nil {
		return err
	}
	info, err := o.volume.Info(ctx, o.As)
	if err == nil && o.AllocationSize > info.AvailableBytes {
		err = ntstatus.DiskFull
	}
	return err
}
