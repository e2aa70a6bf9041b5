package srvsvc

import (
	"bytes"
	"context"

	"github.com/signet-smb/signet/internal/rpc"
)

// netrShareAdd shares a folder. [MS-SRVS] 3.1.4.7.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in] DWORD Level,
//	[in, switch_is(Level)] LPSHARE_INFO InfoStruct,
//	[in, out, unique] DWORD* ParmErr
func (m *methods) netrShareAdd(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	in, level, ok := readShareInfo(call.In)
	if !ok || level != 2 && level != 502 && level != 503 {
		appendParmErr(call.Out, false, 0, invalidLevel)
		return nil
	}
	wanted := parmErr(call.In)
	if err := call.In.Err(); err != nil {
		return err
	}
	err := ErrInvalid
	switch {
	case in.kind&^TypeSpecial != TypeDiskTree:
	case in.name == "":
		err = &MemberError{MemberName, ErrInvalid}
	case in.path == nil:
		err = &MemberError{MemberPath, ErrInvalid}
	default:
		err = m.admin.AddShare(ctx, call.Caller, NewShare{
			Name: in.name, Path: meantPath(*in.path), Remark: in.remarkText(), MaxUses: in.limit(), Security: in.security,
		})
	}
	wrong := memberOf(err)
	result, err := statusOf(err, fileNotFound, duplicateShare)
	if err != nil {
		return err
	}
	appendParmErr(call.Out, wanted, wrong, result)
	return nil
}

// netrShareSetInfo changes a share. [MS-SRVS] 3.1.4.11.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string] WCHAR* NetName,
//	[in] DWORD Level,
//	[in, switch_is(Level)] LPSHARE_INFO ShareInfo,
//	[in, out, unique] DWORD* ParmErr
func (m *methods) netrShareSetInfo(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	name := call.In.String(maxShareName)
	in, level, ok := readShareInfo(call.In)
	if !ok {
		appendParmErr(call.Out, false, 0, invalidLevel)
		return nil
	}
	wanted := parmErr(call.In)
	if err := call.In.Err(); err != nil {
		return err
	}
	share, result, err := m.share(ctx, call, name)
	if err != nil {
		return err
	}
	wrong := Member(0)
	switch {
	case result == success && level == 1501 && in.security == nil:
		wrong, result = MemberSecurity, invalidParameter
	case result == success:
		err = m.setShare(ctx, call, share, &in)
		wrong = memberOf(err)
		if result, err = statusOf(err, netNameNotFound, duplicateShare); err != nil {
			return err
		}
	}
	appendParmErr(call.Out, wanted, wrong, result)
	return nil
}

// setShare makes the change that in asks for, if it is one. What the share is
// already is no change; a level without a security descriptor changes none.
func (m *methods) setShare(ctx context.Context, call *rpc.Call, share *Share, in *shareInput) error {
	var c ShareChange
	if in.remark != nil && *in.remark != share.Remark {
		c.Remark = in.remark
	}
	if limit := in.limit(); in.maxUses != nil && limit != share.MaxUses {
		c.MaxUses = &limit
	}
	if !bytes.Equal(in.security, share.told().Security) {
		c.Security = in.security
	}
	if in.path != nil && meantPath(*in.path) != share.told().Path {
		c.Path = new(string)
		*c.Path = meantPath(*in.path)
	}
	if in.flags != nil {
		const known = AccessBasedEnumeration | EncryptData
		if (*in.flags^share.Flags)&^known != 0 {
			return ErrNotSupported
		}
		change := *in.flags ^ share.Flags
		set := func(flag ShareFlags) *bool {
			if change&flag == 0 {
				return nil
			}
			on := *in.flags&flag != 0
			return &on
		}
		c.AccessBasedEnumeration, c.EncryptData = set(AccessBasedEnumeration), set(EncryptData)
	}
	if c.isNone() {
		return nil
	}
	return m.admin.SetShare(ctx, call.Caller, share.Name, c)
}

// netrShareDel shares a folder no more. NetrShareDelSticky, which takes a share
// out of what is there after a restart, is the same: both are one list here.
// [MS-SRVS] 3.1.4.12, 3.1.4.13.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string] WCHAR* NetName,
//	[in] DWORD Reserved
func (m *methods) netrShareDel(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	name := call.In.String(maxShareName)
	call.In.U32()
	if err := call.In.Err(); err != nil {
		return err
	}
	result, err := statusOf(m.admin.RemoveShare(ctx, call.Caller, name), netNameNotFound, duplicateShare)
	call.Out.U32(uint32(result))
	return err
}
