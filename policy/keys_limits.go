package policy

// Smb2CreditsMax bounds the credits a client may hold: at least those that the
// largest READ or WRITE costs, at most those that the server keeps account of.
var Smb2CreditsMax = Define(Key[uint32]{
	Name: "server.Smb2CreditsMax", Default: 8192, Kind: number(128, 8192), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most credits a connection holds at a time.",
	Section: "[MS-SMB2] 3.3.1.2",
})

// AsynchronousCredits bounds the requests that wait for something: locks,
// pipes, disks. What they need is not covered by credits, which an interim
// response gives back.
var AsynchronousCredits = Define(Key[uint32]{
	Name: "server.AsynchronousCredits", Default: 512, Kind: number(1, 8192), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most requests of a connection that wait at a time.",
	Section: "[MS-SMB2] 3.3.4.2",
})

// PendingClientTimeoutInSeconds bounds the time to the first session.
var PendingClientTimeoutInSeconds = Define(Key[uint32]{
	Name: "server.PendingClientTimeoutInSeconds", Default: 120, Kind: number(1, 86400), Scope: PerServer, Reload: NextConnection,
	Doc:     "Seconds a connection may exist without a signed-in session.",
	Section: "local",
})
