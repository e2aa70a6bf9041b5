package policy

// KeepAliveTime is when TCP asks a silent client whether it is still there.
var KeepAliveTime = Define(Key[uint32]{
	Name: "server.KeepAliveTime", Default: 2, Kind: number(0, 1440), Scope: PerServer, Reload: NextConnection,
	Doc:     "Minutes of silence after which TCP probes a connection; 0 is never.",
	Section: "local",
})

// AutoDisconnectTimeoutInSecondsV2 ends sessions that nobody uses.
var AutoDisconnectTimeoutInSecondsV2 = Define(Key[uint32]{
	Name: "server.AutoDisconnectTimeoutInSecondsV2", Default: 900, Kind: number(0, 1<<31-1), Scope: PerServer, Reload: NextSession,
	Doc:     "Seconds without a request after which a session that has nothing open is ended; 0 is never.",
	Section: "local",
})

// EnableSMB2Protocol is whether the server speaks at all: there is no other
// protocol.
var EnableSMB2Protocol = Define(Key[bool]{
	Name: "server.EnableSMB2Protocol", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
	Doc:     "Speak SMB 2 and 3; False refuses every new connection.",
	Section: "[MS-SMB2] 3.3.5.4",
})

const onlySMB1 = "it is about SMB1, which is never spoken"

var (
	_ = notApplicable("server.EnableSMB1Protocol", false, onlyFalse(), "Speak SMB1.", "SMB1 is never spoken, and cannot be turned on")
	_ = notApplicable("server.AutoDisconnectTimeoutInMinutesV1", uint32(15), number(0, 1<<16), "Minutes after which idle SMB1 sessions are ended.", onlySMB1)
	_ = notApplicable("server.MaxMpxCount", uint32(50), number(1, 65535), "Requests that an SMB1 client may have outstanding.", onlySMB1+"; Smb2CreditsMax bounds requests")
)

const noQUIC = "there is no SMB over QUIC yet"

var (
	_ = planned("server.EnableSMBQUIC", true, boolean(), "Serve SMB over QUIC where a certificate is mapped.", noQUIC)
	_ = planned("server.DisableSmbEncryptionOnSecureConnection", true, boolean(), "Leave SMB encryption out inside QUIC.", noQUIC)
	_ = planned("server.RestrictNamedpipeAccessViaQuic", true, boolean(), "Refuse named pipes over QUIC.", noQUIC)
	_ = planned("server.AuditClientCertificateAccess", false, boolean(), "Record which client certificates were let in.", noQUIC)
)

const noCompression = "messages are not compressed yet"

var (
	_ = planned("server.DisableCompression", false, boolean(), "Never compress messages.", noCompression)
	_ = planned("server.RequestCompression", false, boolean(), "Compress where the client does not ask for it.", noCompression)
)

const ownScheduling = "Windows' own scheduling: requests wait for no such thing here"

var (
	_ = notApplicable("server.IrpStackSize", uint32(15), number(1, 50), "Stack locations of Windows' I/O requests.", ownScheduling)
	_ = notApplicable("server.MaxThreadsPerQueue", uint32(20), number(1, 65535), "Threads for each queue of requests.", ownScheduling)
	_ = notApplicable("server.MaxWorkItems", uint32(1), number(1, 65535), "Receive buffers of the server.", ownScheduling)
)
