package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// createContext is a row of the create context table. Both functions may be
// nil.
type createContext struct {
	section string // of [MS-SMB2]
	// refuse says what is wrong with the context, before anything is opened.
	refuse func(data []byte) error
	// answer returns the data of the context in the reply, nil for none.
	answer func(a *authenticated, o *open, data []byte) []byte
}

// createContexts is the table of create contexts by tag. All others are
// passed over, which the specification allows: the client sees by their
// absence from the reply that they were.
var createContexts = map[string]createContext{
	// Ignoring a snapshot's time would hand out today's file as yesterday's.
	"TWrp": {section: "3.3.5.9.4", refuse: func([]byte) error { return ntstatus.ObjectNameNotFound }},
	// Ignoring extended attributes would lose them.
	"ExtA": {section: "3.3.5.9.1", refuse: refuseExtendedAttributes},

	"MxAc": {section: "3.3.5.9.5", answer: maximalAccess},
	"QFid": {section: "3.3.5.9.9", answer: onDiskID},
}

// check applies refuse. The zero row, that of an unknown tag, ignores the
// context: unknown contexts never fail a CREATE.
func (c createContext) check(data []byte) error {
	if c.refuse == nil {
		return nil
	}
	return c.refuse(data)
}

// answerContexts returns the contexts of the reply, one for each tag at most.
func answerContexts(a *authenticated, o *open, asked []smb2.CreateContext) (answers []smb2.CreateContext) {
	answered := make(map[string]bool)
	for _, ctx := range asked {
		answer := createContexts[ctx.Name].answer
		if answer == nil || answered[ctx.Name] {
			continue
		}
		answered[ctx.Name] = true
		if data := answer(a, o, ctx.Data); data != nil {
			answers = append(answers, smb2.CreateContext{Name: ctx.Name, Data: data})
		}
	}
	return answers
}

func refuseExtendedAttributes(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	return ntstatus.EAsNotSupported
}

// statusNoneMapped is STATUS_NONE_MAPPED, which occurs nowhere else.
const statusNoneMapped ntstatus.Status = 0xC0000073

// maximalAccess answers SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST: a status, and
// all rights that the user could have been granted. A client that knows the
// file as of its present change time wants to hear nothing new.
// [MS-SMB2] 2.2.14.2.5, 3.3.5.9.5.
func maximalAccess(a *authenticated, o *open, data []byte) []byte {
	status, rights := ntstatus.Success, dtyp.AccessMask(0)
	if len(data) == 8 {
		attr, err := o.handle.Attr(a.ctx)
		known := dtyp.FileTime(wire.NewReader(data).U64())
		if err == nil && dtyp.FileTimeOf(attr.ChangeTime) == known {
			status = statusNoneMapped
		}
	}
	if status == ntstatus.Success {
		var err error
		if rights, err = o.handle.MaximalAccess(a.ctx); err != nil {
			status, rights = ntstatus.FromError(err), 0
		}
	}
	w := wire.NewWriter(nil)
	w.U32(uint32(status))
	w.U32(uint32(rights))
	return w.Finish()
}

// onDiskID answers SMB2_CREATE_QUERY_ON_DISK_ID: what FileInternalInformation
// says, and the volume. [MS-SMB2] 2.2.14.2.9, 3.3.5.9.9.
func onDiskID(a *authenticated, o *open, _ []byte) []byte {
	vol, err := o.tree.share.volume.Info(a.ctx)
	if err != nil {
		return nil
	}
	w := wire.NewWriter(nil)
	w.U64(o.handle.FileID())
	w.U64(uint64(vol.SerialNumber))
	w.Zero(16)
	return w.Finish()
}
