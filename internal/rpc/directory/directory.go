package directory

import (
	"context"
	"strings"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
)

// Accounts is where the accounts are. Safe for concurrent use.
type Accounts interface {
	// MachineSID is the SID whose children the accounts are.
	MachineSID() dtyp.SID
	// List returns all accounts, always in the same order.
	List(ctx context.Context) ([]Account, error)
	// UnixName is what the system calls the user of S-1-22-1-uid, or the group
	// of S-1-22-2-gid; "" if it has no name.
	UnixName(sid dtyp.SID) string
	// UnixSID is the SID of a system user or group; zero if there is none.
	UnixSID(name string, group bool) dtyp.SID
}

// Account is one account of the machine.
type Account struct {
	Name          string
	SID           dtyp.SID
	Disabled      bool
	Administrator bool // is one of BUILTIN\Administrators
	PasswordSet   time.Time
}

// Use is a SID_NAME_USE. [MS-LSAT] 2.2.13.
type Use uint16

// Uses of SIDs.
const (
	User           Use = 1
	Group          Use = 2
	Domain         Use = 3
	Alias          Use = 4
	WellKnownGroup Use = 5
	Unknown        Use = 8
)

// Principal is who a SID is.
type Principal struct {
	SID    dtyp.SID
	Name   string // "" of a domain
	Domain string // "" of the oldest well-known SIDs
	Use    Use
}

// DomainSID is the SID of the domain that p is in, or is.
func (p *Principal) DomainSID() dtyp.SID {
	if p.Use == Domain {
		return p.SID
	}
	return p.SID.Parent()
}

// Directory is the machine's. Immutable; safe for concurrent use.
type Directory struct {
	Name     string // of the machine, which is the domain of its accounts
	Accounts Accounts
}

// View is the directory as it was at one moment. Safe for concurrent use.
type View struct {
	Machine  Principal // the machine as a domain
	Accounts []Account

	unix   Accounts
	bySID  map[dtyp.SID]Principal
	byName map[string]Principal // "DOMAIN\NAME" and "NAME", in upper case
}

// View looks at the directory.
func (d *Directory) View(ctx context.Context) (*View, error) {
	list, err := d.Accounts.List(ctx)
	if err != nil {
		return nil, err
	}
	v := &View{
		Machine:  Principal{SID: d.Accounts.MachineSID(), Domain: d.Name, Use: Domain},
		Accounts: list, unix: d.Accounts,
		bySID: make(map[dtyp.SID]Principal), byName: make(map[string]Principal),
	}
	for _, a := range list {
		v.add(Principal{SID: a.SID, Name: a.Name, Domain: d.Name, Use: User})
	}
	v.add(v.Machine)
	v.add(Principal{SID: v.Machine.SID.Child(GroupNone), Name: "None", Domain: d.Name, Use: Group})
	for _, p := range wellKnown {
		v.add(p)
	}
	return v, nil
}

// add enters p. A bare name is of who comes first: the accounts.
func (v *View) add(p Principal) {
	v.bySID[p.SID] = p
	qualified := auth.Upcase(p.Domain + `\` + p.Name)
	for _, name := range []string{qualified, auth.Upcase(p.Name), strings.TrimSuffix(qualified, `\`)} {
		if _, taken := v.byName[name]; !taken && name != "" {
			v.byName[name] = p
		}
	}
}

// BySID finds who a SID is.
func (v *View) BySID(sid dtyp.SID) (p Principal, ok bool) {
	if p, ok = v.bySID[sid]; ok {
		return p, true
	}
	_, user := sid.UID()
	_, group := sid.GID()
	if !user && !group {
		return p, false
	}
	name := v.unix.UnixName(sid)
	if name == "" {
		name = sid.String()
	}
	if user {
		return Principal{SID: sid, Name: name, Domain: unixUsers, Use: User}, true
	}
	return Principal{SID: sid, Name: name, Domain: unixGroups, Use: Group}, true
}

// ByName finds whose a name is: NAME, DOMAIN\NAME, or NAME@MACHINE, without
// regard to case. A domain of "." is the machine.
func (v *View) ByName(name string) (p Principal, ok bool) {
	if at := strings.LastIndexByte(name, '@'); at > 0 && !strings.Contains(name, `\`) {
		name = name[at+1:] + `\` + name[:at]
	}
	domain, bare, qualified := strings.Cut(name, `\`)
	if qualified && domain == "." {
		domain = v.Machine.Domain
		name = domain + `\` + bare
	}
	if p, ok = v.byName[auth.Upcase(strings.TrimPrefix(name, `\`))]; ok {
		return p, true
	}
	for _, kind := range []struct {
		domain string
		group  bool
		use    Use
	}{{unixUsers, false, User}, {unixGroups, true, Group}} {
		if !qualified || !strings.EqualFold(domain, kind.domain) {
			continue
		}
		if sid := v.unix.UnixSID(bare, kind.group); !sid.IsZero() {
			return Principal{SID: sid, Name: bare, Domain: kind.domain, Use: kind.use}, true
		}
	}
	return Principal{}, false
}

// Members are the accounts that are in a built-in group, by its RID.
func (v *View) Members(rid uint32) []Account {
	var list []Account
	for _, a := range v.Accounts {
		if rid == dtyp.SIDBuiltinUsers.RID() || rid == dtyp.SIDBuiltinAdministrators.RID() && a.Administrator {
			list = append(list, a)
		}
	}
	return list
}

// Aliases are the built-in groups.
func Aliases() []Principal {
	var list []Principal
	for _, p := range wellKnown {
		if p.Use == Alias {
			list = append(list, p)
		}
	}
	return list
}
