package directory

import "github.com/signet-smb/signet/dtyp"

// Names of domains that are no machine.
const (
	builtinDomain   = "BUILTIN"
	authorityDomain = "NT AUTHORITY"
	unixUsers       = "Unix User"
	unixGroups      = "Unix Group"
)

// BuiltinSID is the domain of the built-in groups, S-1-5-32.
var BuiltinSID = dtyp.NewSID(5, 32)

// GroupNone is the RID of the one group that every account of a machine is in.
const GroupNone = 513

// wellKnown are the principals that every machine has. [MS-DTYP] 2.4.2.4.
var wellKnown = []Principal{
	{SID: dtyp.NewSID(0, 0), Name: "NULL SID", Use: WellKnownGroup},
	{SID: dtyp.SIDEveryone, Name: "Everyone", Use: WellKnownGroup},
	{SID: dtyp.NewSID(2, 0), Name: "LOCAL", Use: WellKnownGroup},
	{SID: dtyp.SIDCreatorOwner, Name: "CREATOR OWNER", Use: WellKnownGroup},
	{SID: dtyp.SIDCreatorGroup, Name: "CREATOR GROUP", Use: WellKnownGroup},
	{SID: dtyp.NewSID(3, 4), Name: "OWNER RIGHTS", Use: WellKnownGroup},
	{SID: dtyp.NewSID(5, 1), Name: "DIALUP", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.SIDNetwork, Name: "NETWORK", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.NewSID(5, 3), Name: "BATCH", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.NewSID(5, 4), Name: "INTERACTIVE", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.NewSID(5, 6), Name: "SERVICE", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.SIDAnonymous, Name: "ANONYMOUS LOGON", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.NewSID(5, 10), Name: "SELF", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.SIDAuthenticatedUsers, Name: "Authenticated Users", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.SIDLocalSystem, Name: "SYSTEM", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.NewSID(5, 19), Name: "LOCAL SERVICE", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: dtyp.NewSID(5, 20), Name: "NETWORK SERVICE", Domain: authorityDomain, Use: WellKnownGroup},
	{SID: BuiltinSID, Domain: builtinDomain, Use: Domain},
	{SID: dtyp.SIDBuiltinAdministrators, Name: "Administrators", Domain: builtinDomain, Use: Alias},
	{SID: dtyp.SIDBuiltinUsers, Name: "Users", Domain: builtinDomain, Use: Alias},
	{SID: dtyp.SIDBuiltinGuests, Name: "Guests", Domain: builtinDomain, Use: Alias},
	{SID: BuiltinSID.Child(547), Name: "Power Users", Domain: builtinDomain, Use: Alias},
	{SID: BuiltinSID.Child(551), Name: "Backup Operators", Domain: builtinDomain, Use: Alias},
}
