package policy

// TreatHostAsStableStorage is whether what was written counts as being on
// disk.
var TreatHostAsStableStorage = Define(Key[bool]{
	Name: "server.TreatHostAsStableStorage", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextTreeConnect,
	Doc:     "Answer FLUSH and write-through before the data is on disk.",
	Section: "[MS-SMB2] 3.3.5.11",
	Caution: func(trust bool) string {
		if !trust {
			return ""
		}
		return "Not recommended. When the power fails, what clients were told is safe on disk may be lost."
	},
})

// EnableOplocks is whether oplocks are granted.
var EnableOplocks = Define(Key[bool]{
	Name: "server.EnableOplocks", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextTreeConnect,
	Doc:     "Grant oplocks. Leases have a property of their own, EnableLeasing.",
	Section: "[MS-SMB2] 3.3.5.9",
})

// EnableLeasing is whether leases are granted.
var EnableLeasing = Define(Key[bool]{
	Name: "server.EnableLeasing", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
	Doc:     "Grant leases, by which clients keep what they read and write, and files open, until somebody else wants them.",
	Section: "[MS-SMB2] 3.3.5.9.8",
})

// EnableDirectoryHandleLeasing is whether leases are granted of directories.
var EnableDirectoryHandleLeasing = Define(Key[bool]{
	Name: "server.EnableDirectoryHandleLeasing", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
	Doc:     "Grant leases of directories, by which clients of dialect 3.x keep listings.",
	Section: "[MS-SMB2] 3.3.5.9.11",
})

// OplockBreakWait is how long whoever wants a file waits for a client that
// caches it.
var OplockBreakWait = Define(Key[uint32]{
	Name: "server.OplockBreakWait", Default: 35, Kind: number(5, 600), Scope: PerServer, Reload: NextTreeConnect,
	Doc:     "Seconds a client has to give up what it caches when somebody else wants the file; then it loses it.",
	Section: "[MS-SMB2] 3.3.2.1",
})

var (
	_ = planned("server.DurableHandleV2TimeoutInSeconds", uint32(180), number(0, 86400), "Seconds a durable open waits for its client.", "there are no durable opens yet")
	_ = planned("server.EnableDownlevelTimewarp", false, boolean(), "Show previous versions to old clients.", "previous versions are not served yet")
)

var (
	_ = notApplicable("server.AutoShareServer", true, boolean(), "Share every disk with administrators.", "no disk is shared unless somebody says so")
	_ = notApplicable("server.AutoShareWorkstation", true, boolean(), "Share every disk with administrators.", "no disk is shared unless somebody says so")
	_ = notApplicable("server.CachedOpenLimit", uint32(10), number(0, 65535), "Files kept open after their close.", "a file is closed when its client closes it")
)
