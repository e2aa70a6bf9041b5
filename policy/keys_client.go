package policy

// What the client insists on.
var (
	// ClientRequireSecuritySignature is the outbound signing requirement.
	ClientRequireSecuritySignature = Define(Key[bool]{
		Name: "client.RequireSecuritySignature", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Refuse servers that do not sign.",
		Section: "[MS-SMB2] 3.2.1.1 RequireMessageSigning",
		Caution: func(require bool) string {
			if require {
				return ""
			}
			return "Not recommended. Without signing, what servers answer can be altered on the way, and sign-ins relayed."
		},
	})
	// ClientRequireEncryption is the outbound encryption requirement.
	ClientRequireEncryption = Define(Key[bool]{
		Name: "client.RequireEncryption", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Refuse servers that do not encrypt.",
		Section: "[MS-SMB2] 3.2.5.3.1",
	})
	// EnableInsecureGuestLogons is whether a server may take the user for a
	// guest.
	EnableInsecureGuestLogons = Define(Key[bool]{
		Name: "client.EnableInsecureGuestLogons", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Stay with servers that take the user for a guest, where signing is not required.",
		Section: "[MS-SMB2] 3.2.5.3.1 AllowInsecureGuestAccess",
		Caution: func(enabled bool) string {
			if !enabled {
				return ""
			}
			return "Not recommended. A guest cannot tell the server from another, and neither can sign. It counts only while client.RequireSecuritySignature is False."
		},
	})
)

