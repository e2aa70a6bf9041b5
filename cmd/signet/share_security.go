package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/policy/store"
)

// grantees are those to whom shares can be granted, by name and by SID: the
// accounts, and Everyone. Immutable.
type grantees struct {
	sids  map[string]dtyp.SID // by name, as auth.Upcase makes it
	names map[dtyp.SID]string
}

// grantees looks who there is.
func (s *accountStore) grantees(ctx context.Context) (*grantees, error) {
	accounts, err := s.store.List(ctx)
	if err != nil {
		return nil, err
	}
	g := &grantees{
		sids:  map[string]dtyp.SID{auth.Upcase(store.Everyone): dtyp.SIDEveryone},
		names: map[dtyp.SID]string{dtyp.SIDEveryone: store.Everyone},
	}
	for _, a := range accounts {
		g.sids[auth.Upcase(a.Name)], g.names[a.SID] = a.SID, a.Name
	}
	return g, nil
}

// describe is who may use a share, as a security descriptor in SDDL. What is
// granted to who is no account is granted to nobody, and left out. Denials
// stand first, as they count first. Owner and group say nothing of a share;
// Windows writes them.
func (g *grantees) describe(sh *admin.Share) (string, error) {
	acl := dtyp.ACL{ACEs: []dtyp.ACE{}}
	for _, part := range []struct {
		kind     dtyp.ACEType
		accounts []string
		mask     dtyp.AccessMask
	}{
		{dtyp.AccessDeniedACE, sh.NoAccess, dtyp.FileAllAccess},
		{dtyp.AccessAllowedACE, sh.FullAccess, accessMasks[store.Full]},
		{dtyp.AccessAllowedACE, sh.ChangeAccess, accessMasks[store.Change]},
		{dtyp.AccessAllowedACE, sh.ReadAccess, accessMasks[store.Read]},
	} {
		for _, name := range part.accounts {
			if sid, ok := g.sids[auth.Upcase(name)]; ok {
				acl.ACEs = append(acl.ACEs, dtyp.ACE{Type: part.kind, Mask: part.mask, SID: sid})
			}
		}
	}
	return dtyp.SecurityDescriptor{Owner: dtyp.SIDBuiltinAdministrators, Group: dtyp.SIDLocalSystem, DACL: &acl}.SDDL()
}

// read is the opposite of describe: the grants that say what a descriptor in
// SDDL says. One that no grants can say is refused, for half of it could be more
// than was meant: entries for groups, rights other than Windows' three words for
// a share, denials of less than everything or behind what is allowed, auditing.
//
// Everyone with full access, alone, is a share to which nothing was granted.
func (g *grantees) read(sddl string) (*store.ShareAccess, error) {
	sd, err := dtyp.ParseSDDL(sddl)
	switch {
	case err != nil:
		return nil, err
	case sd.SACL != nil && len(sd.SACL.ACEs) > 0:
		return nil, errors.New("it has a list for auditing: a share's use is not audited by descriptor")
	case sd.DACL == nil && sd.Control&dtyp.DACLPresent == 0:
		return nil, errors.New("it has no D:, the list of who may use the share")
	case sd.DACL == nil:
		return &store.ShareAccess{}, nil // null: everybody may everything
	}
	access := &store.ShareAccess{Restricted: true}
	for i := range sd.DACL.ACEs {
		grant, err := g.grantOf(&sd.DACL.ACEs[i])
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(access.Grants, func(h store.Grant) bool { return h.Account == grant.Account })
		switch {
		case grant.Access == store.None && slices.ContainsFunc(access.Grants, func(h store.Grant) bool { return h.Access != store.None }):
			return nil, fmt.Errorf("%s is denied behind what is allowed, which counts first then: put denials first", grant.Account)
		case at < 0:
			access.Grants = append(access.Grants, grant)
		case access.Grants[at].Access != store.None && accessMasks[grant.Access].Has(accessMasks[access.Grants[at].Access]):
			access.Grants[at] = grant // what two entries allow adds up; each word has all of the one before
		}
	}
	if len(access.Grants) == 1 && access.Grants[0] == (store.Grant{Account: store.Everyone, Access: store.Full}) {
		return &store.ShareAccess{}, nil
	}
	return access, nil
}

// grantOf is the grant that says what one entry says.
func (g *grantees) grantOf(ace *dtyp.ACE) (store.Grant, error) {
	name, ok := g.names[ace.SID]
	if !ok {
		return store.Grant{}, fmt.Errorf("%v is no account here, nor Everyone", ace.SID)
	}
	grant := store.Grant{Account: name}
	mask := ace.Mask.MapGeneric()
	switch {
	case ace.Flags&dtyp.InheritOnlyACE != 0:
		return store.Grant{}, fmt.Errorf("what is said of %s is for what inherits it, which nothing does from a share", name)
	case ace.Type == dtyp.AccessDeniedACE && mask == dtyp.FileAllAccess:
		grant.Access = store.None
		return grant, nil
	case ace.Type == dtyp.AccessDeniedACE:
		return store.Grant{}, fmt.Errorf("%s is denied %v: only everything can be denied", name, mask)
	case ace.Type != dtyp.AccessAllowedACE:
		return store.Grant{}, fmt.Errorf("an entry for %s is of type %v, which neither allows nor denies", name, ace.Type)
	}
	for access, is := range accessMasks {
		if mask == is {
			grant.Access = access
			return grant, nil
		}
	}
	return store.Grant{}, fmt.Errorf("%s is allowed %v, which is neither Full, Change nor Read", name, mask)
}

// accessOf is what a descriptor that was asked for says, in SDDL: nil if sh says
// the same already. The error is a refusal.
func (g *grantees) accessOf(sddl string, sh *admin.Share) (*store.ShareAccess, error) {
	access, err := g.read(strings.TrimSpace(sddl))
	if err != nil {
		return nil, invalid("SecurityDescriptor", err)
	}
	if sh == nil {
		return access, nil
	}
	was, err := g.read(sh.SecurityDescriptor)
	if err == nil && was.Restricted == access.Restricted && slices.Equal(sorted(was.Grants), sorted(access.Grants)) {
		return nil, nil
	}
	return access, nil
}

// sorted are the grants by account.
func sorted(grants []store.Grant) []store.Grant {
	return slices.SortedFunc(slices.Values(grants), func(a, b store.Grant) int { return strings.Compare(a.Account, b.Account) })
}
