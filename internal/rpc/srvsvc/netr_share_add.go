package srvsvc

import (
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
		appendParmErr(call.Out, false, invalidLevel)
		return nil
	}
	wanted := parmErr(call.In)
	if err := call.In.Err(); err != nil {
		return err
	}
	result := in.refusal()
	switch {
	case in.kind&^TypeSpecial != TypeDiskTree || in.name == "" || in.path == nil:
		result = invalidParameter
	case result == success:
		var err error
		if result, err = statusOf(m.admin.AddShare(ctx, call.Caller, in.name, meantPath(*in.path)), fileNotFound, duplicateShare); err != nil {
			return err
		}
	}
	appendParmErr(call.Out, wanted, result)
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
	in, _, ok := readShareInfo(call.In)
	if !ok {
		appendParmErr(call.Out, false, invalidLevel)
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
	if result == success {
		result, err = m.setShare(ctx, call, share, &in)
	}
	appendParmErr(call.Out, wanted, result)
	return err
}

// setShare makes the change that in asks for, if it is one. Path and flags that
// the share has already are no change.
func (m *methods) setShare(ctx context.Context, call *rpc.Call, share *Share, in *shareInput) (status, error) {
	if result := in.refusal(); result != success {
		return result, nil
	}
	var c ShareChange
	if in.path != nil && meantPath(*in.path) != share.told().Path {
		c.Path = new(string)
		*c.Path = meantPath(*in.path)
	}
	if in.flags != nil {
		const known = AccessBasedEnumeration | EncryptData
		if (*in.flags^share.Flags)&^known != 0 {
			return notSupported, nil
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
	if c == (ShareChange{}) {
		return success, nil
	}
	return statusOf(m.admin.SetShare(ctx, call.Caller, share.Name, c), netNameNotFound, duplicateShare)
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
