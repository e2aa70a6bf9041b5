package fsa

import (
	"context"
	"errors"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Security says whether files of the volume have security descriptors.
func (v *Volume) Security() bool {
	_, ok := v.fs.(vfs.Security)
	return ok && v.info.StoresDescriptors
}

// security is the back end of a volume that has Security.
func (v *Volume) security() vfs.Security { return v.fs.(vfs.Security) }

// securityKey is what a change of a file's descriptor is locked by, after the
// names of the file and of its streams. No stream has such a name. Who reads a
// descriptor finds the one before a change or the one after it.
func securityKey(id vfs.FileID) nameKey { return nameKey{id, "::security"} }

// Security returns the parts of the file's security descriptor that are asked
// for. [MS-FSA] 2.1.5.14.
//
// It returns ntstatus.AccessDenied without the right to read them, and
// ntstatus.InvalidDeviceRequest if there are none on this volume.
func (h *Handle) Security(ctx context.Context, parts dtyp.SecurityInformation) (dtyp.SecurityDescriptor, error) {
	const readable = dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation |
		dtyp.DACLSecurityInformation | dtyp.LabelSecurityInformation
	switch {
	case !h.volume.Security():
		return dtyp.SecurityDescriptor{}, ntstatus.InvalidDeviceRequest
	case parts&readable != 0 && !h.granted.Has(dtyp.ReadControl),
		parts&dtyp.SACLSecurityInformation != 0 && !h.granted.Has(dtyp.AccessSystemSecurity):
		return dtyp.SecurityDescriptor{}, ntstatus.AccessDenied
	}
	sd, err := h.volume.security().Descriptor(ctx, h.node)
	if errors.Is(err, errors.ErrUnsupported) {
		err = ntstatus.InvalidDeviceRequest
	}
	if err != nil {
		return dtyp.SecurityDescriptor{}, err
	}
	return partsOf(sd, parts), nil
}

// partsOf returns the parts of sd that are asked for. Labels lie in the SACL
// and are read by themselves. [MS-FSA] 2.1.5.14.1.
func partsOf(sd dtyp.SecurityDescriptor, parts dtyp.SecurityInformation) dtyp.SecurityDescriptor {
	const both = dtyp.SACLSecurityInformation | dtyp.LabelSecurityInformation
	switch parts & both {
	case dtyp.LabelSecurityInformation:
		sd.SACL = entriesOf(sd.SACL, true)
		parts |= dtyp.SACLSecurityInformation
	case dtyp.SACLSecurityInformation:
		sd.SACL = entriesOf(sd.SACL, false)
	}
	return sd.Only(parts)
}

// entriesOf returns the labels among the entries of l, or the others.
func entriesOf(l *dtyp.ACL, labels bool) *dtyp.ACL {
	if l == nil {
		return nil
	}
	some := dtyp.ACL{Revision: l.Revision}
	for _, ace := range l.ACEs {
		if (ace.Type == dtyp.SystemMandatoryLabelACE) == labels {
			some.ACEs = append(some.ACEs, ace)
		}
	}
	return &some
}

// SetSecurity replaces parts of the file's security descriptor by those of sd.
// [MS-FSA] 2.1.5.17.
//
// It returns ntstatus.AccessDenied without the right to change them,
// ntstatus.InvalidOwner for an owner whom the user may not make one, and
// ntstatus.InvalidDeviceRequest if there are none on this volume.
func (h *Handle) SetSecurity(ctx context.Context, parts dtyp.SecurityInformation, sd *dtyp.SecurityDescriptor) error {
	const owning = dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation | dtyp.LabelSecurityInformation
	switch {
	case !h.volume.Security():
		return ntstatus.InvalidDeviceRequest
	case parts&owning != 0 && !h.granted.Has(dtyp.WriteOwner),
		parts&dtyp.DACLSecurityInformation != 0 && !h.granted.Has(dtyp.WriteDAC),
		parts&dtyp.SACLSecurityInformation != 0 && !h.granted.Has(dtyp.AccessSystemSecurity):
		return ntstatus.AccessDenied
	}
	key := securityKey(h.file.id)
	if err := h.file.store.names.lock(ctx, key, exclusive); err != nil {
		return err
	}
	defer h.file.store.names.unlock(key, exclusive)
	now, err := h.volume.security().Descriptor(ctx, h.node)
	if errors.Is(err, errors.ErrUnsupported) {
		err = ntstatus.InvalidDeviceRequest
	}
	if err != nil {
		return err
	}
	if err := h.replaceParts(&now, parts, sd); err != nil {
		return err
	}
	if err := h.volume.security().SetDescriptor(ctx, h.node, &now); err != nil {
		return err
	}
	h.markArchive(ctx)
	h.attributesChanged(fscc.NotifyChangeSecurity)
	return nil
}

// replaceParts makes now what is to be stored.
func (h *Handle) replaceParts(now *dtyp.SecurityDescriptor, parts dtyp.SecurityInformation, sd *dtyp.SecurityDescriptor) error {
	sent := keptControl(sd.Control)
	if parts&dtyp.OwnerSecurityInformation != 0 {
		if sd.Owner.IsZero() || sd.Owner != now.Owner && h.token != nil && !h.token.mayOwn(sd.Owner) {
			return ntstatus.InvalidOwner
		}
		now.Owner = sd.Owner
	}
	if parts&dtyp.GroupSecurityInformation != 0 && !sd.Group.IsZero() {
		now.Group = sd.Group
	}
	if parts&dtyp.DACLSecurityInformation != 0 {
		const bits = dtyp.DACLDefaulted | dtyp.DACLAutoInherited | dtyp.DACLProtected
		now.Control = now.Control&^bits | sent&bits | dtyp.DACLPresent
		now.DACL = concrete(sd.DACL)
	}
	if parts&dtyp.SACLSecurityInformation != 0 {
		const bits = dtyp.SACLDefaulted | dtyp.SACLAutoInherited | dtyp.SACLProtected
		now.Control = now.Control&^bits | sent&bits
		now.SACL = joined(entriesOf(sd.SACL, false), entriesOf(now.SACL, true))
	}
	if parts&dtyp.LabelSecurityInformation != 0 {
		now.SACL = joined(entriesOf(now.SACL, false), entriesOf(sd.SACL, true))
	}
	for _, l := range []*dtyp.ACL{now.DACL, now.SACL} {
		if l != nil && l.Size() > dtyp.MaxACLSize {
			return ntstatus.InvalidACL
		}
	}
	return nil
}

// concrete returns l without generic rights; nil for nil.
func concrete(l *dtyp.ACL) *dtyp.ACL {
	if l == nil {
		return nil
	}
	c := dtyp.ACL{Revision: l.Revision, ACEs: slices.Clone(l.ACEs)}
	mapGeneric(c.ACEs)
	return &c
}

// joined returns the entries of both lists; nil if both are nil.
func joined(a, b *dtyp.ACL) *dtyp.ACL {
	if a == nil || b == nil {
		if a == nil {
			a = b
		}
		return a
	}
	return &dtyp.ACL{Revision: max(a.Revision, b.Revision), ACEs: append(a.ACEs, b.ACEs...)}
}

// asker is who asks for rights: on the back end, and to descriptors.
type asker struct {
	as     *vfs.Cred
	token  *Token
	backup bool // the open is for a backup, so privileges for that count
}

func (h *Handle) asker() asker {
	return asker{h.as, h.token, h.options&fscc.OptionOpenForBackupIntent != 0}
}

// stored returns the descriptor that is stored for n, or nil. Without a token
// none is asked about.
func (v *Volume) stored(ctx context.Context, a asker, n vfs.Node) (*dtyp.SecurityDescriptor, error) {
	if a.token == nil || !v.Security() {
		return nil, nil
	}
	sd, err := v.security().StoredDescriptor(ctx, n)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	return sd, err
}

// decidedHere are the rights of which the back end has no say: using them means
// reading and changing descriptors.
const decidedHere = dtyp.ReadControl | dtyp.WriteDAC | dtyp.WriteOwner | dtyp.Synchronize |
	dtyp.FileReadAttributes | dtyp.AccessSystemSecurity

// access returns the rights that a has on n, which has attr and is an entry of
// dir, nil for the root: what the back end allows, and if a descriptor is
// stored for n, of that only what it grants. wanted are the rights that make a
// difference to the caller: looking at the directory's descriptor costs
// something. [MS-FSA] 2.1.5.1.2.1.
func (v *Volume) access(ctx context.Context, a asker, dir, n vfs.Node, attr *vfs.Attr, wanted dtyp.AccessMask) (dtyp.AccessMask, error) {
	rights, err := v.fs.Access(ctx, a.as, dir, n)
	if err != nil {
		return 0, err
	}
	rights = grantable(rights, attr)
	if a.token == nil || !v.Security() {
		return rights, nil
	}
	var sd, onDir *dtyp.SecurityDescriptor
	if attr.HasDescriptor {
		if sd, err = v.stored(ctx, a, n); err != nil {
			return 0, err
		}
	}
	if dir != nil && wanted.HasAny(dtyp.Delete|dtyp.FileReadAttributes|dtyp.MaximumAllowed) && (sd != nil || wanted.HasAny(dtyp.Delete|dtyp.MaximumAllowed)) {
		if onDir, err = v.stored(ctx, a, dir); err != nil {
			return 0, err
		}
	}
	// Who may remove any entry of the directory may remove this one.
	fromDir := dtyp.Delete | dtyp.FileReadAttributes
	if onDir != nil {
		fromDir = 0
		allowed := a.token.allowed(onDir)
		if allowed.Has(dtyp.FileDeleteChild) {
			fromDir |= dtyp.Delete
		}
		if allowed.Has(dtyp.FileListDirectory) {
			fromDir |= dtyp.FileReadAttributes
		}
	}
	if !wanted.Has(dtyp.MaximumAllowed) {
		fromDir &= wanted
	}
	if sd == nil {
		// A file that nobody set a descriptor for says nothing of its deletion.
		if onDir != nil && !fromDir.Has(dtyp.Delete) {
			rights &^= dtyp.Delete
		}
		return rights | a.token.privileged(wanted&dtyp.AccessSystemSecurity, false), nil
	}
	granted := a.token.allowed(sd) | a.token.privileged(wanted, a.backup) | fromDir
	return granted & (rights | decidedHere), nil
}

// mayAdd reports whether a may make an entry in dir as far as its descriptor
// has a say, and returns that; nil if there is none. add is the right to do so.
func (v *Volume) mayAdd(ctx context.Context, a asker, dir vfs.Node, add dtyp.AccessMask) (*dtyp.SecurityDescriptor, bool, error) {
	sd, err := v.stored(ctx, a, dir)
	if err != nil || sd == nil {
		return nil, err == nil, err
	}
	return sd, (a.token.allowed(sd) | a.token.privileged(add, a.backup)).Has(add), nil
}
