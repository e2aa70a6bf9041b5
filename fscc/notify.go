package fscc

import "github.com/signet-smb/signet/internal/wire"

// NotifyAction is what happened to a file. [MS-FSCC] 2.7.1.
type NotifyAction uint32

// Notify actions. [MS-FSCC] 2.7.1.
const (
	NotifyAdded                NotifyAction = 0x00000001
	NotifyRemoved              NotifyAction = 0x00000002
	NotifyModified             NotifyAction = 0x00000003
	NotifyRenamedOldName       NotifyAction = 0x00000004
	NotifyRenamedNewName       NotifyAction = 0x00000005
	NotifyAddedStream          NotifyAction = 0x00000006
	NotifyRemovedStream        NotifyAction = 0x00000007
	NotifyModifiedStream       NotifyAction = 0x00000008
	NotifyRemovedByDelete      NotifyAction = 0x00000009
	NotifyIDNotTunnelled       NotifyAction = 0x0000000A
	NotifyTunnelledIDCollision NotifyAction = 0x0000000B
)

// CompletionFilter is which kinds of changes somebody wants to be told of, or
// which a change is. [MS-SMB2] 2.2.35.
type CompletionFilter uint32

// Kinds of changes, to be combined. [MS-SMB2] 2.2.35.
const (
	NotifyChangeFileName    CompletionFilter = 0x00000001
	NotifyChangeDirName     CompletionFilter = 0x00000002
	NotifyChangeAttributes  CompletionFilter = 0x00000004
	NotifyChangeSize        CompletionFilter = 0x00000008
	NotifyChangeLastWrite   CompletionFilter = 0x00000010
	NotifyChangeLastAccess  CompletionFilter = 0x00000020
	NotifyChangeCreation    CompletionFilter = 0x00000040
	NotifyChangeEA          CompletionFilter = 0x00000080
	NotifyChangeSecurity    CompletionFilter = 0x00000100
	NotifyChangeStreamName  CompletionFilter = 0x00000200
	NotifyChangeStreamSize  CompletionFilter = 0x00000400
	NotifyChangeStreamWrite CompletionFilter = 0x00000800

	// NotifyChangeAny are all of them.
	NotifyChangeAny CompletionFilter = 0x00000FFF
)

// NotifyInformation is a list of FILE_NOTIFY_INFORMATION: the output of a
// CHANGE_NOTIFY. [MS-FSCC] 2.7.1, [MS-SMB2] 2.2.36.
type NotifyInformation struct {
	Changes []Change
}

// Change is one of them. The two names of a rename follow each other.
type Change struct {
	Action   NotifyAction
	FileName string // relative to the directory that is watched
}

const (
	// notifyAlignment is what the records are aligned to, in bytes.
	notifyAlignment = 4
	// notifyFixedSize is the length of a record without its name in bytes.
	notifyFixedSize = 12
	// maxChanges is the most records of one list: 1 MiB of empty names.
	maxChanges = 1 << 20 / notifyFixedSize
)

// Size is the length of the encoded change in bytes, its padding included:
// what does not fit into the client's buffer is told with NOTIFY_ENUM_DIR.
func (c *Change) Size() int {
	n := notifyFixedSize + wire.UTF16Len(c.FileName)
	return (n + notifyAlignment - 1) / notifyAlignment * notifyAlignment
}

// Append implements [Information]. The last record is padded too.
func (i *NotifyInformation) Append(w *wire.Writer) {
	start := w.Offset()
	appendList(w, len(i.Changes), notifyAlignment, func(n int) {
		w.U32(uint32(i.Changes[n].Action))
		appendName(w, i.Changes[n].FileName)
	})
	padList(w, start, notifyAlignment)
}

// Decode implements [Information]. It reads all that remains.
func (i *NotifyInformation) Decode(r *wire.Reader) {
	i.Changes = nil
	for e := range r.List(notifyAlignment, maxChanges) {
		i.Changes = append(i.Changes, Change{Action: NotifyAction(e.U32()), FileName: readName(e)})
	}
}
