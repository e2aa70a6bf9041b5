package main

import (
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/policy/store"
)

// accessMasks are the rights behind Windows' three words for the access to a
// share.
var accessMasks = map[store.Access]dtyp.AccessMask{
	store.Read:   dtyp.FileGenericRead | dtyp.FileGenericExecute,
	store.Change: dtyp.FileGenericRead | dtyp.FileGenericExecute | dtyp.FileGenericWrite | dtyp.Delete,
	store.Full:   dtyp.FileAllAccess,
}

// accessOf is the Access function of the share: all that its grants to the
// account and to Everyone give together, nothing if one of them says None.
func (s *shareSpec) accessOf(id *auth.Identity) dtyp.AccessMask {
	if !s.restricted {
		return dtyp.FileAllAccess
	}
	if id.Kind != auth.User {
		return 0 // who proved nothing is not Everyone
	}
	var most dtyp.AccessMask
	account, everyone := auth.Upcase(id.Account), auth.Upcase(store.Everyone)
	for _, g := range s.grants {
		if who := auth.Upcase(g.Account); who != account && who != everyone {
			continue
		}
		if g.Access == store.None {
			return 0
		}
		most |= accessMasks[g.Access]
	}
	return most
}
