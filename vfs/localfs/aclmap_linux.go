package localfs

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
)

// describe says in Windows' words what the kernel says of a file, in the order
// that Samba has.
//
// Deviation: Samba shows whoever may write with the rights to delete the file and
// to change its descriptor; here only the owner is. The kernel gives them to
// nobody else, and a descriptor that is made of this one and set would.
func (f *FS) describe(k *kernelSays) dtyp.SecurityDescriptor {
	p := f.principals()
	directory := k.mode&unix.S_IFMT == unix.S_IFDIR
	sd := dtyp.SecurityDescriptor{
		Control: dtyp.DACLPresent | dtyp.DACLProtected,
		Owner:   p.SIDOfUID(k.uid),
		Group:   p.SIDOfGID(k.gid),
		DACL:    new(dtyp.ACL),
	}
	sd.DACL.ACEs = f.entriesOf(k.access, directory, sd.Owner, sd.Group, 0)
	if directory && k.byDefault != nil {
		const flags = dtyp.ObjectInheritACE | dtyp.ContainerInheritACE | dtyp.InheritOnlyACE
		sd.DACL.ACEs = append(sd.DACL.ACEs,
			f.entriesOf(k.byDefault, directory, dtyp.SIDCreatorOwner, dtyp.SIDCreatorGroup, flags)...)
	}
	return sd
}

// modeOfNew is what files and folders get that somebody makes in a directory
// without a default ACL, with the usual umask.
const modeOfNew = 0o755

// shownDescriptor is describe as clients are shown it: a directory tells what
// its new entries will be, so that it stays so when somebody sets a descriptor
// that was made of this one.
func (f *FS) shownDescriptor(k *kernelSays) dtyp.SecurityDescriptor {
	sd := f.describe(k)
	sd.Control &^= dtyp.DACLProtected
	if k.mode&unix.S_IFMT == unix.S_IFDIR && k.byDefault == nil {
		const flags = dtyp.ObjectInheritACE | dtyp.ContainerInheritACE | dtyp.InheritOnlyACE
		sd.DACL.ACEs = append(sd.DACL.ACEs,
			f.entriesOf(aclOfMode(modeOfNew), false, dtyp.SIDCreatorOwner, dtyp.SIDCreatorGroup, flags)...)
	}
	return sd
}

// entriesOf makes entries of a POSIX ACL: the owner's first, those of who may do
// nothing, then the others from last to first, and at the end everybody's.
func (f *FS) entriesOf(l posixACL, directory bool, owner, group dtyp.SID, flags dtyp.ACEFlags) []dtyp.ACE {
	p, mask := f.principals(), l.mask()
	var first, none, some, last []dtyp.ACE
	for _, e := range slices.Backward(l) {
		ace := dtyp.ACE{Flags: flags}
		perm := e.perm
		switch e.tag {
		case posixUserObj:
			ace.SID = owner
		case posixUser:
			ace.SID, perm = p.SIDOfUID(e.id), perm&mask
		case posixGroupObj:
			ace.SID, perm = group, perm&mask
		case posixGroup:
			ace.SID, perm = p.SIDOfGID(e.id), perm&mask
		case posixOther:
			ace.SID = dtyp.SIDEveryone
		default:
			continue
		}
		ace.Mask = rightsOfPerm(perm, directory)
		if e.tag == posixUserObj && perm&unix.W_OK != 0 {
			ace.Mask |= dtyp.Delete | dtyp.WriteDAC | dtyp.WriteOwner
		}
		switch {
		case e.tag == posixUserObj:
			first = append(first, ace)
		case e.tag == posixOther:
			last = append(last, ace)
		case perm == 0:
			none = append([]dtyp.ACE{ace}, none...)
		default:
			some = append(some, ace)
		}
	}
	return slices.Concat(first, none, some, last)
}

// rightsOfPerm says in Windows' words what rwx says.
func rightsOfPerm(perm uint16, directory bool) (m dtyp.AccessMask) {
	if perm&unix.R_OK != 0 {
		m |= dtyp.FileGenericRead
	}
	if perm&unix.W_OK != 0 {
		m |= dtyp.FileGenericWrite
		if directory {
			m |= dtyp.FileDeleteChild
		}
	}
	if perm&unix.X_OK != 0 {
		m |= dtyp.FileGenericExecute
	}
	if perm&7 == 7 {
		m |= dtyp.FileDeleteChild // which means nothing of a file, but makes all rights of its owner's
	}
	return m
}

// permOf says in the kernel's words what rights say. Windows lets everybody walk
// through directories, so whoever may do anything with one may enter it.
func permOf(m dtyp.AccessMask, directory bool) (perm uint16) {
	if m.Has(dtyp.FileReadData) {
		perm |= unix.R_OK
	}
	if m.HasAny(dtyp.FileWriteData|dtyp.FileAppendData) || directory && m.Has(dtyp.FileDeleteChild) {
		perm |= unix.W_OK
	}
	if m.Has(dtyp.FileExecute) || directory && perm != 0 {
		perm |= unix.X_OK
	}
	return perm
}

// maxNamed bounds how many users and groups of the host a list is about.
const maxNamed = 256

// everybody are the SIDs that all who reach a file have, clients and, to the
// kernel, the users of the host.
var everybody = []dtyp.SID{dtyp.SIDEveryone, dtyp.SIDAuthenticatedUsers, dtyp.SIDNetwork, dtyp.SIDBuiltinUsers}