// How the client speaks.
var (
	// ClientSmb2DialectMin is the lowest dialect that is offered.
	ClientSmb2DialectMin = Define(Key[Dialect]{
		Name: "client.Smb2DialectMin", Default: DialectNone, Kind: oneOf(dialectWords), Scope: PerServer, Reload: NextConnection,
		Doc:     "Lowest dialect spoken; None is no bound.",
		Section: "[MS-SMB2] 3.2.4.2.2.2",
	})
	// ClientSmb2DialectMax is the highest dialect that is offered.
	ClientSmb2DialectMax = Define(Key[Dialect]{
		Name: "client.Smb2DialectMax", Default: DialectNone, Kind: oneOf(dialectWords), Scope: PerServer, Reload: NextConnection,
		Doc:     "Highest dialect spoken; None is no bound.",
		Section: "[MS-SMB2] 3.2.4.2.2.2",
	})
	// ClientEncryptionCiphers is what is offered to seal with.
	ClientEncryptionCiphers = Define(Key[[]Cipher]{
		Name: "client.EncryptionCiphers", Default: []Cipher{AES128GCM, AES128CCM, AES256GCM, AES256CCM},
		Kind: listOf(cipherWords), Scope: PerServer, Reload: NextConnection,
		Doc:     "Ciphers offered at dialect 3.1.1, most wanted first.",
		Section: "[MS-SMB2] 3.2.4.2.2.2 SMB2_ENCRYPTION_CAPABILITIES",
	})
	// EnableLargeMtu is whether a request may cost several credits.
	EnableLargeMtu = Define(Key[bool]{
		Name: "client.EnableLargeMtu", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Read and write more than 64 KiB at once.",
		Section: "[MS-SMB2] 3.2.4.1.5",
	})
	// BlockNTLM is whether NTLM is never spoken.
	BlockNTLM = Define(Key[bool]{
		Name: "client.BlockNTLM", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Sign in by Kerberos only.",
		Section: "local",
	})
	// BlockNTLMServerExceptionList is with whom it is spoken all the same.
	BlockNTLMServerExceptionList = Define(Key[[]string]{
		Name: "client.BlockNTLMServerExceptionList", Default: nil, Kind: names(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Servers to which BlockNTLM does not apply.",
		Section: "local",
	})
	// HardenedPaths is UNC hardening, as Windows' group policy "Hardened UNC Paths"
	// sets it.
	HardenedPaths = Define(Key[[]HardenedPath]{
		Name: "client.HardenedPaths",
		Default: []HardenedPath{
			{Server: "*", Share: "SYSVOL", MutualAuthentication: true, Integrity: true},
			{Server: "*", Share: "NETLOGON", MutualAuthentication: true, Integrity: true},
		},
		Kind: hardenedPaths(), Scope: PerServer, Reload: NextConnection,
		Doc:     `Demands on shares by their path: \\server\share, \\*\share, \\server\*. What several patterns demand is demanded together.`,
		Section: "local",
	})
	// SessionTimeout is when a silent server is given up.
	SessionTimeout = Define(Key[uint32]{
		Name: "client.SessionTimeout", Default: 60, Kind: number(10, 65535), Scope: PerServer, Reload: NextConnection,
		Doc:     "Seconds to wait for an answer.",
		Section: "[MS-SMB2] 3.2.6.1",
	})
	// ExtendedSessionTimeout is when a server is given up that answers others.
	ExtendedSessionTimeout = Define(Key[uint32]{
		Name: "client.ExtendedSessionTimeout", Default: 1000, Kind: number(10, 65535), Scope: PerServer, Reload: NextConnection,
		Doc:     "Seconds to wait for servers that may be slow.",
		Section: "[MS-SMB2] 3.2.6.1",
	})
	// ClientAuditInsecureGuestLogon is about servers that take the user for a
	// guest.
	ClientAuditInsecureGuestLogon = Define(Key[bool]{
		Name: "client.AuditInsecureGuestLogon", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Record sign-ins as guest.",
		Section: "[MS-SMB2] 3.2.5.3.1",
	})
	// AuditServerDoesNotSupportEncryption is about servers without a cipher in
	// common.
	AuditServerDoesNotSupportEncryption = Define(Key[bool]{
		Name: "client.AuditServerDoesNotSupportEncryption", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Record servers that cannot encrypt.",
		Section: "[MS-SMB2] 3.2.5.2",
	})
	// AuditServerDoesNotSupportSigning is about servers that do not say that
	// they can sign.
	AuditServerDoesNotSupportSigning = Define(Key[bool]{
		Name: "client.AuditServerDoesNotSupportSigning", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Record servers that do not offer to sign.",
		Section: "[MS-SMB2] 3.2.5.2",
	})
	// MaxCmds is how many requests are under way at a time.
	MaxCmds = Define(Key[uint32]{
		Name: "client.MaxCmds", Default: 50, Kind: number(1, 65535), Scope: PerServer, Reload: NextConnection,
		Doc:     "Requests outstanding at a time.",
		Section: "[MS-SMB2] 3.2.4.1.2",
	})
	// ClientEnableMultiChannel is whether a session is bound to further
	// connections. Windows' default is True; those sessions do not sign with
	// AES-GMAC, which is faster on one connection.
	ClientEnableMultiChannel = Define(Key[bool]{
		Name: "client.EnableMultiChannel", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Use several connections for one session, at dialect 3.1.1; AES-GMAC is then not offered to sign with.",
		Section: "[MS-SMB2] 3.2.5.14.11",
	})
	// ConnectionCountPerRssNetworkInterface is for interfaces that say that
	// they have several queues.
	ConnectionCountPerRssNetworkInterface = Define(Key[uint32]{
		Name: "client.ConnectionCountPerRssNetworkInterface", Default: 4, Kind: number(1, 16), Scope: PerServer, Reload: NextConnection,
		Doc:     "Connections to an interface with several queues, with EnableMultiChannel.",
		Section: "[MS-SMB2] 3.2.5.14.11",
	})
	// MaximumConnectionCountPerServer bounds the connections of one session.
	MaximumConnectionCountPerServer = Define(Key[uint32]{
		Name: "client.MaximumConnectionCountPerServer", Default: 32, Kind: number(1, 64), Scope: PerServer, Reload: NextConnection,
		Doc:     "Most connections of one session, with EnableMultiChannel.",
		Section: "[MS-SMB2] 3.2.5.14.11",
	})
	// OplocksDisabled is whether no oplock or lease is asked for, so that no
	// file outlives its connection.
	OplocksDisabled = Define(Key[bool]{
		Name: "client.OplocksDisabled", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Ask for no oplocks: no file stays open when its connection is lost.",
		Section: "[MS-SMB2] 3.2.4.3",
	})
	// UseOpportunisticLocking is the same the other way round, as Windows has
	// it: an oplock takes both.
	UseOpportunisticLocking = Define(Key[bool]{
		Name: "client.UseOpportunisticLocking", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextConnection,
		Doc:     "Ask for oplocks and leases, by which files stay open when their connection is lost.",
		Section: "[MS-SMB2] 3.2.4.3",
	})
)

var (
	_ = notApplicable("client.DirectoryCacheEntriesMax", uint32(16), number(0, 4096), "Directories whose listings are kept.", "nothing is cached: what is asked is asked of the server")
	_ = notApplicable("client.DirectoryCacheEntrySizeMax", uint32(65536), number(0, 65536), "Bytes of a listing that are kept.", "nothing is cached: what is asked is asked of the server")
	_ = notApplicable("client.DirectoryCacheLifetime", uint32(10), number(0, 600), "Seconds for which a listing is kept.", "nothing is cached: what is asked is asked of the server")
	_ = notApplicable("client.FileInfoCacheEntriesMax", uint32(64), number(0, 65536), "Files whose attributes are kept.", "nothing is cached: what is asked is asked of the server")
	_ = notApplicable("client.FileInfoCacheLifetime", uint32(10), number(0, 600), "Seconds for which attributes are kept.", "nothing is cached: what is asked is asked of the server")
	_ = notApplicable("client.FileNotFoundCacheEntriesMax", uint32(128), number(0, 65536), "Missing files that are remembered.", "nothing is cached: what is asked is asked of the server")
	_ = notApplicable("client.FileNotFoundCacheLifetime", uint32(5), number(0, 600), "Seconds for which a missing file is remembered.", "nothing is cached: what is asked is asked of the server")
	_ = planned("client.InvalidAuthenticationCacheLifetime", uint32(30), number(0, 3600), "Seconds for which a refused sign-in is not tried again.", "nothing is remembered from one sign-in to the next yet")
	_ = notApplicable("client.KeepConn", uint32(600), number(1, 65535), "Seconds for which an unused connection is kept.", "a connection lives as long as its session")
)

const (
	noCompressionOfClient = "messages are not compressed yet"
	noQUICOfClient        = "there is no SMB over QUIC yet"
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
