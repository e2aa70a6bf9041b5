package policy

const noClient = "the client does not exist yet"

// What the client insists on. Nothing connects by it yet; the decision is
// computed with it.
var (
	// ClientRequireSecuritySignature is the outbound signing requirement.
	ClientRequireSecuritySignature = Define(Key[bool]{
		Name: "client.RequireSecuritySignature", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Refuse servers that do not sign.",
		Section: "[MS-SMB2] 3.2.1.1 RequireMessageSigning", Planned: noClient,
		Caution: func(require bool) string {
			if require {
				return ""
			}
			return "Not recommended. Without signing, what servers answer can be altered on the way, and sign-ins relayed."
		},
	})
	// ClientRequireEncryption is the outbound encryption requirement.
	ClientRequireEncryption = planned("client.RequireEncryption", false, boolean(), "Refuse servers that do not encrypt.", noClient)
	// EnableInsecureGuestLogons is whether a server may take the user for a
	// guest.
	EnableInsecureGuestLogons = Define(Key[bool]{
		Name: "client.EnableInsecureGuestLogons", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Stay with servers that take the user for a guest, where signing is not required.",
		Section: "[MS-SMB2] 3.2.5.3.1 AllowInsecureGuestAccess", Planned: noClient,
		Caution: func(enabled bool) string {
			if !enabled {
				return ""
			}
			return "Not recommended. A guest cannot tell the server from another, and neither can sign. It counts only while client.RequireSecuritySignature is False."
		},
	})

	clientSmb2DialectMin = planned("client.Smb2DialectMin", DialectNone, oneOf(dialectWords), "Lowest dialect spoken; None is no bound.", noClient)
	clientSmb2DialectMax = planned("client.Smb2DialectMax", DialectNone, oneOf(dialectWords), "Highest dialect spoken; None is no bound.", noClient)
)

var (
	_ = planned("client.AuditInsecureGuestLogon", false, boolean(), "Record sign-ins as guest.", noClient)
	_ = planned("client.AuditServerDoesNotSupportEncryption", false, boolean(), "Record servers that cannot encrypt.", noClient)
	_ = planned("client.AuditServerDoesNotSupportSigning", false, boolean(), "Record servers that do not offer to sign.", noClient)
	_ = planned("client.BlockNTLM", false, boolean(), "Sign in by Kerberos only.", noClient)
	_ = planned("client.BlockNTLMServerExceptionList", []string(nil), names(), "Servers to which BlockNTLM does not apply.", noClient)
	_ = planned("client.ConnectionCountPerRssNetworkInterface", uint32(4), number(1, 16), "Connections by an interface with several queues.", noClient)
	_ = planned("client.DirectoryCacheEntriesMax", uint32(16), number(0, 4096), "Directories whose listings are kept.", noClient)
	_ = planned("client.DirectoryCacheEntrySizeMax", uint32(65536), number(0, 65536), "Bytes of a listing that are kept.", noClient)
	_ = planned("client.DirectoryCacheLifetime", uint32(10), number(0, 600), "Seconds for which a listing is kept.", noClient)
	_ = planned("client.EnableLargeMtu", true, boolean(), "Read and write more than 64 KiB at once.", noClient)
	_ = planned("client.EnableMultiChannel", true, boolean(), "Use several connections for one session.", noClient)
	_ = planned("client.EncryptionCiphers", []Cipher{AES128GCM, AES128CCM, AES256GCM, AES256CCM}, listOf(cipherWords), "Ciphers offered at dialect 3.1.1, most wanted first.", noClient)
	_ = planned("client.ExtendedSessionTimeout", uint32(1000), number(10, 65535), "Seconds to wait for servers that may be slow.", noClient)
	_ = planned("client.FileInfoCacheEntriesMax", uint32(64), number(0, 65536), "Files whose attributes are kept.", noClient)
	_ = planned("client.FileInfoCacheLifetime", uint32(10), number(0, 600), "Seconds for which attributes are kept.", noClient)
	_ = planned("client.FileNotFoundCacheEntriesMax", uint32(128), number(0, 65536), "Missing files that are remembered.", noClient)
	_ = planned("client.FileNotFoundCacheLifetime", uint32(5), number(0, 600), "Seconds for which a missing file is remembered.", noClient)
	_ = planned("client.InvalidAuthenticationCacheLifetime", uint32(30), number(0, 3600), "Seconds for which a refused sign-in is not tried again.", noClient)
	_ = planned("client.KeepConn", uint32(600), number(1, 65535), "Seconds for which an unused connection is kept.", noClient)
	_ = planned("client.MaxCmds", uint32(50), number(1, 65535), "Requests outstanding at a time.", noClient)
	_ = planned("client.MaximumConnectionCountPerServer", uint32(32), number(1, 64), "Most connections to one server.", noClient)
	_ = planned("client.OplocksDisabled", false, boolean(), "Ask for no oplocks.", noClient)
	_ = planned("client.SessionTimeout", uint32(60), number(10, 65535), "Seconds to wait for an answer.", noClient)
	_ = planned("client.UseOpportunisticLocking", true, boolean(), "Ask for oplocks and leases.", noClient)
)

