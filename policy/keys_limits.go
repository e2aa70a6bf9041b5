package policy

// The limits of this file hold what a client, or a crowd of them, can take from
// the others. Where Windows has a word for one it is used; most have none.
// docs/limits.md is generated from them.

// MaxConnections bounds the connections of all clients.
var MaxConnections = Define(Key[uint32]{
	Name: "server.MaxConnections", Default: 16384, Kind: number(16, 1<<20), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most connections at a time; never more than a quarter of the process's file descriptors.",
	Section: "local",
	Limit: &Limit{
		AtLimit: "the oldest connection without a session, of the address with most of those, is closed; if all have sessions, the new one",
		Why:     "a client needs one; each costs about 20 KiB and two descriptors",
	},
})

// MaxConnectionsPerAddress bounds the connections of one client.
var MaxConnectionsPerAddress = Define(Key[uint32]{
	Name: "server.MaxConnectionsPerAddress", Default: 2048, Kind: number(1, 1<<20), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most connections at a time from one address (IPv6: one /64 network).",
	Section: "local",
	Limit: &Limit{
		AtLimit: "the oldest connection of that address without a session is closed; if all have sessions, the new one",
		Why:     "room for an office behind one address; eight such addresses fill the server",
	},
})

// MaxPendingConnections bounds the connections on which nobody has signed in.
var MaxPendingConnections = Define(Key[uint32]{
	Name: "server.MaxPendingConnections", Default: 1024, Kind: number(4, 1<<16), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most connections at a time on which nobody has signed in yet.",
	Section: "local",
	Limit: &Limit{
		AtLimit: "the oldest of them, of the address with most of them, is closed",
		Why:     "a sign-in takes milliseconds, so this is thousands a second; each may hold 256 KiB",
	},
})

// MaxPendingConnectionsPerAddress bounds them for one client.
var MaxPendingConnectionsPerAddress = Define(Key[uint32]{
	Name: "server.MaxPendingConnectionsPerAddress", Default: 256, Kind: number(1, 1<<16), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most connections at a time from one address (IPv6: one /64 network) on which nobody has signed in yet.",
	Section: "local",
	Limit: &Limit{
		AtLimit: "the oldest of them is closed",
		Why:     "a quarter of all, so that one address alone cannot use them up",
	},
})

// AsynchronousCredits bounds the requests that wait for something: locks,
// pipes, disks. What they need is not covered by credits, which an interim
// response gives back.
var AsynchronousCredits = Define(Key[uint32]{
	Name: "server.AsynchronousCredits", Default: 512, Kind: number(1, 8192), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most requests of a connection that wait at a time.",
	Section: "[MS-SMB2] 3.3.4.2",
	Limit: &Limit{
		AtLimit: "the request that would wait: STATUS_INSUFFICIENT_RESOURCES",
		Why:     "Windows Server's",
	},
})

// PendingClientTimeoutInSeconds bounds the time to the first session.
var PendingClientTimeoutInSeconds = Define(Key[uint32]{
	Name: "server.PendingClientTimeoutInSeconds", Default: 30, Kind: number(1, 86400), Scope: PerServer, Reload: NextConnection,
	Doc:     "Seconds a connection may exist without a signed-in session.",
	Section: "local",
	Limit: &Limit{
		AtLimit: "the connection is closed",
		Why:     "Windows waits 120; clients ask for the password before they connect, or connect again after",
	},
})

// MaxMemoryPerConnectionInMB bounds the requests and replies of a connection.
var MaxMemoryPerConnectionInMB = Define(Key[uint32]{
	Name: "server.MaxMemoryPerConnectionInMB", Default: 16, Kind: number(1, 1024), Scope: PerServer, Reload: NextConnection,
	Doc:     "MiB of requests, announced replies and unsent replies that a connection may hold.",
	Section: "local",
	Limit: &Limit{
		AtLimit: "the connection is not read until it holds less; before anybody signed in, until it holds nothing",
		Why:     "two transfers of 8 MiB on their way keep a line of 10 Gbit/s full",
	},
})

// MaxMemoryInMB bounds the requests and replies of all connections.
var MaxMemoryInMB = Define(Key[uint32]{
	Name: "server.MaxMemoryInMB", Default: 1024, Kind: number(64, 1<<20), Scope: PerServer, Reload: NextConnection,
	Doc:     "MiB of requests and replies that all connections together may hold before clients are told to slow down.",
	Section: "local",
	Limit: &Limit{
		AtLimit: "no credits beyond Smb2CreditsMin; messages of which a part has come may hold a quarter: then the longest of the address with most are cut off with their connections",
		Why:     "sixty-four connections at their own limit",
	},
})

// Smb2CreditsMax bounds the credits a client may hold: at least those that the
// largest READ or WRITE costs, at most those that the server keeps account of.
var Smb2CreditsMax = Define(Key[uint32]{
	Name: "server.Smb2CreditsMax", Default: 8192, Kind: number(128, 8192), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most credits a connection holds at a time, which is the most requests that it may have outstanding.",
	Section: "[MS-SMB2] 3.3.1.2",
	Limit: &Limit{
		AtLimit: "no more are granted; a request without one closes the connection ([MS-SMB2] 3.3.5.2.3)",
		Why:     "Windows Server's",
	},
})

