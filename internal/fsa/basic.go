package fsa

import (
	"context"
	"math"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// What a time of FileBasicInformation means instead of a time.
// [MS-FSCC] 2.4.7.
const (
	keepTime  dtyp.FileTime = math.MaxUint64     // -1: stays from now on, whatever is done through this open
	moveTime  dtyp.FileTime = math.MaxUint64 - 1 // -2: moves again
	leaveTime dtyp.FileTime = 0
)

// SetBasic changes attributes and times, and decides which times stay as they
// are when the file is used through h. Its errors are those of SetAttr, and
// ntstatus.InvalidParameter for times that are none. The caller has checked
// FileWriteAttributes. [MS-FSA] 2.1.5.15.2.
func (h *Handle) SetBasic(ctx context.Context, info *fscc.BasicInformation) error {
	var set vfs.SetAttr
	var kept keptTimes
	if before := h.kept.Load(); before != nil {
		kept = *before
	}
	// A time of creation never moves, so nothing keeps it either.
	var created *time.Time
	for _, t := range []struct {
		from dtyp.FileTime
		set  **time.Time
		kept **time.Time
		now  func(*vfs.Attr) time.Time
	}{
		{info.CreationTime, &set.CreationTime, &created, func(a *vfs.Attr) time.Time { return a.CreationTime }},
		{info.LastAccessTime, &set.LastAccessTime, &kept.accessed, func(a *vfs.Attr) time.Time { return a.LastAccessTime }},
		{info.LastWriteTime, &set.LastWriteTime, &kept.written, func(a *vfs.Attr) time.Time { return a.LastWriteTime }},
		{info.ChangeTime, &set.ChangeTime, &kept.changed, func(a *vfs.Attr) time.Time { return a.ChangeTime }},
	} {
		switch {
		case t.from == leaveTime:
		case t.from == moveTime:
			*t.kept = nil
		case t.from == keepTime:
			attr, err := h.node.Attr(ctx)
			if err != nil {
				return err
			}
			now := t.now(&attr)
			*t.kept = &now
		case t.from > math.MaxInt64:
			return ntstatus.InvalidParameter
		default:
			at := t.from.Time()
			*t.set, *t.kept = &at, &at
		}
	}
	if info.FileAttributes != 0 {
		set.Attributes = &info.FileAttributes
	}
	if set != (vfs.SetAttr{}) {
		set.ChangeTime = kept.changed
		if err := h.SetAttr(ctx, set); err != nil {
			return err
		}
	}
	if kept == (keptTimes{}) {
		h.kept.Store(nil)
	} else {
		h.kept.Store(&kept)
	}
	return nil
}
