package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// createContext is a row of the create context table. Both functions may be
// nil.
type createContext struct {
	section string // of [MS-SMB2]
	// refuse says what is wrong with the context, before anything is opened.
	refuse func(data []byte) error
	// answer returns the context of the reply, if there is one.
	answer func(a *authenticated, o *open, asked smb2.CreateContext) (smb2.CreateContext, bool)
}

// createContexts is the table of create contexts by tag. All others are
// passed over, which the specification allows: the client sees by their
// absence from the reply that they were.
var createContexts = map[string]createContext{
	// Ignoring a snapshot's time would hand out today's file as yesterday's.
	smb2.CreateTimewarpToken: {section: "3.3.5.9.4", refuse: func([]byte) error { return ntstatus.ObjectNameNotFound }},
	// Ignoring extended attributes would lose them.
	smb2.CreateEABuffer: {section: "3.3.5.9.1", refuse: refuseExtendedAttributes},

	smb2.CreateQueryMaximalAccess: {section: "3.3.5.9.5", answer: maximalAccess},
	smb2.CreateQueryOnDiskID:      {section: "3.3.5.9.9", answer: onDiskID},
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
		if reply, ok := answer(a, o, ctx); ok {
			answers = append(answers, reply)
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

// maximalAccess answers CreateQueryMaximalAccess: all rights that the user
// could have been granted. A client that knows the file as of its present
// change time wants to hear nothing new. [MS-SMB2] 3.3.5.9.5.
func maximalAccess(a *authenticated, o *open, asked smb2.CreateContext) (smb2.CreateContext, bool) {
	known, err := asked.QueryMaximalAccess()
	if err == nil && known != 0 {
		attr, err := o.handle.Attr(a.ctx)
		if err == nil && dtyp.FileTimeOf(attr.ChangeTime) == known {
			return smb2.MaximalAccessContext(smb2.MaximalAccess{QueryStatus: statusNoneMapped}), true
		}
	}
	rights, err := o.handle.MaximalAccess(a.ctx)
	if err != nil {
		return smb2.MaximalAccessContext(smb2.MaximalAccess{QueryStatus: ntstatus.FromError(err)}), true
	}
	return smb2.MaximalAccessContext(smb2.MaximalAccess{MaximalAccess: rights}), true
}

// onDiskID answers CreateQueryOnDiskID: what FileInternalInformation says, and
// the volume. [MS-SMB2] 3.3.5.9.9.
func onDiskID(a *authenticated, o *open, _ smb2.CreateContext) (smb2.CreateContext, bool) {
	vol, err := o.tree.share.volume.Info(a.ctx)
	if err != nil {
		return smb2.CreateContext{}, false
	}
	return smb2.OnDiskIDContext(smb2.OnDiskID{DiskFileID: o.handle.FileID(), VolumeID: uint64(vol.SerialNumber)}), true
}
