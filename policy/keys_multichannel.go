package policy

// EnableMultiChannel is whether a session may be bound to further
// connections.
var EnableMultiChannel = Define(Key[bool]{
	Name: "server.EnableMultiChannel", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
	Doc:     "Let a client use one session over several connections.",
	Section: "[MS-SMB2] 3.3.1.5 IsMultiChannelCapable",
})

// MaxChannelPerSession bounds the connections that a session is bound to.
var MaxChannelPerSession = Define(Key[uint32]{
	Name: "server.MaxChannelPerSession", Default: 32, Kind: number(1, 64), Scope: PerServer, Reload: NextSession,
	Doc:     "Most connections of one session.",
	Section: "[MS-SMB2] 3.3.5.5.2",
})
