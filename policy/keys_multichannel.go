package policy

// EnableMultiChannel is whether a session may be bound to further
// connections.
var EnableMultiChannel = Define(Key[bool]{
	Name: "server.EnableMultiChannel", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
	Doc:     "Let a client use one session over several connections.",
	Section: "[MS-SMB2] 3.3.1.5 IsMultiChannelCapable",
})
