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

const noOplocks = "there are no oplocks and leases yet"

var (
	_ = planned("server.EnableOplocks", true, boolean(), "Grant oplocks.", noOplocks)
	_ = planned("server.EnableLeasing", true, boolean(), "Grant leases.", noOplocks)
	_ = planned("server.EnableDirectoryHandleLeasing", true, boolean(), "Grant leases of directories that cover open handles.", noOplocks)
	_ = planned("server.OplockBreakWait", uint32(35), number(5, 600), "Seconds a client has to acknowledge a break.", noOplocks)
	_ = planned("server.DurableHandleV2TimeoutInSeconds", uint32(180), number(0, 86400), "Seconds a durable open waits for its client.", "there are no durable opens yet")
	_ = planned("server.EnableDownlevelTimewarp", false, boolean(), "Show previous versions to old clients.", "previous versions are not served yet")
)

var (
	_ = notApplicable("server.AutoShareServer", true, boolean(), "Share every disk with administrators.", "no disk is shared unless somebody says so")
	_ = notApplicable("server.AutoShareWorkstation", true, boolean(), "Share every disk with administrators.", "no disk is shared unless somebody says so")
	_ = notApplicable("server.CachedOpenLimit", uint32(10), number(0, 65535), "Files kept open after their close.", "a file is closed when its client closes it")
)
