package fsa

import (
	"context"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// keptTimes are the times that stay as somebody set them through an open,
// whatever is done through that open afterwards: the UserSet… of
// [MS-FSA] 2.1.1.6. A nil one moves as times do. Immutable.
type keptTimes struct {
	accessed, written, changed *time.Time
}

// modified notes that the content of the file was changed through h, and whether
// its length may be another. That is done by now, so what fails of this is no
// failure of it. [MS-FSA] 2.1.4.17.
func (h *Handle) modified(ctx context.Context, resized bool) {
	h.markArchive(ctx)
	defer h.dataChanged(resized)
	if kept := h.kept.Load(); kept != nil {
		_ = h.volume.fs.SetAttr(ctx, h.as, h.node, vfs.SetAttr{
			LastAccessTime: kept.accessed, LastWriteTime: kept.written, ChangeTime: kept.changed,
		})
	}
}

// keepAccessTime puts back, when h is closed, a time of access that was to
// stay and that reading through h has moved, if that may read.
func (h *Handle) keepAccessTime(ctx context.Context) {
	kept := h.kept.Load()
	if kept == nil || kept.accessed == nil || !h.granted.HasAny(readRights) {
		return
	}
	attr, err := h.node.Attr(ctx)
	if err != nil || attr.LastAccessTime.Equal(*kept.accessed) {
		return
	}
	changed := kept.changed
	if changed == nil {
		changed = &attr.ChangeTime
	}
	_ = h.volume.fs.SetAttr(ctx, h.as, h.node, vfs.SetAttr{LastAccessTime: kept.accessed, ChangeTime: changed})
}

// markArchive notes that the file has changed since it was last backed up.
// Whoever stores attributes is asked once for each time the file is open.
func (h *Handle) markArchive(ctx context.Context) {
	if h.file.archived.Load() || h.file.directory || !h.volume.info.StoresAttributes {
		return
	}
	attr, err := h.node.Attr(ctx)
	if err != nil || attr.Special {
		return
	}
	if attr.Attributes&fscc.FileAttributeArchive == 0 {
		attributes := attr.Attributes&settableAttributes | fscc.FileAttributeArchive
		if h.volume.fs.SetAttr(ctx, h.as, h.node, vfs.SetAttr{Attributes: &attributes}) != nil {
			return
		}
	}
	h.file.archived.Store(true)
}
