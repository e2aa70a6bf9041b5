package fscc

import "github.com/signet-smb/signet/internal/wire"

// RenameFlags say how a file is to be renamed. [MS-FSCC] 2.4.43.
type RenameFlags uint32

// Rename flags. [MS-FSCC] 2.4.43.
const (
	RenameReplaceIfExists                   RenameFlags = 0x00000001
	RenamePOSIXSemantics                    RenameFlags = 0x00000002
	RenameSuppressPinStateInheritance       RenameFlags = 0x00000004
	RenameSuppressStorageReserveInheritance RenameFlags = 0x00000008
	RenameNoIncreaseAvailableSpace          RenameFlags = 0x00000010
	RenameNoDecreaseAvailableSpace          RenameFlags = 0x00000020
	RenameIgnoreReadonlyAttribute           RenameFlags = 0x00000040
	RenameForceResizeTargetStorageReserve   RenameFlags = 0x00000080
	RenameForceResizeSourceStorageReserve   RenameFlags = 0x00000100
)

// RenameInformationEx is FILE_RENAME_INFORMATION_EX. [MS-FSCC] 2.4.43.
type RenameInformationEx struct {
	Flags         RenameFlags
	RootDirectory uint64 // must be 0 on a network
	FileName      string // as in RenameInformation
}

// Append implements [Information].
func (i *RenameInformationEx) Append(w *wire.Writer) {
	start := w.Offset()
	w.U32(uint32(i.Flags))
	w.Zero(4) // Reserved
	w.U64(i.RootDirectory)
	appendName(w, i.FileName)
	w.Zero(max(0, start+renameMinimum-w.Offset()))
}

// Decode implements [Information]. Clients that leave the padding away are
// understood.
func (i *RenameInformationEx) Decode(r *wire.Reader) {
	start := r.Offset()
	i.Flags = RenameFlags(r.U32())
	r.Skip(4) // Reserved
	i.RootDirectory = r.U64()
	i.FileName = readName(r)
	r.Skip(min(max(0, start+renameMinimum-r.Offset()), r.Len()))
}
