package client

import (
	"context"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// SetInfo sets an information class of the file. [MS-SMB2] 3.2.4.9, [MS-FSCC]
// 2.4.
func (f *File) SetInfo(ctx context.Context, class fscc.FileInformationClass, info fscc.Information) error {
	return f.command(ctx, "set", setInfo(class, info))
}

// Truncate sets the length of the file in bytes.
func (f *File) Truncate(ctx context.Context, size int64) error {
	if size < 0 {
		return fail("truncate", f.shared.name, ntstatus.InvalidParameter)
	}
	return f.command(ctx, "truncate", setInfo(fscc.FileEndOfFileInformation,
		&fscc.EndOfFileInformation{EndOfFile: uint64(size)}))
}

// setInfo is the SET_INFO for an information class of a file, in a chain.
func setInfo(class fscc.FileInformationClass, info fscc.Information) *smb2.SetInfoRequest {
	return &smb2.SetInfoRequest{InfoType: smb2.InfoFile, FileInfoClass: uint8(class), FileID: smb2.RelatedFileID, Input: fscc.AppendInformation(nil, info)}
}

// set opens name, sets something, and closes it, in one message.
func (sh *Share) set(ctx context.Context, op, name string, o OpenOptions, m smb2.Message) error {
	req, err := sh.createRequest(name, o)
	if err != nil {
		return fail(op, name, err)
	}
	requests := []smb2.Message{m}
	if m == nil {
		requests = nil
	}
	replies, err := sh.compound(ctx, req, requests...)
	if err != nil {
		return fail(op, name, err)
	}
	releaseAll(replies)
	return nil
}

// Mkdir makes a directory. The error wraps [fs.ErrExist] if the name is taken.
func (sh *Share) Mkdir(ctx context.Context, name string) error {
	return sh.set(ctx, "mkdir", name, OpenOptions{
		Access: dtyp.FileReadAttributes | dtyp.Synchronize, Disposition: CreateNew, Options: fscc.OptionDirectoryFile,
		Attributes: fscc.FileAttributeDirectory,
	}, nil)
}

// Remove deletes the file called name, and no directory. It is gone once nobody
// has it open any more.
func (sh *Share) Remove(ctx context.Context, name string) error {
	return sh.remove(ctx, name, fscc.OptionNonDirectoryFile)
}

// RemoveDir deletes the directory called name. The error wraps
// [ntstatus.DirectoryNotEmpty] if there is something in it.
func (sh *Share) RemoveDir(ctx context.Context, name string) error {
	return sh.remove(ctx, name, fscc.OptionDirectoryFile)
}

func (sh *Share) remove(ctx context.Context, name string, o fscc.CreateOptions) error {
	return sh.set(ctx, "remove", name, OpenOptions{
		Access: dtyp.Delete | dtyp.FileReadAttributes, Options: o | fscc.OptionOpenReparsePoint,
	}, setInfo(fscc.FileDispositionInformation, &fscc.DispositionInformation{DeletePending: true}))
}

// Rename gives the file or directory called name another name, which may be in
// another directory of the share. If that is taken the error wraps
// [fs.ErrExist], unless replace is set.
func (sh *Share) Rename(ctx context.Context, name, to string, replace bool) error {
	target, err := wireName(to)
	if err == nil && target == "" {
		err = ntstatus.ObjectNameInvalid
	}
	if err != nil {
		return fail("rename", to, err)
	}
	sh, release := sh.lane()
	defer release()
	return sh.set(ctx, "rename", name, OpenOptions{
		Access: dtyp.Delete | dtyp.FileReadAttributes | dtyp.Synchronize, Options: fscc.OptionOpenReparsePoint,
	}, setInfo(fscc.FileRenameInformation, &fscc.RenameInformation{ReplaceIfExists: replace, FileName: target}))
}

// Link gives the file called name a further name, to. If that is taken the
// error wraps [fs.ErrExist].
func (sh *Share) Link(ctx context.Context, name, to string) error {
	target, err := wireName(to)
	if err == nil && target == "" {
		err = ntstatus.ObjectNameInvalid
	}
	if err != nil {
		return fail("link", to, err)
	}
	return sh.set(ctx, "link", name, OpenOptions{
		Access: dtyp.FileWriteAttributes | dtyp.Synchronize, Options: fscc.OptionOpenReparsePoint | fscc.OptionNonDirectoryFile,
	}, setInfo(fscc.FileLinkInformation, &fscc.LinkInformation{FileName: target}))
}

// Truncate sets the length in bytes of the file called name.
func (sh *Share) Truncate(ctx context.Context, name string, size int64) error {
	if size < 0 {
		return fail("truncate", name, ntstatus.InvalidParameter)
	}
	return sh.set(ctx, "truncate", name, OpenOptions{
		Access: dtyp.FileWriteData | dtyp.Synchronize, Options: fscc.OptionNonDirectoryFile,
	}, setInfo(fscc.FileEndOfFileInformation, &fscc.EndOfFileInformation{EndOfFile: uint64(size)}))
}

// Times are the times of a file to set; a zero one stays as it is.
type Times struct {
	Creation, LastAccess, LastWrite, Change time.Time
}

// Chtimes sets times of the file or directory called name.
func (sh *Share) Chtimes(ctx context.Context, name string, t Times) error {
	return sh.setBasic(ctx, name, basicInformation(t, 0))
}

// SetAttributes sets the attributes of the file or directory called name: 0 is
// none of them.
func (sh *Share) SetAttributes(ctx context.Context, name string, a fscc.FileAttributes) error {
	if a == 0 {
		a = fscc.FileAttributeNormal
	}
	return sh.setBasic(ctx, name, &fscc.BasicInformation{FileAttributes: a})
}

func (sh *Share) setBasic(ctx context.Context, name string, info *fscc.BasicInformation) error {
	return sh.set(ctx, "set attributes", name, OpenOptions{
		Access: dtyp.FileWriteAttributes | dtyp.Synchronize, Options: fscc.OptionOpenReparsePoint,
	}, setInfo(fscc.FileBasicInformation, info))
}

// fileTime is the FILETIME of t; that of the zero Time leaves it unchanged.
func fileTime(t time.Time) dtyp.FileTime {
	if t.IsZero() {
		return fscc.TimeUnchanged
	}
	return dtyp.FileTimeOf(t)
}

// SetSecurity sets those parts of the security descriptor of what name is.
func (sh *Share) SetSecurity(ctx context.Context, name string, parts dtyp.SecurityInformation, sd dtyp.SecurityDescriptor) error {
	var access dtyp.AccessMask
	for _, p := range []struct {
		part dtyp.SecurityInformation
		need dtyp.AccessMask
	}{
		{dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation, dtyp.WriteOwner},
		{dtyp.DACLSecurityInformation, dtyp.WriteDAC},
		{dtyp.SACLSecurityInformation, dtyp.AccessSystemSecurity},
	} {
		if parts&p.part != 0 {
			access |= p.need
		}
	}
	b, err := sd.AppendBinary(nil)
	if err != nil {
		return fail("set security", name, err)
	}
	return sh.set(ctx, "set security", name, OpenOptions{Access: access, Options: fscc.OptionOpenReparsePoint},
		&smb2.SetInfoRequest{InfoType: smb2.InfoSecurity, AdditionalInformation: parts, FileID: smb2.RelatedFileID, Input: b})
}
