package fsa

import "github.com/signet-smb/signet/dtyp"

// allowed returns all rights that sd gives to t. [MS-DTYP] 2.5.3.2, asked with
// MAXIMUM_ALLOWED: every right is decided by the first entry that speaks of it,
// so what is not among them is what a request for it would be denied.
//
// The owner may always read the descriptor and change its list, unless an entry
// for OWNER RIGHTS says what he may.
//
// Missing: the conditions of callback entries, and the integrity levels of
// 2.5.3.3. An entry that cannot be judged denies and does not allow.
func (t *Token) allowed(sd *dtyp.SecurityDescriptor) dtyp.AccessMask {
	if sd.DACL == nil {
		return dtyp.FileAllAccess
	}
	owner := !sd.Owner.IsZero() && t.has(sd.Owner)
	var granted, denied dtyp.AccessMask
	if owner && !speaksOfOwnerRights(sd.DACL) {
		granted = dtyp.ReadControl | dtyp.WriteDAC
	}
	for i := range sd.DACL.ACEs {
		ace := &sd.DACL.ACEs[i]
		applies := t.has(ace.SID) || owner && ace.SID == dtyp.SIDOwnerRights
		if !applies || ace.Flags&dtyp.InheritOnlyACE != 0 {
			continue
		}
		mask := ace.Mask.MapGeneric() & (dtyp.FileAllAccess | dtyp.AccessSystemSecurity)
		switch ace.Type {
		case dtyp.AccessAllowedACE:
			granted |= mask &^ denied
		case dtyp.AccessDeniedACE, dtyp.AccessDeniedObjectACE,
			dtyp.AccessDeniedCallbackACE, dtyp.AccessDeniedCallbackObjectACE:
			denied |= mask &^ granted
		}
	}
	return granted &^ dtyp.AccessSystemSecurity // a privilege, which no entry gives
}

// speaksOfOwnerRights says whether an entry decides what the owner may.
func speaksOfOwnerRights(l *dtyp.ACL) bool {
	for i := range l.ACEs {
		if l.ACEs[i].SID == dtyp.SIDOwnerRights && l.ACEs[i].Flags&dtyp.InheritOnlyACE == 0 {
			return true
		}
	}
	return false
}