// rightsOf returns what the kernel is to say of a file that has sd and of which
// it says k now. It is never more, for any user, than sd says of him and of
// everybody; it may be less: the kernel does not add up what users get by
// themselves and by their groups.
//
// Missing: a group of accounts that the host has no group for is its members at
// the time when the descriptor is set.
func (f *FS) rightsOf(sd *dtyp.SecurityDescriptor, k *kernelSays) kernelSays {
	next := kernelSays{mode: k.mode, uid: k.uid, gid: k.gid}
	if uids, _ := f.principals().Unix(sd.Owner); len(uids) == 1 && uids[0] != 0 {
		next.uid = uids[0]
	}
	if _, gids := f.principals().Unix(sd.Group); len(gids) == 1 {
		next.gid = gids[0]
	}
	directory := k.mode&unix.S_IFMT == unix.S_IFDIR
	if sd.DACL == nil {
		next.access = aclOfMode(0o777)
		return next
	}
	v := verdicts{
		principals: f.principals(), aces: sd.DACL.ACEs, directory: directory,
		uid: next.uid, gid: next.gid,
	}
	next.access = v.acl()
	if directory {
		v.inherited = true
		next.byDefault = v.acl()
	}
	return next
}

// verdicts makes a POSIX ACL of the entries of a list.
type verdicts struct {
	principals Principals
	aces       []dtyp.ACE
	directory  bool
	inherited  bool // what new entries of the directory get, instead of what it has
	uid, gid   uint32
}

// acl returns nil if nothing is inherited.
func (v *verdicts) acl() posixACL {
	var uids, gids []uint32
	relevant := false
	for i := range v.aces {
		if !v.speaks(&v.aces[i]) {
			continue
		}
		relevant = true
		u, g := v.principals.Unix(v.aces[i].SID)
		uids, gids = append(uids, u...), append(gids, g...)
	}
	if v.inherited && !relevant {
		return nil
	}
	uids, gids = named(uids), named(gids)
	if !v.inherited {
		uids = slices.DeleteFunc(uids, func(u uint32) bool { return u == v.uid })
		gids = slices.DeleteFunc(gids, func(g uint32) bool { return g == v.gid })
	}
	l := posixACL{{tag: posixUserObj, perm: v.of(v.isOwner)}}
	if v.inherited {
		// Who makes a file on the host may say who uses it, himself included: and
		// what he gets by his name the kernel does not look at.
		l[0].perm = 7
	}
	mask := uint16(0)
	add := func(tag posixTag, id uint32, applies func(dtyp.SID) bool) {
		e := posixEntry{tag: tag, id: id, perm: v.of(applies)}
		mask |= e.perm
		l = append(l, e)
	}
	for _, uid := range uids {
		add(posixUser, uid, func(sid dtyp.SID) bool { return v.isUser(sid, uid) })
	}
	add(posixGroupObj, 0, v.isOwningGroup)
	for _, gid := range gids {
		add(posixGroup, gid, func(sid dtyp.SID) bool { return v.isGroup(sid, gid) })
	}
	if len(uids)+len(gids) > 0 {
		l = append(l, posixEntry{tag: posixMask, perm: mask})
	}
	return append(l, posixEntry{tag: posixOther, perm: v.of(func(dtyp.SID) bool { return false })})
}

// named returns ids in order, each once, and no more than are kept.
func named(ids []uint32) []uint32 {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), maxNamed)]
}

// speaks reports whether an entry counts.
func (v *verdicts) speaks(ace *dtyp.ACE) bool {
	if v.inherited {
		return ace.Flags&(dtyp.ObjectInheritACE|dtyp.ContainerInheritACE) != 0
	}
	return ace.Flags&dtyp.InheritOnlyACE == 0
}

// of returns what the entries give to whom they apply, and to everybody.
func (v *verdicts) of(applies func(dtyp.SID) bool) uint16 {
	var granted, denied dtyp.AccessMask
	for i := range v.aces {
		ace := &v.aces[i]
		if !v.speaks(ace) || !slices.Contains(everybody, ace.SID) && !applies(ace.SID) {
			continue
		}
		mask := ace.Mask.MapGeneric()
		switch ace.Type {
		case dtyp.AccessAllowedACE:
			granted |= mask &^ denied
		case dtyp.AccessDeniedACE, dtyp.AccessDeniedObjectACE,
			dtyp.AccessDeniedCallbackACE, dtyp.AccessDeniedCallbackObjectACE:
			denied |= mask &^ granted
		}
	}
	return permOf(granted, v.directory)
}

func (v *verdicts) isUser(sid dtyp.SID, uid uint32) bool {
	uids, _ := v.principals.Unix(sid)
	return slices.Contains(uids, uid)
}

func (v *verdicts) isGroup(sid dtyp.SID, gid uint32) bool {
	_, gids := v.principals.Unix(sid)
	return slices.Contains(gids, gid)
}

func (v *verdicts) isOwner(sid dtyp.SID) bool {
	return sid == dtyp.SIDOwnerRights || v.isUser(sid, v.uid)
}

func (v *verdicts) isOwningGroup(sid dtyp.SID) bool {
	if v.inherited {
		return sid == dtyp.SIDCreatorGroup
	}
	return v.isGroup(sid, v.gid)
}

// equal reports whether both say the same of who may use a file.
func (k *kernelSays) equal(l *kernelSays) bool {
	return k.uid == l.uid && k.gid == l.gid && slices.Equal(k.access, l.access) && slices.Equal(k.byDefault, l.byDefault)
}
