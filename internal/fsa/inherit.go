package fsa

import (
	"slices"

	"github.com/signet-smb/signet/dtyp"
)

const inheritable = dtyp.ObjectInheritACE | dtyp.ContainerInheritACE

// mostInherited bounds the entries of an inherited list: no list that could be
// encoded has more.
const mostInherited = dtyp.MaxACLSize / 16

// creation is what a new file's descriptor is made of. [MS-DTYP] 2.5.3.4.1.
type creation struct {
	token     *Token
	parent    *dtyp.SecurityDescriptor // nil: its directory has none that was set
	creator   *dtyp.SecurityDescriptor // what the client asks for; nil: nothing
	directory bool
}

// descriptor makes the descriptor of a new file. made is what the back end has
// made of it: what neither the client says nor the directory passes on is from
// there. [MS-DTYP] 2.5.3.4.
//
// Deviation: entries of the directory are added to those of the client only if
// its Control asks for it (SE_DACL_AUTO_INHERIT_REQ), as Windows does it for
// files; the algorithm leaves it to its caller.
func (c *creation) descriptor(made dtyp.SecurityDescriptor) dtyp.SecurityDescriptor {
	sd := dtyp.SecurityDescriptor{Owner: made.Owner, Group: made.Group}
	if c.parent != nil {
		sd.Owner, sd.Group = c.token.User, c.token.PrimaryGroup
	}
	var creator dtyp.SecurityDescriptor
	if c.creator != nil {
		creator = *c.creator
	}
	if !creator.Owner.IsZero() {
		sd.Owner = creator.Owner
	}
	if !creator.Group.IsZero() {
		sd.Group = creator.Group
	}
	c.computeDACL(&sd, &creator, &made)
	c.computeSACL(&sd, &creator)
	return sd
}

// computeDACL is [MS-DTYP] 2.5.3.4.2 for the list of who may do what.
func (c *creation) computeDACL(sd, creator, made *dtyp.SecurityDescriptor) {
	var inherited []dtyp.ACE
	automatic := false
	if c.parent != nil && c.parent.DACL != nil {
		automatic = c.parent.Control&dtyp.DACLAutoInherited != 0
		inherited = c.inherit(c.parent.DACL, automatic, sd)
	}
	explicit := creator.Control&dtyp.DACLPresent != 0
	sd.Control |= dtyp.DACLPresent
	switch {
	case explicit:
		sd.Control |= keptControl(creator.Control) & (dtyp.DACLProtected | dtyp.DACLAutoInherited)
		if creator.DACL == nil {
			return // everybody may do everything
		}
		sd.DACL = &dtyp.ACL{Revision: creator.DACL.Revision, ACEs: slices.Clone(creator.DACL.ACEs)}
		mapGeneric(sd.DACL.ACEs)
		if creator.Control&dtyp.DACLComputedInheritRequired != 0 && creator.Control&dtyp.DACLProtected == 0 {
			sd.DACL.ACEs = append(sd.DACL.ACEs, inherited...)
			sd.Control |= dtyp.DACLAutoInherited
		}
	case c.parent == nil:
		sd.DACL = made.DACL
	case len(inherited) > 0:
		sd.DACL = &dtyp.ACL{ACEs: inherited}
		if automatic {
			sd.Control |= dtyp.DACLAutoInherited
		}
	default: // the default list of a token
		sd.DACL = &dtyp.ACL{ACEs: []dtyp.ACE{
			{Mask: dtyp.FileAllAccess, SID: sd.Owner},
			{Mask: dtyp.FileAllAccess, SID: dtyp.SIDLocalSystem},
		}}
	}
}

// computeSACL is [MS-DTYP] 2.5.3.4.2 for the list of what is recorded.
func (c *creation) computeSACL(sd, creator *dtyp.SecurityDescriptor) {
	if creator.Control&dtyp.SACLPresent != 0 && creator.SACL != nil {
		sd.SACL = creator.SACL
		sd.Control |= dtyp.SACLPresent | keptControl(creator.Control)&(dtyp.SACLProtected|dtyp.SACLAutoInherited)
		return
	}
	if c.parent == nil || c.parent.SACL == nil {
		return
	}
	automatic := c.parent.Control&dtyp.SACLAutoInherited != 0
	aces := c.inherit(c.parent.SACL, automatic, sd)
	if len(aces) == 0 {
		return
	}
	sd.SACL = &dtyp.ACL{Revision: c.parent.SACL.Revision, ACEs: aces}
	sd.Control |= dtyp.SACLPresent
	if automatic {
		sd.Control |= dtyp.SACLAutoInherited
	}
}

// inherit returns the entries of the directory's list l that its new entry
// inherits; the owner and group of sd take the places of CREATOR OWNER and
// CREATOR GROUP. [MS-DTYP] 2.5.3.4.4, and the table below it.
//
// Deviation: an entry is marked as inherited only if the directory's list is
// inherited automatically, as on Windows.
func (c *creation) inherit(l *dtyp.ACL, automatic bool, sd *dtyp.SecurityDescriptor) (aces []dtyp.ACE) {
	var mark dtyp.ACEFlags
	if automatic {
		mark = dtyp.InheritedACE
	}
	add := func(ace dtyp.ACE) {
		if len(aces) < mostInherited {
			aces = append(aces, ace)
		}
	}
	for _, ace := range l.ACEs {
		flags := ace.Flags & inheritable
		audit := ace.Flags & (dtyp.SuccessfulAccessACEFlag | dtyp.FailedAccessACEFlag)
		effective := ace
		effective.Mask = ace.Mask.MapGeneric()
		switch ace.SID {
		case dtyp.SIDCreatorOwner:
			effective.SID = sd.Owner
		case dtyp.SIDCreatorGroup:
			effective.SID = sd.Group
		}
		propagates := c.directory && ace.Flags&dtyp.NoPropagateInheritACE == 0 && flags != 0
		applies := flags&dtyp.ObjectInheritACE != 0
		if c.directory {
			applies = flags&dtyp.ContainerInheritACE != 0
		}
		changed := effective.SID != ace.SID || effective.Mask != ace.Mask
		if applies && propagates && !changed { // one entry serves both
			effective.Flags = flags | audit | mark
			add(effective)
			continue
		}
		if applies {
			effective.Flags = audit | mark
			add(effective)
		}
		if propagates {
			ace.Flags = flags | audit | mark | dtyp.InheritOnlyACE
			add(ace)
		}
	}
	return aces
}

// mapGeneric gives entries the rights that generic ones stand for. What is only
// inherited keeps them: they may mean something else to who inherits it.
func mapGeneric(aces []dtyp.ACE) {
	for i := range aces {
		if aces[i].Flags&dtyp.InheritOnlyACE == 0 {
			aces[i].Mask = aces[i].Mask.MapGeneric()
		}
	}
}

// keptControl is what is stored of the control bits that a client sends. A list
// counts as inherited automatically if the client says that it is and that it
// is to be.
func keptControl(sent dtyp.SecurityDescriptorControl) dtyp.SecurityDescriptorControl {
	if sent&dtyp.DACLComputedInheritRequired == 0 {
		sent &^= dtyp.DACLAutoInherited
	}
	if sent&dtyp.SACLComputedInheritRequired == 0 {
		sent &^= dtyp.SACLAutoInherited
	}
	const known = dtyp.DACLPresent | dtyp.DACLDefaulted | dtyp.DACLAutoInherited | dtyp.DACLProtected |
		dtyp.SACLPresent | dtyp.SACLDefaulted | dtyp.SACLAutoInherited | dtyp.SACLProtected
	return sent & known
}
