package fscc

import (
	"strings"

	"github.com/signet-smb/signet/internal/wire"
)

// FsLabelInformation is FILE_FS_LABEL_INFORMATION. [MS-FSCC] 2.5.5.
type FsLabelInformation struct {
	VolumeLabel string // at most 32 characters
}

// Append implements [Information].
func (i *FsLabelInformation) Append(w *wire.Writer) {
	appendName(w, i.VolumeLabel)
}

// Decode implements [Information]. Of a label with a terminator, what comes
// before it is taken.
func (i *FsLabelInformation) Decode(r *wire.Reader) {
	i.VolumeLabel, _, _ = strings.Cut(readName(r), "\x00")
}
