package srvsvc

import (
	"context"
	"io/fs"
	"strings"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// The members of the FILE_INFO structures, named without their prefix.
// [MS-SRVS] 2.2.4.7.
var (
	fileID          = field[File]{number: func(f *File) uint32 { return f.shortID() }}
	filePermissions = field[File]{number: func(f *File) uint32 { return f.permissions() }}
	numLocks        = field[File]{number: func(f *File) uint32 { return f.Locks }}
	pathname        = field[File]{text: func(f *File) string { return toldPath(f.Path) }}
	fileUser        = field[File]{text: func(f *File) string { return f.User }}
)

// fileLevels is the table of FILE_INFO structures, by level.
var fileLevels = map[uint32]level[File]{
	2: {section: "2.2.4.6", fields: []field[File]{fileID}},
	3: {section: "2.2.4.7", fields: []field[File]{fileID, filePermissions, numLocks, pathname, fileUser}},
}

// shortID is the protocol's 32 bits of an open's identifier. Identifiers are
// given one after the other, so that no two opens have the same.
func (f *File) shortID() uint32 { return uint32(f.ID) }

// permissions are what of the access has a bit in the protocol: to read, to
// write, to create. [MS-SRVS] 2.2.4.7.
func (f *File) permissions() uint32 {
	const permRead, permWrite, permCreate = 1, 2, 4
	var p uint32
	for _, a := range []struct {
		mask dtyp.AccessMask
		bit  uint32
	}{
		{dtyp.FileReadData | dtyp.FileExecute, permRead},
		{dtyp.FileWriteData | dtyp.FileAppendData, permWrite},
		{dtyp.FileAppendData | dtyp.Delete, permCreate},
	} {
		if dtyp.AccessMask(f.Access)&a.mask != 0 {
			p |= a.bit
		}
	}
	return p
}

// netrFileEnum lists what clients have open. [MS-SRVS] 3.1.4.2.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string, unique] WCHAR* BasePath,
//	[in, string, unique] WCHAR* UserName,
//	and the parameters of enumStart
func (m *methods) netrFileEnum(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	base, _ := call.In.UniqueString(maxPath)
	user, _ := call.In.UniqueString(maxText)
	level := readEnumLevel(call.In)
	row, ok := fileLevels[level]
	if !ok {
		return refuseLevel(call, level, false)
	}
	e, err := readEnum(call.In, level)
	if err != nil {
		return err
	}
	list, err := m.admin.Files(ctx, call.Caller)
	result, err := statusOf(err, fileNotFound, accessDenied)
	if err != nil {
		return err
	}
	list = keep(list, func(f *File) bool {
		told := toldPath(f.Path)
		return (user == "" || strings.EqualFold(user, f.User)) &&
			(base == "" || len(told) >= len(base) && strings.EqualFold(told[:len(base)], base))
	})
	appendEnum(call.Out, e, row, list, result)
	return nil
}

// netrFileGetInfo describes one open. [MS-SRVS] 3.1.4.3.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in] DWORD FileId,
//	[in] DWORD Level,
//	[out, switch_is(Level)] LPFILE_INFO InfoStruct
func (m *methods) netrFileGetInfo(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	id, level := call.In.U32(), call.In.U32()
	if err := call.In.Err(); err != nil {
		return err
	}
	w := call.Out
	w.U32(level)
	row, ok := fileLevels[level]
	if !ok {
		w.U32(uint32(invalidLevel))
		return nil
	}
	file, err := m.file(ctx, call, id)
	result, err := statusOf(err, fileIDNotFound, accessDenied)
	if err != nil {
		return err
	}
	w.Pointer(file != nil)
	if file != nil {
		row.appendFixed(w, file)
		row.appendReferents(w, file)
	}
	w.U32(uint32(result))
	return nil
}

// file finds an open by its short identifier, or says with an error that wraps
// fs.ErrNotExist that there is none.
func (m *methods) file(ctx context.Context, call *rpc.Call, id uint32) (*File, error) {
	list, err := m.admin.Files(ctx, call.Caller)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].shortID() == id {
			return &list[i], nil
		}
	}
	return nil, fs.ErrNotExist
}

// netrFileClose closes an open. [MS-SRVS] 3.1.4.4.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in] DWORD FileId
func (m *methods) netrFileClose(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	id := call.In.U32()
	if err := call.In.Err(); err != nil {
		return err
	}
	file, err := m.file(ctx, call, id)
	if err == nil {
		err = m.admin.CloseFile(ctx, call.Caller, *file)
	}
	result, err := statusOf(err, fileIDNotFound, accessDenied)
	call.Out.U32(uint32(result))
	return err
}
