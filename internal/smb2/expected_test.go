package smb2

import (
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// ramp is the stand-in for buffers that the specification's examples leave
// out: n bytes counting up from first.
func ramp(n int, first byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// Values that several vectors share.
var (
	pipeID    = FileID{Persistent: 5, Volatile: 0xFFFFFFFF00000005}
	readID    = FileID{Persistent: 17, Volatile: 0xFFFFFFFF00000009}
	writeID   = FileID{Persistent: 25, Volatile: 0xFFFFFFFF00000005}
	leaseKey  = LeaseKey{0xE0, 0x33, 0x0E, 0x5A, 0x8A, 0x47, 0xA7, 0x9F, 0x42, 0x86, 0xB5, 0x23, 0x90, 0xB5, 0x85, 0x7B}
	guid43    = dtyp.GUID{0x09, 0xF2, 0x5C, 0x3F, 0xE5, 0xA4, 0x49, 0x00, 0xA7, 0xD6, 0x6A, 0x45, 0x6D, 0x5C, 0xA5, 0xCF}
	client48  = dtyp.GUID{0x0B, 0x4D, 0x2E, 0xF6, 0x85, 0xC6, 0x8B, 0xE4, 0x40, 0xB6, 0xD8, 0x15, 0xCB, 0x56, 0xFF, 0x6E}
	server48  = dtyp.GUID{0x79, 0x53, 0x00, 0x1B, 0x63, 0x80, 0xB6, 0xF0, 0x49, 0x07, 0x49, 0x57, 0x99, 0x87, 0x00, 0xA1}
	client410 = dtyp.GUID{0x04, 0x36, 0xA6, 0x21, 0x37, 0xEF, 0xEA, 0x11, 0xBB, 0x9E, 0x00, 0x15, 0x5D, 0x54, 0x66, 0x15}
	server410 = dtyp.GUID{0x2D, 0xA7, 0x82, 0xF7, 0xF9, 0x49, 0xA5, 0x47, 0x84, 0xDE, 0xFE, 0xFD, 0x41, 0x10, 0x65, 0xDF}

	spnegoNTLM = []byte("\x60\x1c\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x12\x30\x10\xa0\x0e" +
		"\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")
	spnego410 = []byte("\x60\x76\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x6c\x30\x6a\xa0\x3c" +
		"\x30\x3a\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02" +
		"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06\x0a\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03" +
		"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a\xa3\x2a\x30\x28\xa0\x26\x1b\x24" +
		"not_defined_in_RFC4178@please_ignore")

	leaseV2 = append(append(append([]byte{}, leaseKey[:]...), 7, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
		0xAD, 0x4E, 0x4F, 0x5B, 0xE6, 0xB0, 0x97, 0xB9, 0x42, 0x22, 0x50, 0xFA, 0xDE, 0xC1, 0xFD, 0x86)
	durableV2 = append(make([]byte, 16),
		0x70, 0x39, 0xAA, 0x33, 0x1A, 0xEF, 0xA4, 0x60, 0x4B, 0xF1, 0x11, 0xF5, 0xF9, 0xFB, 0xBF, 0xDB)
)

// time49 is the time of [MS-SMB2] 4.9.
var time49 = dtyp.FileTimeOf(time.Date(2012, 5, 11, 9, 23, 5, 943750e3, time.UTC))

// expected is what each vector decodes to, by its name.
var expected = map[string]Message{
	"error_response":           &ErrorResponse{},
	"error_response.no_byte":   &ErrorResponse{},
	"error_response.too_small": &ErrorResponse{Data: []byte{0x90, 0, 0, 0}},
	"error_response.context":   &ErrorResponse{ContextCount: 1, Data: []byte{2, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x03}},

	"negotiate_request": &NegotiateRequest{SecurityMode: SigningEnabled, Dialects: []Dialect{Dialect202}},
	"negotiate_request.300": &NegotiateRequest{
		SecurityMode: SigningEnabled, Capabilities: 0x7F, ClientGUID: client48,
		Dialects: []Dialect{Dialect202, Dialect210, Dialect300},
	},
	"negotiate_request.311": &NegotiateRequest{
		SecurityMode: SigningEnabled, Capabilities: 0x7F, ClientGUID: client410,
		Dialects: []Dialect{Dialect202, Dialect210, Dialect300, Dialect302, Dialect311},
		Contexts: []NegotiateContext{
			{ContextPreauthIntegrity, append([]byte{1, 0, 32, 0, 1, 0}, ramp(32, 0x20)...)},
			{ContextEncryption, []byte{4, 0, 2, 0, 1, 0, 4, 0, 3, 0}},
			{ContextSigning, []byte{3, 0, 2, 0, 1, 0, 0, 0}},
			{ContextTransport, []byte{1, 0, 0, 0}},
			{0x0100, []byte{0x2A}},
			{ContextNetname, []byte("s\x00m\x00b\x002\x00s\x00e\x00r\x00v\x00e\x00r\x00")},
		},
	},
	"negotiate_response": &NegotiateResponse{
		SecurityMode: SigningEnabled, DialectRevision: Dialect202, ServerGUID: guid43, Capabilities: CapDFS,
		MaxTransactSize: 65536, MaxReadSize: 65536, MaxWriteSize: 65536,
		SystemTime: 127972992061679232, ServerStartTime: 127972985895467232, SecurityBuffer: spnegoNTLM,
	},
	"negotiate_response.311": &NegotiateResponse{
		SecurityMode: SigningEnabled | SigningRequired, DialectRevision: Dialect311, ServerGUID: server410, Capabilities: 0x7F,
		MaxTransactSize: 8388608, MaxReadSize: 8388608, MaxWriteSize: 8388608,
		SystemTime: dtyp.FileTimeOf(time.Date(2021, 7, 16, 7, 42, 53, 634690300, time.UTC)), SecurityBuffer: spnego410,
		Contexts: []NegotiateContext{
			{ContextPreauthIntegrity, append([]byte{1, 0, 32, 0, 1, 0}, ramp(32, 0x60)...)},
			{ContextEncryption, []byte{1, 0, 2, 0}},
			{ContextSigning, []byte{1, 0, 2, 0}},
			{ContextTransport, []byte{1, 0, 0, 0}},
		},
	},
	"negotiate_response.wildcard": &NegotiateResponse{
		SecurityMode: SigningEnabled, DialectRevision: DialectWildcard, ServerGUID: guid43,
		Capabilities:    CapDFS | CapLeasing | CapLargeMTU,
		MaxTransactSize: 1 << 20, MaxReadSize: 1 << 20, MaxWriteSize: 1 << 20, SystemTime: 127972992061679232,
	},

	"session_setup_request": &SessionSetupRequest{SecurityMode: SigningEnabled, Capabilities: CapDFS, SecurityBuffer: ramp(74, 0)},
	"session_setup_request.binding": &SessionSetupRequest{
		Flags: SessionSetupBinding, SecurityMode: SigningEnabled, Capabilities: CapDFS, SecurityBuffer: ramp(74, 1),
	},
	"session_setup_request.previous": &SessionSetupRequest{
		SecurityMode: SigningRequired, Capabilities: CapDFS, PreviousSessionID: 0x4040104000001,
	},
	"session_setup_response":      &SessionSetupResponse{SecurityBuffer: ramp(29, 0)},
	"session_setup_response.more": &SessionSetupResponse{SessionFlags: SessionEncryptData, SecurityBuffer: ramp(8, 0)},

	"logoff_request":           &LogoffRequest{},
	"logoff_response":          &LogoffResponse{},
	"tree_disconnect_request":  &TreeDisconnectRequest{},
	"tree_disconnect_response": &TreeDisconnectResponse{},

	"tree_connect_request":                 &TreeConnectRequest{Path: `\\smb2server\IPC$`},
	"tree_connect_request.extension":       &TreeConnectRequest{Flags: TreeConnectExtensionPresent, Path: `\\smb2server\share`},
	"tree_connect_request.extension_empty": &TreeConnectRequest{Flags: TreeConnectExtensionPresent, Path: `\\smb2server\share`},
	"tree_connect_response": &TreeConnectResponse{
		ShareType: ShareTypePipe, ShareFlags: ShareFlagNoCaching, MaximalAccess: dtyp.FileAllAccess,
	},
	"tree_connect_response.disk": &TreeConnectResponse{
		ShareType: ShareTypeDisk, ShareFlags: ShareFlagAccessBasedEnum, MaximalAccess: dtyp.FileAllAccess,
	},

	"create_request": &CreateRequest{
		RequestedOplockLevel: OplockBatch, ImpersonationLevel: ImpersonationImpersonation, DesiredAccess: 0x12019F,
		ShareAccess: fscc.ShareRead | fscc.ShareWrite, CreateDisposition: fscc.DispositionOpen,
		CreateOptions: fscc.OptionNonDirectoryFile | fscc.OptionOpenNoRecall, Name: "srvsvc",
	},
	"create_request.overwrite": &CreateRequest{
		RequestedOplockLevel: OplockBatch, ImpersonationLevel: ImpersonationImpersonation, DesiredAccess: 0x130197,
		FileAttributes: fscc.FileAttributeArchive, CreateDisposition: fscc.DispositionOverwriteIf,
		CreateOptions: fscc.OptionNonDirectoryFile | fscc.OptionSequentialOnly | fscc.OptionNoIntermediateBuffering,
		Name:          "test.dat",
	},
	"create_request.root":       openRoot,
	"create_request.root_short": openRoot,
	"create_request.contexts": &CreateRequest{
		RequestedOplockLevel: OplockLease, ImpersonationLevel: ImpersonationImpersonation, DesiredAccess: 0x12019F,
		FileAttributes: fscc.FileAttributeArchive, ShareAccess: fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete,
		CreateDisposition: fscc.DispositionOpenIf, CreateOptions: fscc.OptionNonDirectoryFile, Name: "Replay.txt",
		Contexts: []CreateContext{{"DH2Q", durableV2}, {"RqLs", append(leaseV2[:48:48], 0, 0, 0, 0)}},
	},
	"create_request.tags": &CreateRequest{
		ImpersonationLevel: ImpersonationImpersonation, DesiredAccess: dtyp.FileReadAttributes,
		ShareAccess:       fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete,
		CreateDisposition: fscc.DispositionOpen, Name: "a",
		Contexts: []CreateContext{
			{Name: "MxAc"},
			{"\x45\xBC\xA6\x6A\xEF\xA7\xF7\x4A\x90\x08\xFA\x46\x2E\x14\x4D\x74", append([]byte{20, 0, 0, 0}, ramp(16, 0)...)},
			{Name: "QFid"},
		},
	},
	"create_request.root_contexts": &CreateRequest{
		ImpersonationLevel: ImpersonationImpersonation, DesiredAccess: dtyp.FileReadAttributes,
		ShareAccess:       fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete,
		CreateDisposition: fscc.DispositionOpen,
		Contexts:          []CreateContext{{Name: "MxAc"}, {Name: "QFid"}},
	},
	"create_response": &CreateResponse{
		OplockLevel: OplockBatch, CreateAction: fscc.ActionOpened, CreationTime: 127972992877715232,
		LastAccessTime: 127972992923579232, LastWriteTime: 127972992923579232, ChangeTime: 127972992923579232,
		AllocationSize: 104, EndOfFile: 98, FileAttributes: fscc.FileAttributeArchive, FileID: readID,
	},
	"create_response.contexts": &CreateResponse{
		OplockLevel: OplockLease, CreateAction: fscc.ActionOpened,
		CreationTime: time49, LastAccessTime: time49, LastWriteTime: time49, ChangeTime: time49,
		FileAttributes: fscc.FileAttributeArchive, FileID: FileID{0x10000010000001D, 0x10100000001},
		Contexts: []CreateContext{
			{"RqLs", append(leaseV2[:48:48], 1, 0, 0, 0)},
			{"DH2Q", []byte{0x60, 0xEA, 0, 0, 0, 0, 0, 0}},
		},
	},
	"create_response.reparse": &CreateResponse{
		Flags: CreateFlagReparsePoint, CreateAction: fscc.ActionOpened, FileAttributes: fscc.FileAttributeReparsePoint,
		CreationTime: 1, LastAccessTime: 2, LastWriteTime: 3, ChangeTime: 4, FileID: readID,
	},

	"close_request": &CloseRequest{Flags: ClosePostQueryAttrib, FileID: pipeID},
	"close_response": &CloseResponse{
		Flags: ClosePostQueryAttrib, CreationTime: 127972994486543232, LastAccessTime: 127972994494343232,
		LastWriteTime: 127965940833141721, ChangeTime: 127972993511484705,
		AllocationSize: 196608, EndOfFile: 192512, FileAttributes: fscc.FileAttributeArchive,
	},
	"flush_request":          &FlushRequest{FileID: writeID},
	"flush_request.reserved": &FlushRequest{FileID: writeID},
	"flush_response":         &FlushResponse{},

	"read_request":       &ReadRequest{Padding: 80, Length: 98, FileID: readID},
	"read_request.short": &ReadRequest{Padding: 80, Length: 1024, FileID: pipeID},
	"read_request.unbuffered": &ReadRequest{
		Padding: 80, Flags: ReadUnbuffered, Length: 1 << 20, Offset: 1 << 32, FileID: readID, MinimumCount: 4096,
	},
	"read_response":       &ReadResponse{Data: ramp(98, 0x20)},
	"write_request":       &WriteRequest{FileID: pipeID, Data: ramp(116, 0)},
	"write_request.gap":   &WriteRequest{Offset: 131072, FileID: writeID, Flags: WriteThrough, Data: []byte("data")},
	"write_request.empty": &WriteRequest{Offset: 7, FileID: writeID},
	"write_response":      &WriteResponse{Count: 116},
	"write_response.byte": &WriteResponse{Count: 65536},

	"session_closed_notification": &SessionClosedNotification{},

	"oplock_break_notification":   &OplockBreakNotification{OplockII, readID},
	"oplock_break_acknowledgment": &OplockBreakAcknowledgment{OplockII, readID},
	"oplock_break_response":       &OplockBreakResponse{OplockNone, readID},
	"oplock_break_response.long":  &OplockBreakResponse{OplockII, readID},
	"lease_break_notification": &LeaseBreakNotification{
		NewEpoch: 2, Flags: LeaseBreakAckRequired, LeaseKey: leaseKey,
		CurrentLeaseState: LeaseReadCaching | LeaseWriteCaching | LeaseHandleCaching,
		NewLeaseState:     LeaseReadCaching | LeaseHandleCaching,
	},
	"lease_break_acknowledgment": &LeaseBreakAcknowledgment{leaseKey, LeaseReadCaching | LeaseHandleCaching},
	"lease_break_response":       &LeaseBreakResponse{leaseKey, LeaseReadCaching},

	"lock_request": &LockRequest{
		LockSequence: 0x13, FileID: writeID,
		Locks: []LockElement{{0, 1 << 63, LockExclusive | LockFailImmediately}},
	},
	"lock_request.two": &LockRequest{
		FileID: writeID, Locks: []LockElement{{0x10, 0x20, LockUnlock}, {0x100, 0, LockUnlock}},
	},
	"lock_response":  &LockResponse{},
	"echo_request":   &EchoRequest{},
	"echo_response":  &EchoResponse{},
	"cancel_request": &CancelRequest{},

	"ioctl_request": &IoctlRequest{
		CtlCode: fscc.FSCTLPipeTransceive, FileID: pipeID, MaxOutputResponse: 1024, Flags: IoctlIsFSCTL, Input: ramp(68, 0),
	},
	"ioctl_request.validate": &IoctlRequest{
		CtlCode: fscc.FSCTLValidateNegotiateInfo, FileID: RelatedFileID, MaxOutputResponse: 24, Flags: IoctlIsFSCTL,
		Input: append(append([]byte{0x7F, 0, 0, 0}, client48[:]...), 1, 0, 3, 0, 0x02, 0x02, 0x10, 0x02, 0x00, 0x03),
	},
	"ioctl_request.empty": &IoctlRequest{
		CtlCode: fscc.FSCTLQueryNetworkInterfaceInfo, FileID: RelatedFileID, MaxOutputResponse: 1000, Flags: IoctlIsFSCTL,
	},
	"ioctl_response": &IoctlResponse{
		CtlCode: fscc.FSCTLPipeTransceive, FileID: pipeID, Input: ramp(68, 0), Output: ramp(112, 0x80),
	},
	"ioctl_response.validate": &IoctlResponse{
		CtlCode: fscc.FSCTLValidateNegotiateInfo, FileID: RelatedFileID,
		Output: append(append([]byte{0x7F, 0, 0, 0}, server48[:]...), 1, 0, 0x00, 0x03),
	},
	"ioctl_response.input": &IoctlResponse{CtlCode: fscc.FSCTLPipePeek, FileID: pipeID, Input: ramp(5, 0)},
	"ioctl_response.empty": &IoctlResponse{CtlCode: fscc.FSCTLPipeWait, FileID: RelatedFileID},

	"query_directory_request": &QueryDirectoryRequest{
		FileInformationClass: fscc.FileIDBothDirectoryInformation, Flags: Reopen, FileID: writeID,
		FileName: "*", OutputBufferLength: 65536,
	},
	"query_directory_request.empty": &QueryDirectoryRequest{
		FileInformationClass: fscc.FileIDBothDirectoryInformation, Flags: IndexSpecified, FileIndex: 77, FileID: writeID,
		OutputBufferLength: 4096,
	},
	"query_directory_response": &QueryDirectoryResponse{
		Output: []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00t\x00e\x00s\x00t\x00"),
	},
	"change_notify_request": &ChangeNotifyRequest{
		Flags: WatchTree, OutputBufferLength: 2048, FileID: writeID, CompletionFilter: 0x17,
	},
	"change_notify_response": &ChangeNotifyResponse{
		Output: []byte("\x00\x00\x00\x00\x01\x00\x00\x00\x08\x00\x00\x00n\x00e\x00w\x001\x00"),
	},
	"change_notify_response.enum": &ChangeNotifyResponse{},

	"query_info_request": &QueryInfoRequest{
		InfoType: InfoFile, FileInfoClass: uint8(fscc.FileAllInformation), OutputBufferLength: 4096, FileID: writeID,
	},
	"query_info_request.security": &QueryInfoRequest{
		InfoType: InfoSecurity, OutputBufferLength: 65536, FileID: writeID,
		AdditionalInformation: dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation | dtyp.DACLSecurityInformation,
	},
	"query_info_request.ea": &QueryInfoRequest{
		InfoType: InfoFile, FileInfoClass: uint8(fscc.FileFullEaInformation), OutputBufferLength: 4096, FileID: writeID,
		Flags: 1, Input: []byte("\x00\x00\x00\x00\x03abc\x00"),
	},
	"query_info_response": &QueryInfoResponse{Output: []byte{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}},
	"set_info_request": &SetInfoRequest{
		InfoType: InfoFile, FileInfoClass: uint8(fscc.FileEndOfFileInformation), FileID: writeID,
		Input: []byte{0x00, 0xF0, 0x02, 0, 0, 0, 0, 0},
	},
	"set_info_request.empty": &SetInfoRequest{
		InfoType: InfoSecurity, AdditionalInformation: dtyp.DACLSecurityInformation, FileID: writeID,
	},
	"set_info_response": &SetInfoResponse{},
}

// openRoot opens the share's root to read its attributes.
var openRoot = &CreateRequest{
	ImpersonationLevel: ImpersonationImpersonation, DesiredAccess: dtyp.FileReadAttributes,
	ShareAccess:       fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete,
	CreateDisposition: fscc.DispositionOpen, CreateOptions: fscc.OptionDirectoryFile,
}
