package fsa

import (
	"slices"

	"github.com/signet-smb/signet/dtyp"
)

// Token is who a client is to security descriptors: the token of
// [MS-DTYP] 2.5.2, as far as files ask for it. Immutable. A nil *Token is
// nobody whom descriptors are asked about: what the back end allows counts.
type Token struct {
	User         dtyp.SID
	PrimaryGroup dtyp.SID
	Groups       []dtyp.SID // SIDs besides User, the primary group among them
	Privileges   Privileges
}

// Privileges are what a token may do without being granted it by a descriptor.
type Privileges uint8

// Privileges. Those to back up and restore count for opens with
// fscc.OptionOpenForBackupIntent.
const (
	PrivilegeTakeOwnership Privileges = 1 << iota
	PrivilegeSecurity                 // to read and write SACLs
	PrivilegeBackup
	PrivilegeRestore
)

// AdministratorPrivileges are those of who is in BUILTIN\Administrators.
const AdministratorPrivileges = PrivilegeTakeOwnership | PrivilegeSecurity | PrivilegeBackup | PrivilegeRestore

// What the privileges to back up and restore give.
const (
	backupRights = dtyp.ReadControl | dtyp.AccessSystemSecurity | dtyp.FileGenericRead | dtyp.FileTraverse

	restoreRights = dtyp.WriteDAC | dtyp.WriteOwner | dtyp.AccessSystemSecurity |
		dtyp.FileGenericWrite | dtyp.FileAddFile | dtyp.FileAddSubdirectory | dtyp.Delete
)

// has reports whether sid is one of t's. [MS-DTYP] 2.5.3.1.1.
func (t *Token) has(sid dtyp.SID) bool { return sid == t.User || slices.Contains(t.Groups, sid) }

// mayOwn reports whether who has t may make sid the owner of a file.
// [MS-FSA] 2.1.5.17.
func (t *Token) mayOwn(sid dtyp.SID) bool {
	return sid == t.User || t.Privileges&PrivilegeRestore != 0 ||
		sid == dtyp.SIDBuiltinAdministrators && t.has(sid)
}

// privileged returns the rights among wanted that t's privileges give without a
// descriptor. Who asks for the most that there is gets what descriptors give: a
// privilege is used by naming the right. [MS-DTYP] 2.5.3.2.
func (t *Token) privileged(wanted dtyp.AccessMask, backupIntent bool) (rights dtyp.AccessMask) {
	if t.Privileges&PrivilegeTakeOwnership != 0 {
		rights |= dtyp.WriteOwner
	}
	if t.Privileges&PrivilegeSecurity != 0 {
		rights |= dtyp.AccessSystemSecurity
	}
	if backupIntent && t.Privileges&PrivilegeBackup != 0 {
		rights |= backupRights
	}
	if backupIntent && t.Privileges&PrivilegeRestore != 0 {
		rights |= restoreRights
	}
	return rights & wanted
}
