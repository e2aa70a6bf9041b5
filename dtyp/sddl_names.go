package dtyp

import "slices"

// sddlACEFlags are the names of ACE flags, in the order in which Windows
// writes them. [MS-DTYP] 2.5.1.1.
var sddlACEFlags = [...]sddlFlag[ACEFlags]{
	{"OI", ObjectInheritACE},
	{"CI", ContainerInheritACE},
	{"NP", NoPropagateInheritACE},
	{"IO", InheritOnlyACE},
	{"ID", InheritedACE},
	{"SA", SuccessfulAccessACEFlag},
	{"FA", FailedAccessACEFlag},
}

// sddlRights are the names of single rights, in the order in which Windows
// writes them. The lowest nine are named after objects of a directory
// service, whatever the object. [MS-DTYP] 2.5.1.1.
var sddlRights = [...]sddlFlag[AccessMask]{
	{"CC", 0x00000001},
	{"DC", 0x00000002},
	{"LC", 0x00000004},
	{"SW", 0x00000008},
	{"RP", 0x00000010},
	{"WP", 0x00000020},
	{"DT", 0x00000040},
	{"LO", 0x00000080},
	{"CR", 0x00000100},
	{"SD", Delete},
	{"RC", ReadControl},
	{"WD", WriteDAC},
	{"WO", WriteOwner},
	{"GA", GenericAll},
	{"GX", GenericExecute},
	{"GW", GenericWrite},
	{"GR", GenericRead},
}

// sddlFileRights are the names of rights that go together on a file.
// [MS-DTYP] 2.5.1.1.
var sddlFileRights = [...]sddlFlag[AccessMask]{
	{"FA", FileAllAccess},
	{"FR", FileGenericRead},
	{"FW", FileGenericWrite},
	{"FX", FileGenericExecute},
}

// sddlKeyRights are those of a registry key. They are read, never written:
// as rights of a file they would mislead. [MS-DTYP] 2.5.1.1.
var sddlKeyRights = [...]sddlFlag[AccessMask]{
	{"KA", 0x000F003F},
	{"KR", 0x00020019},
	{"KW", 0x00020006},
	{"KX", 0x00020019},
}

// sddlReadRights are all of the names above: what is read in an entry that is
// no mandatory label.
var sddlReadRights = slices.Concat(sddlRights[:], sddlFileRights[:], sddlKeyRights[:])

// sddlLabelRights are the rights of a mandatory label: what those below it
// may not do. The names are Windows'; 2.5.1.1 leaves them to the object.
// [MS-DTYP] 2.4.4.13.
var sddlLabelRights = [...]sddlFlag[AccessMask]{
	{"NW", 0x1},
	{"NR", 0x2},
	{"NX", 0x4},
}

// sddlSID is a SID with its alias.
type sddlSID struct {
	name string
	sid  SID
}

// sddlSIDs are the aliases of SIDs that are the same everywhere.
// [MS-DTYP] 2.5.1.1 and, for their values, 2.4.2.4.
var sddlSIDs = [...]sddlSID{
	{"WD", SIDEveryone},
	{"CO", SIDCreatorOwner},
	{"CG", SIDCreatorGroup},
	{"OW", NewSID(3, 4)},
	{"NU", SIDNetwork},
	{"IU", NewSID(5, 4)},
	{"SU", NewSID(5, 6)},
	{"AN", SIDAnonymous},
	{"ED", NewSID(5, 9)},
	{"PS", NewSID(5, 10)},
	{"AU", SIDAuthenticatedUsers},
	{"RC", NewSID(5, 12)},
	{"SY", SIDLocalSystem},
	{"LS", NewSID(5, 19)},
	{"NS", NewSID(5, 20)},
	{"WR", NewSID(5, 33)},
	{"BA", SIDBuiltinAdministrators},
	{"BU", SIDBuiltinUsers},
	{"BG", SIDBuiltinGuests},
	{"PU", NewSID(5, 32, 547)},
	{"AO", NewSID(5, 32, 548)},
	{"SO", NewSID(5, 32, 549)},
	{"PO", NewSID(5, 32, 550)},
	{"BO", NewSID(5, 32, 551)},
	{"RE", NewSID(5, 32, 552)},
	{"RU", NewSID(5, 32, 554)},
	{"RD", NewSID(5, 32, 555)},
	{"NO", NewSID(5, 32, 556)},
	{"MU", NewSID(5, 32, 558)},
	{"LU", NewSID(5, 32, 559)},
	{"IS", NewSID(5, 32, 568)},
	{"CY", NewSID(5, 32, 569)},
	{"ER", NewSID(5, 32, 573)},
	{"CD", NewSID(5, 32, 574)},
	{"RA", NewSID(5, 32, 575)},
	{"ES", NewSID(5, 32, 576)},
	{"MS", NewSID(5, 32, 577)},
	{"HA", NewSID(5, 32, 578)},
	{"AA", NewSID(5, 32, 579)},
	{"RM", NewSID(5, 32, 580)},
	{"UD", NewSID(5, 84, 0, 0, 0, 0, 0)},
	{"AC", NewSID(15, 2, 1)},
	{"LW", NewSID(16, 4096)},
	{"ME", NewSID(16, 8192)},
	{"MP", NewSID(16, 8448)},
	{"HI", NewSID(16, 12288)},
	{"SI", NewSID(16, 16384)},
}

// sddlDomainSIDs are the aliases of accounts of a domain or a machine, which
// name nobody without it. [MS-DTYP] 2.5.1.1.
var sddlDomainSIDs = [...]string{
	"DA", "DG", "DU", "DD", "DC", "LA", "LG", "SA", "CA", "RS", "EA", "PA", "RO", "CN",
}
