package server

import (
	"slices"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs"
)

// token is who id, which acts as cred, is to the security descriptors of the
// share's files. [MS-DTYP] 2.5.2.
func (sh *Share) token(id *auth.Identity, cred *vfs.Cred) *fsa.Token {
	t := &fsa.Token{
		User:         id.SID,
		PrimaryGroup: dtyp.SIDBuiltinUsers,
		Groups:       []dtyp.SID{dtyp.SIDEveryone, dtyp.SIDNetwork},
	}
	switch id.Kind {
	case auth.User:
		t.Groups = append(t.Groups, dtyp.SIDAuthenticatedUsers, dtyp.SIDBuiltinUsers)
	case auth.Guest:
		t.User = dtyp.SIDBuiltinGuests // a guest is nobody in particular, whatever account he names
		t.Groups = append(t.Groups, dtyp.SIDBuiltinGuests)
	default:
		t.User = dtyp.SIDAnonymous
	}
	if sh.Groups != nil {
		if own := sh.Groups(id, cred); len(own) > 0 {
			t.PrimaryGroup = own[0]
			t.Groups = append(t.Groups, own...)
		}
	}
	if slices.Contains(t.Groups, dtyp.SIDBuiltinAdministrators) {
		t.Privileges = fsa.AdministratorPrivileges
	}
	return t
}
