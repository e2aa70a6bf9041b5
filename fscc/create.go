package fscc

import "fmt"

// The parameters of a create are shared by [MS-SMB2] 2.2.13 and [MS-FSA]
// 2.1.5.1; they stand here because both need them.

// ShareAccess is which later opens an open tolerates. [MS-SMB2] 2.2.13.
type ShareAccess uint32

// Share access bits.
const (
	ShareRead   ShareAccess = 0x1
	ShareWrite  ShareAccess = 0x2
	ShareDelete ShareAccess = 0x4
)

// CreateDisposition is what to do when the file exists, and when not.
// [MS-SMB2] 2.2.13.
type CreateDisposition uint32

// Create dispositions.
const (
	DispositionSupersede   CreateDisposition = 0
	DispositionOpen        CreateDisposition = 1
	DispositionCreate      CreateDisposition = 2
	DispositionOpenIf      CreateDisposition = 3
	DispositionOverwrite   CreateDisposition = 4
	DispositionOverwriteIf CreateDisposition = 5
)

// String gives the name in [MS-SMB2] 2.2.13, or the number of a value that it
// does not list.
func (d CreateDisposition) String() string {
	names := [...]string{
		DispositionSupersede:   "FILE_SUPERSEDE",
		DispositionOpen:        "FILE_OPEN",
		DispositionCreate:      "FILE_CREATE",
		DispositionOpenIf:      "FILE_OPEN_IF",
		DispositionOverwrite:   "FILE_OVERWRITE",
		DispositionOverwriteIf: "FILE_OVERWRITE_IF",
	}
	if int64(d) < int64(len(names)) {
		return names[d]
	}
	return fmt.Sprintf("CreateDisposition 0x%08X", uint32(d))
}

// CreateOptions are the options of a create. [MS-SMB2] 2.2.13.
type CreateOptions uint32

// Create options.
const (
	OptionDirectoryFile           CreateOptions = 0x00000001
	OptionWriteThrough            CreateOptions = 0x00000002
	OptionSequentialOnly          CreateOptions = 0x00000004
	OptionNoIntermediateBuffering CreateOptions = 0x00000008
	OptionSynchronousIOAlert      CreateOptions = 0x00000010
	OptionSynchronousIONonAlert   CreateOptions = 0x00000020
	OptionNonDirectoryFile        CreateOptions = 0x00000040
	OptionCompleteIfOplocked      CreateOptions = 0x00000100
	OptionNoEAKnowledge           CreateOptions = 0x00000200
	OptionOpenRemoteInstance      CreateOptions = 0x00000400
	OptionRandomAccess            CreateOptions = 0x00000800
	OptionDeleteOnClose           CreateOptions = 0x00001000
	OptionOpenByFileID            CreateOptions = 0x00002000
	OptionOpenForBackupIntent     CreateOptions = 0x00004000
	OptionNoCompression           CreateOptions = 0x00008000
	OptionOpenRequiringOplock     CreateOptions = 0x00010000
	OptionReserveOpfilter         CreateOptions = 0x00100000
	OptionOpenReparsePoint        CreateOptions = 0x00200000
	OptionOpenNoRecall            CreateOptions = 0x00400000
	OptionOpenForFreeSpaceQuery   CreateOptions = 0x00800000
)

// CreateAction is what a create did. [MS-SMB2] 2.2.14.
type CreateAction uint32

// Create actions.
const (
	ActionSuperseded  CreateAction = 0
	ActionOpened      CreateAction = 1
	ActionCreated     CreateAction = 2
	ActionOverwritten CreateAction = 3
)
