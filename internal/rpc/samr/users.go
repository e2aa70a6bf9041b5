package samr

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// Bits of UserAccountControl. [MS-SAMR] 2.2.1.12.
const (
	userAccountDisabled  = 0x0001
	userNormalAccount    = 0x0010
	userDontExpirePasswd = 0x0200
)

// userControl is the UserAccountControl of an account.
func userControl(a *directory.Account) uint32 {
	flags := uint32(userNormalAccount | userDontExpirePasswd)
	if a.Disabled {
		flags |= userAccountDisabled
	}
	return flags
}

// mandatory are the attributes of a group that one is always in: mandatory,
// enabled by default, enabled. [MS-SAMR] 2.2.1.10.
const mandatory = 7

// samrQueryInformationUser tells of an account. [MS-SAMR] 3.1.5.5.6, 3.1.5.5.5.
//
//	[in] SAMPR_HANDLE UserHandle,
//	[in] USER_INFORMATION_CLASS UserInformationClass,
//	[out, switch_is(UserInformationClass)] PSAMPR_USER_INFO_BUFFER* Buffer
func (m *methods) samrQueryInformationUser(ctx context.Context, call *rpc.Call) error {
	o, _, err := rpc.ReadHandle[*object](call)
	if err != nil {
		return err
	}
	class := call.In.U16()
	if err := call.In.Err(); err != nil {
		return err
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	w := call.Out
	i := slices.IndexFunc(v.Accounts, func(a directory.Account) bool { return o.kind == user && a.SID.RID() == o.rid })
	tell, ok := userClasses[class]
	w.Pointer(ok && i >= 0)
	switch {
	case i < 0:
		return finish(call, ntstatus.NoSuchUser)
	case !ok:
		return finish(call, ntstatus.InvalidInfoClass)
	}
	w.U16(class)
	w.Align(4)
	tell.append(w, &v.Accounts[i])
	w.Flush()
	return finish(call, ntstatus.Success)
}

// userClass is an arm of SAMPR_USER_INFO_BUFFER.
type userClass struct {
	section string // of [MS-SAMR]
	append  func(w *ndr.Writer, a *directory.Account)
}

// userClasses are the arms that are told, by USER_INFORMATION_CLASS. Those that
// hold passwords are not.
var userClasses = map[uint16]userClass{
	1: {"2.2.6.7", func(w *ndr.Writer, a *directory.Account) {
		w.LaterText(a.Name)
		w.LaterText("")
		w.U32(directory.GroupNone)
		w.LaterText("")
		w.LaterText("")
	}},
	3: {"2.2.6.10", appendUserLogon},
	5: {"2.2.6.11", appendUserAccount},
	6: {"2.2.6.14", func(w *ndr.Writer, a *directory.Account) {
		w.LaterText(a.Name)
		w.LaterText("")
	}},
	7:  {"2.2.6.12", func(w *ndr.Writer, a *directory.Account) { w.LaterText(a.Name) }},
	8:  {"2.2.6.13", func(w *ndr.Writer, _ *directory.Account) { w.LaterText("") }},
	9:  {"2.2.6.2", func(w *ndr.Writer, _ *directory.Account) { w.U32(directory.GroupNone) }},
	10: {"2.2.6.15", func(w *ndr.Writer, _ *directory.Account) { w.LaterText(""); w.LaterText("") }},
	13: {"2.2.6.18", func(w *ndr.Writer, _ *directory.Account) { w.LaterText("") }},
	16: {"2.2.6.3", func(w *ndr.Writer, a *directory.Account) { w.U32(userControl(a)) }},
	17: {"2.2.6.4", func(w *ndr.Writer, _ *directory.Account) { time64(w, never) }},
	21: {"2.2.6.6", appendUserAll},
}

// passwordSet is when an account got its password, as a FILETIME.
func passwordSet(a *directory.Account) int64 { return int64(dtyp.FileTimeOf(a.PasswordSet)) }

// appendHours writes a SAMPR_LOGON_HOURS: at all hours. [MS-SAMR] 2.2.6.5.
func appendHours(w *ndr.Writer) {
	const hoursOfWeek, longest = 168, 1260
	w.Align(4)
	w.U16(hoursOfWeek)
	w.Later(func() {
		w.Count(longest)
		w.U32(0)
		w.Count(hoursOfWeek / 8)
		for range hoursOfWeek / 8 {
			w.U8(0xFF)
		}
	})
}

// texts appends n RPC_UNICODE_STRINGs that are empty.
func texts(w *ndr.Writer, n int) {
	for range n {
		w.LaterText("")
	}
}

func appendUserLogon(w *ndr.Writer, a *directory.Account) {
	w.LaterText(a.Name)
	texts(w, 1)
	w.U32(a.SID.RID())
	w.U32(directory.GroupNone)
	texts(w, 5) // home, drive, script, profile, workstations
	for _, t := range []int64{0, 0, passwordSet(a), passwordSet(a), never} {
		time64(w, t)
	}
	appendHours(w)
	w.U16(0)
	w.U16(0)
	w.U32(userControl(a))
}

func appendUserAccount(w *ndr.Writer, a *directory.Account) {
	w.LaterText(a.Name)
	texts(w, 1)
	w.U32(a.SID.RID())
	w.U32(directory.GroupNone)
	texts(w, 6)
	time64(w, 0)
	time64(w, 0)
	appendHours(w)
	w.U16(0)
	w.U16(0)
	time64(w, passwordSet(a))
	time64(w, never)
	w.U32(userControl(a))
}

// appendUserAll writes a SAMPR_USER_ALL_INFORMATION, without the fields of
// passwords. [MS-SAMR] 2.2.6.6.
func appendUserAll(w *ndr.Writer, a *directory.Account) {
	const allFields = 0x00FF_FFFF
	for _, t := range []int64{0, 0, passwordSet(a), never, passwordSet(a), never} {
		time64(w, t) // logon, logoff, password set, expiry, may and must change
	}
	w.LaterText(a.Name)
	texts(w, 9)
	for range 2 { // LmOwfPassword, NtOwfPassword
		w.U16(0)
		w.U16(0)
		w.Pointer(false)
	}
	texts(w, 1) // PrivateData
	w.U32(0)    // SecurityDescriptor
	w.Pointer(false)
	w.U32(a.SID.RID())
	w.U32(directory.GroupNone)
	w.U32(userControl(a))
	w.U32(allFields)
	appendHours(w)
	for range 4 { // bad passwords, logons, country, code page
		w.U16(0)
	}
	for range 4 { // passwords present, expired, PrivateDataSensitive
		w.U8(0)
	}
}

// samrGetGroupsForUser lists the groups of an account: None. [MS-SAMR]
// 3.1.5.9.1.
//
//	[in] SAMPR_HANDLE UserHandle,
//	[out] PSAMPR_GET_GROUPS_BUFFER* Groups
func samrGetGroupsForUser(_ context.Context, call *rpc.Call) error {
	o, _, err := rpc.ReadHandle[*object](call)
	if err != nil {
		return err
	}
	w := call.Out
	w.Pointer(o.kind == user)
	if o.kind != user {
		return finish(call, ntstatus.ObjectTypeMismatch)
	}
	w.U32(1)
	w.Pointer(true)
	w.Count(1)
	w.U32(directory.GroupNone)
	w.U32(mandatory)
	return finish(call, ntstatus.Success)
}
