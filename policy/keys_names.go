package policy

import "fmt"

// EnableStrictNameChecking is whether clients must call the server by a name
// that it has.
var EnableStrictNameChecking = Define(Key[bool]{
	Name: "server.EnableStrictNameChecking", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextTreeConnect,
	Doc:     "Refuse tree connects by a name that is neither the server's nor in OptionalNames.",
	Section: "[MS-SMB2] 3.3.5.7",
})

// OptionalNames are the server's further names. Windows has them in its
// registry only.
var OptionalNames = Define(Key[[]string]{
	Name: "server.OptionalNames", Default: nil, Kind: names(), Scope: PerServer, Reload: NextTreeConnect,
	Doc:     "Names that the server has besides the machine's.",
	Section: "local",
})

// NameHardening is how the service is judged that a client meant to reach.
type NameHardening uint8

// Levels of hardening.
const (
	NameHardeningOff      NameHardening = iota // not at all
	NameHardeningIfSent                        // a wrong one is refused
	NameHardeningRequired                      // none is refused, too
)

// SmbServerNameHardeningLevel refuses sign-ins that were meant for another
// server and relayed to this one.
var SmbServerNameHardeningLevel = Define(Key[NameHardening]{
	Name: "server.SmbServerNameHardeningLevel", Default: NameHardeningOff, Scope: PerServer, Reload: NextSession,
	Kind: kind[NameHardening]{
		parse: func(text string) (NameHardening, bool) {
			n, ok := number(0, 2).parse(text)
			return NameHardening(n), ok
		},
		format:  func(n NameHardening) string { return fmt.Sprint(uint8(n)) },
		allowed: []string{"0 to 2"},
	},
	Doc:     "Check the server name in a sign-in: 0 never, 1 if there is one, 2 always.",
	Section: "[MS-NLMP] 2.2.2.1 MsvAvTargetName",
})

// AnnounceComment tells people what the server is for.
var AnnounceComment = Define(Key[string]{
	Name: "server.AnnounceComment", Default: "", Kind: sentence(256), Scope: PerServer, Reload: AtOnce,
	Doc:     "Description of the server that clients show.",
	Section: "[MS-SRVS] 2.2.4.41",
})

// ServerHidden is whether the server asks not to be listed.
var ServerHidden = Define(Key[bool]{
	Name: "server.ServerHidden", Default: true, Kind: boolean(), Scope: PerServer, Reload: AtOnce,
	Doc:     "Tell clients not to show the server in lists of servers.",
	Section: "[MS-SRVS] 2.2.4.42",
})

var _ = notApplicable("server.AnnounceServer", false, boolean(),
	"Announce the server to the computer browser.", "the computer browser needs SMB1 and NetBIOS")

var _ = notApplicable("server.EnableMailslots", false, boolean(),
	"Take remote mailslot messages.", "mailslots need NetBIOS datagrams, which are never spoken")

const noScopes = "a server is not a cluster: it has no aliases of servers and no scopes"

var (
	_ = notApplicable("server.ValidateAliasNotCircular", true, boolean(), "Refuse aliases that lead back to themselves.", noScopes)
	_ = notApplicable("server.ValidateShareScope", true, boolean(), "Refuse shares of a scope that does not exist.", noScopes)
	_ = notApplicable("server.ValidateShareScopeNotAliased", true, boolean(), "Refuse shares of a scope that is an alias.", noScopes)
	_ = notApplicable("server.ValidateTargetName", true, boolean(), "Refuse aliases of names that do not exist.", noScopes)
)