// Smb2CreditsMin is how many credits a client may hold when memory is short.
var Smb2CreditsMin = Define(Key[uint32]{
	Name: "server.Smb2CreditsMin", Default: 64, Kind: number(1, 8192), Scope: PerServer, Reload: NextConnection,
	Doc:     "Credits a connection may hold while the server is short of memory.",
	Section: "[MS-SMB2] 3.3.1.2",
	Limit: &Limit{
		AtLimit: "no more are granted than were used",
		Why:     "Windows Server's is 512; sixty-four still carry 4 MiB at once",
	},
})

// MaxSessionPerConnection bounds the sessions of a connection.
var MaxSessionPerConnection = Define(Key[uint32]{
	Name: "server.MaxSessionPerConnection", Default: 2048, Kind: number(1, 16384), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most sessions of a connection, those being signed in included.",
	Section: "[MS-SMB2] 3.3.5.5",
	Limit: &Limit{
		AtLimit: "SESSION_SETUP: STATUS_INSUFFICIENT_RESOURCES",
		Why:     "Windows has 16384; a terminal server has one for each user",
	},
})

// MaxPendingSessionPerConnection bounds the authentications in progress.
var MaxPendingSessionPerConnection = Define(Key[uint32]{
	Name: "server.MaxPendingSessionPerConnection", Default: 16, Kind: number(1, 1024), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most sign-ins in progress on a connection.",
	Section: "[MS-SMB2] 3.3.5.5",
	Limit: &Limit{
		AtLimit: "SESSION_SETUP: STATUS_REQUEST_NOT_ACCEPTED",
		Why:     "a client signs in one user after the other; each holds the state of a mechanism",
	},
})

// MaxSessions bounds the sessions of all clients.
var MaxSessions = Define(Key[uint32]{
	Name: "server.MaxSessions", Default: 32768, Kind: number(1, 1<<20), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most sessions at a time, those being signed in included.",
	Section: "[MS-SMB2] 3.3.5.5",
	Limit: &Limit{
		AtLimit: "SESSION_SETUP: STATUS_INSUFFICIENT_RESOURCES; from three quarters on, for clients that have more than a sixteenth",
		Why:     "two for each connection",
	},
})

// MaxTreeConnectPerSession bounds the tree connects of a session.
var MaxTreeConnectPerSession = Define(Key[uint32]{
	Name: "server.MaxTreeConnectPerSession", Default: 1024, Kind: number(1, 1<<16), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most tree connects of a session.",
	Section: "[MS-SMB2] 3.3.5.7",
	Limit: &Limit{
		AtLimit: "TREE_CONNECT: STATUS_INSUFFICIENT_RESOURCES",
		Why:     "one for each share; nobody has more",
	},
})

// MaxOpenFiles bounds the opens of all clients.
var MaxOpenFiles = Define(Key[uint32]{
	Name: "server.MaxOpenFiles", Default: 65536, Kind: number(16, 1<<22), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most opens at a time; never more than the file descriptors that are left for them allow, two for each.",
	Section: "[MS-SMB2] 3.3.5.9",
	Limit: &Limit{
		AtLimit: "CREATE: STATUS_TOO_MANY_OPENED_FILES; from three quarters on, for clients that have more than a sixteenth",
		Why:     "thousands of clients with a dozen files each",
	},
})

// MaxOpenFilesPerSession bounds the opens of a session.
var MaxOpenFilesPerSession = Define(Key[uint32]{
	Name: "server.MaxOpenFilesPerSession", Default: 16384, Kind: number(1, 1<<20), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most opens of a session, pipes included.",
	Section: "[MS-SMB2] 3.3.5.9",
	Limit: &Limit{
		AtLimit: "CREATE: STATUS_TOO_MANY_OPENED_FILES",
		Why:     "Windows' sessopens ([MS-SRVS] 2.2.4.44)",
	},
})

// MaxOpenFilesPerAddress bounds the opens of one client.
var MaxOpenFilesPerAddress = Define(Key[uint32]{
	Name: "server.MaxOpenFilesPerAddress", Default: 32768, Kind: number(1, 1<<22), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most opens of the sessions from one address (IPv6: one /64 network).",
	Section: "[MS-SMB2] 3.3.5.9",
	Limit: &Limit{
		AtLimit: "CREATE: STATUS_TOO_MANY_OPENED_FILES",
		Why:     "half of all",
	},
})

// MaxPipesPerSession bounds the pipes of a session.
var MaxPipesPerSession = Define(Key[uint32]{
	Name: "server.MaxPipesPerSession", Default: 64, Kind: number(1, 4096), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most pipes that a session has open.",
	Section: "[MS-SMB2] 3.3.5.9",
	Limit: &Limit{
		AtLimit: "CREATE: STATUS_PIPE_NOT_AVAILABLE",
		Why:     "a client has one or two; each may hold a call of 1 MiB, which counts as memory of its connection",
	},
})

// MaxLocksPerOpen bounds the byte-range locks of an open.
var MaxLocksPerOpen = Define(Key[uint32]{
	Name: "server.MaxLocksPerOpen", Default: 16384, Kind: number(1, 1<<16), Scope: PerServer, Reload: NextConnection,
	Doc:     "Most byte ranges that an open has locked; all opens of a file together have four times as many.",
	Section: "[MS-SMB2] 3.3.5.14",
	Limit: &Limit{
		AtLimit: "LOCK: STATUS_INSUFFICIENT_RESOURCES",
		Why:     "databases that lock record by record ask for some ten thousand",
	},
})