const (
	noCompressionOfClient = noClient + "; nor are messages compressed"
	noQUICOfClient        = noClient + "; nor is there SMB over QUIC"
)

var (
	_ = planned("client.CompressibilitySamplingSize", uint64(524288000), numbers[uint64](0, 1<<53), "Bytes of a file that are tried before compressing is given up.", noCompressionOfClient)
	_ = planned("client.CompressibleThreshold", uint64(104857600), numbers[uint64](0, 1<<53), "Bytes that must compress for the rest to be compressed.", noCompressionOfClient)
	_ = planned("client.DisableCompression", false, boolean(), "Never compress messages.", noCompressionOfClient)
	_ = planned("client.EnableCompressibilitySampling", false, boolean(), "Try whether a file compresses.", noCompressionOfClient)
	_ = planned("client.RequestCompression", false, boolean(), "Compress every file.", noCompressionOfClient)
	_ = planned("client.DisabledSMBQUICServerExceptionList", []string(nil), names(), "Servers for which SMB over QUIC stays on where it is off.", noQUICOfClient)
	_ = planned("client.EnableSMBQUIC", true, boolean(), "Try SMB over QUIC after TCP.", noQUICOfClient)
	_ = planned("client.ForceSMBEncryptionOverQuic", false, boolean(), "Encrypt inside QUIC, too.", noQUICOfClient)
	_ = planned("client.SkipCertificateCheck", false, boolean(), "Do not verify certificates of SMB over QUIC.", noQUICOfClient)
)

var (
	_ = notApplicable("client.DormantFileLimit", uint32(1023), number(1, 65535), "Files kept open after their close.", "a file is closed when the program closes it")
	_ = notApplicable("client.EnableBandwidthThrottling", true, boolean(), "Slow down on slow lines.", "TCP does that")
	_ = notApplicable("client.EnableByteRangeLockingOnReadOnlyFiles", true, boolean(), "Lock ranges of files opened for reading.", "programs lock what they ask for")
	_ = notApplicable("client.EnableLoadBalanceScaleOut", true, boolean(), "Move connections between the nodes of a cluster.", "clusters are not followed")
	_ = notApplicable("client.EnableMailslots", false, boolean(), "Send remote mailslot messages.", "mailslots need NetBIOS datagrams, which are never spoken")
	_ = notApplicable("client.EnableSecuritySignature", true, boolean(), "Sign where the SMB1 server can.", "SMB 2 and 3 ignore it: RequireSecuritySignature alone decides")
	_ = notApplicable("client.WindowSizeThreshold", uint32(8), number(1, 65535), "Window at which connections are added.", "connections are added by MaximumConnectionCountPerServer alone")
)
