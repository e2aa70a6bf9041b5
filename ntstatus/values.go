package ntstatus

// Status values, with the names of [MS-ERREF] 2.3.1 in Go spelling.
const (
	Success                          Status = 0x00000000
	Pending                          Status = 0x00000103
	MoreEntries                      Status = 0x00000105
	SomeNotMapped                    Status = 0x00000107
	OplockBreakInProgress            Status = 0x00000108
	NotifyCleanup                    Status = 0x0000010B
	NotifyEnumDir                    Status = 0x0000010C
	BufferOverflow                   Status = 0x80000005
	NoMoreFiles                      Status = 0x80000006
	NoMoreEAs                        Status = 0x80000012
	InvalidEAName                    Status = 0x80000013
	EAListInconsistent               Status = 0x80000014
	NoMoreEntries                    Status = 0x8000001A
	StoppedOnSymlink                 Status = 0x8000002D
	Unsuccessful                     Status = 0xC0000001
	NotImplemented                   Status = 0xC0000002
	InvalidInfoClass                 Status = 0xC0000003
	InfoLengthMismatch               Status = 0xC0000004
	AccessViolation                  Status = 0xC0000005
	InvalidHandle                    Status = 0xC0000008
	InvalidParameter                 Status = 0xC000000D
	NoSuchDevice                     Status = 0xC000000E
	NoSuchFile                       Status = 0xC000000F
	InvalidDeviceRequest             Status = 0xC0000010
	EndOfFile                        Status = 0xC0000011
	MoreProcessingRequired           Status = 0xC0000016
	NoMemory                         Status = 0xC0000017
	InvalidViewSize                  Status = 0xC000001F
	AccessDenied                     Status = 0xC0000022
	BufferTooSmall                   Status = 0xC0000023
	ObjectTypeMismatch               Status = 0xC0000024
	ObjectNameInvalid                Status = 0xC0000033
	ObjectNameNotFound               Status = 0xC0000034
	ObjectNameCollision              Status = 0xC0000035
	ObjectPathInvalid                Status = 0xC0000039
	ObjectPathNotFound               Status = 0xC000003A
	ObjectPathSyntaxBad              Status = 0xC000003B
	DataError                        Status = 0xC000003E
	CRCError                         Status = 0xC000003F
	SharingViolation                 Status = 0xC0000043
	QuotaExceeded                    Status = 0xC0000044
	EAsNotSupported                  Status = 0xC000004F
	EATooLarge                       Status = 0xC0000050
	NonexistentEAEntry               Status = 0xC0000051
	NoEAsOnFile                      Status = 0xC0000052
	FileLockConflict                 Status = 0xC0000054
	LockNotGranted                   Status = 0xC0000055
	DeletePending                    Status = 0xC0000056
	InvalidOwner                     Status = 0xC000005A
	NoSuchLogonSession               Status = 0xC000005F
	PrivilegeNotHeld                 Status = 0xC0000061
	NoSuchUser                       Status = 0xC0000064
	NoSuchGroup                      Status = 0xC0000066
	WrongPassword                    Status = 0xC000006A
	LogonFailure                     Status = 0xC000006D
	AccountRestriction               Status = 0xC000006E
	InvalidLogonHours                Status = 0xC000006F
	PasswordExpired                  Status = 0xC0000071
	AccountDisabled                  Status = 0xC0000072
	NoneMapped                       Status = 0xC0000073
	InvalidACL                       Status = 0xC0000077
	InvalidSID                       Status = 0xC0000078
	InvalidSecurityDescr             Status = 0xC0000079
	RangeNotLocked                   Status = 0xC000007E
	DiskFull                         Status = 0xC000007F
	IntegerOverflow                  Status = 0xC0000095
	InsufficientResources            Status = 0xC000009A
	DFSExitPathFound                 Status = 0xC000009B
	MediaWriteProtected              Status = 0xC00000A2
	BadImpersonationLevel            Status = 0xC00000A5
	InstanceNotAvailable             Status = 0xC00000AB
	PipeNotAvailable                 Status = 0xC00000AC
	InvalidPipeState                 Status = 0xC00000AD
	PipeBusy                         Status = 0xC00000AE
	PipeDisconnected                 Status = 0xC00000B0
	PipeClosing                      Status = 0xC00000B1
	PipeConnected                    Status = 0xC00000B2
	PipeListening                    Status = 0xC00000B3
	InvalidReadMode                  Status = 0xC00000B4
	IOTimeout                        Status = 0xC00000B5
	FileIsADirectory                 Status = 0xC00000BA
	NotSupported                     Status = 0xC00000BB
	DuplicateName                    Status = 0xC00000BD
	BadNetworkPath                   Status = 0xC00000BE
	NetworkBusy                      Status = 0xC00000BF
	InvalidNetworkResponse           Status = 0xC00000C3
	UnexpectedNetworkError           Status = 0xC00000C4
	NetworkNameDeleted               Status = 0xC00000C9
	NetworkAccessDenied              Status = 0xC00000CA
	BadDeviceType                    Status = 0xC00000CB
	BadNetworkName                   Status = 0xC00000CC
	TooManySessions                  Status = 0xC00000CE
	SharingPaused                    Status = 0xC00000CF
	RequestNotAccepted               Status = 0xC00000D0
	NotSameDevice                    Status = 0xC00000D4
	PipeEmpty                        Status = 0xC00000D9
	NoSuchDomain                     Status = 0xC00000DF
	OplockNotGranted                 Status = 0xC00000E2
	InvalidOplockProtocol            Status = 0xC00000E3
	InternalError                    Status = 0xC00000E5
	DirectoryNotEmpty                Status = 0xC0000101
	FileCorruptError                 Status = 0xC0000102
	NotADirectory                    Status = 0xC0000103
	NameTooLong                      Status = 0xC0000106
	TooManyOpenedFiles               Status = 0xC000011F
	Cancelled                        Status = 0xC0000120
	CannotDelete                     Status = 0xC0000121
	InvalidComputerName              Status = 0xC0000122
	FileDeleted                      Status = 0xC0000123
	FileClosed                       Status = 0xC0000128
	TimeDifferenceAtDC               Status = 0xC0000133
	LinkFailed                       Status = 0xC000013E
	NoSuchAlias                      Status = 0xC0000151
	TooManyContextIDs                Status = 0xC000015A
	LogonTypeNotGranted              Status = 0xC000015B
	InvalidDeviceState               Status = 0xC0000184
	IODeviceError                    Status = 0xC0000185
	FSDriverRequired                 Status = 0xC000019C
	InvalidLockRange                 Status = 0xC00001A1
	UserSessionDeleted               Status = 0xC0000203
	ConnectionDisconnected           Status = 0xC000020C
	ConnectionReset                  Status = 0xC000020D
	PasswordMustChange               Status = 0xC0000224
	Retry                            Status = 0xC000022D
	AccountLockedOut                 Status = 0xC0000234
	HandleNotClosable                Status = 0xC0000235
	PathNotCovered                   Status = 0xC0000257
	LicenseQuotaExceeded             Status = 0xC0000259
	TooManyLinks                     Status = 0xC0000265
	DFSUnavailable                   Status = 0xC000026D
	VolumeDismounted                 Status = 0xC000026E
	NotAReparsePoint                 Status = 0xC0000275
	IOReparseTagNotHandled           Status = 0xC0000279
	ReparsePointNotResolved          Status = 0xC0000280
	DirectoryIsAReparsePoint         Status = 0xC0000281
	CannotMake                       Status = 0xC00002EA
	ObjectIDNotFound                 Status = 0xC00002F0
	NetworkSessionExpired            Status = 0xC000035C
	NTLMBlocked                      Status = 0xC0000418
	RequestOutOfSequence             Status = 0xC000042A
	ServerUnavailable                Status = 0xC0000466
	FileNotAvailable                 Status = 0xC0000467
	CannotBreakOplock                Status = 0xC0000909
	InvalidSignature                 Status = 0xC000A000
	HashNotSupported                 Status = 0xC000A100
	HashNotPresent                   Status = 0xC000A101
	SMBNoPreauthIntegrityHashOverlap Status = 0xC05D0000
	SMBBadClusterDialect             Status = 0xC05D0001
)

// names gives Microsoft's spelling of each Status above.
var names = map[Status]string{
	Success:                          "STATUS_SUCCESS",
	Pending:                          "STATUS_PENDING",
	MoreEntries:                      "STATUS_MORE_ENTRIES",
	SomeNotMapped:                    "STATUS_SOME_NOT_MAPPED",
	OplockBreakInProgress:            "STATUS_OPLOCK_BREAK_IN_PROGRESS",
	NotifyCleanup:                    "STATUS_NOTIFY_CLEANUP",
	NotifyEnumDir:                    "STATUS_NOTIFY_ENUM_DIR",
	BufferOverflow:                   "STATUS_BUFFER_OVERFLOW",
	NoMoreFiles:                      "STATUS_NO_MORE_FILES",
	NoMoreEAs:                        "STATUS_NO_MORE_EAS",
	InvalidEAName:                    "STATUS_INVALID_EA_NAME",
	EAListInconsistent:               "STATUS_EA_LIST_INCONSISTENT",
	NoMoreEntries:                    "STATUS_NO_MORE_ENTRIES",
	StoppedOnSymlink:                 "STATUS_STOPPED_ON_SYMLINK",
	Unsuccessful:                     "STATUS_UNSUCCESSFUL",
	NotImplemented:                   "STATUS_NOT_IMPLEMENTED",
	InvalidInfoClass:                 "STATUS_INVALID_INFO_CLASS",
	InfoLengthMismatch:               "STATUS_INFO_LENGTH_MISMATCH",
	AccessViolation:                  "STATUS_ACCESS_VIOLATION",
	InvalidHandle:                    "STATUS_INVALID_HANDLE",
	InvalidParameter:                 "STATUS_INVALID_PARAMETER",
	NoSuchDevice:                     "STATUS_NO_SUCH_DEVICE",
	NoSuchFile:                       "STATUS_NO_SUCH_FILE",
	InvalidDeviceRequest:             "STATUS_INVALID_DEVICE_REQUEST",
	EndOfFile:                        "STATUS_END_OF_FILE",
	MoreProcessingRequired:           "STATUS_MORE_PROCESSING_REQUIRED",
	NoMemory:                         "STATUS_NO_MEMORY",
	InvalidViewSize:                  "STATUS_INVALID_VIEW_SIZE",
	AccessDenied:                     "STATUS_ACCESS_DENIED",
	BufferTooSmall:                   "STATUS_BUFFER_TOO_SMALL",
	ObjectTypeMismatch:               "STATUS_OBJECT_TYPE_MISMATCH",
	ObjectNameInvalid:                "STATUS_OBJECT_NAME_INVALID",
	ObjectNameNotFound:               "STATUS_OBJECT_NAME_NOT_FOUND",
	ObjectNameCollision:              "STATUS_OBJECT_NAME_COLLISION",
	ObjectPathInvalid:                "STATUS_OBJECT_PATH_INVALID",
	ObjectPathNotFound:               "STATUS_OBJECT_PATH_NOT_FOUND",
	ObjectPathSyntaxBad:              "STATUS_OBJECT_PATH_SYNTAX_BAD",
	DataError:                        "STATUS_DATA_ERROR",
	CRCError:                         "STATUS_CRC_ERROR",
	SharingViolation:                 "STATUS_SHARING_VIOLATION",
	QuotaExceeded:                    "STATUS_QUOTA_EXCEEDED",
	EATooLarge:                       "STATUS_EA_TOO_LARGE",
	NonexistentEAEntry:               "STATUS_NONEXISTENT_EA_ENTRY",
	NoEAsOnFile:                      "STATUS_NO_EAS_ON_FILE",
	FileLockConflict:                 "STATUS_FILE_LOCK_CONFLICT",
	LockNotGranted:                   "STATUS_LOCK_NOT_GRANTED",
	DeletePending:                    "STATUS_DELETE_PENDING",
	InvalidOwner:                     "STATUS_INVALID_OWNER",
	NoSuchLogonSession:               "STATUS_NO_SUCH_LOGON_SESSION",
	PrivilegeNotHeld:                 "STATUS_PRIVILEGE_NOT_HELD",
	NoSuchUser:                       "STATUS_NO_SUCH_USER",
	NoSuchGroup:                      "STATUS_NO_SUCH_GROUP",
	WrongPassword:                    "STATUS_WRONG_PASSWORD",
	LogonFailure:                     "STATUS_LOGON_FAILURE",
	AccountRestriction:               "STATUS_ACCOUNT_RESTRICTION",
	InvalidLogonHours:                "STATUS_INVALID_LOGON_HOURS",
	PasswordExpired:                  "STATUS_PASSWORD_EXPIRED",
	AccountDisabled:                  "STATUS_ACCOUNT_DISABLED",
	NoneMapped:                       "STATUS_NONE_MAPPED",
	InvalidACL:                       "STATUS_INVALID_ACL",
	InvalidSID:                       "STATUS_INVALID_SID",
	InvalidSecurityDescr:             "STATUS_INVALID_SECURITY_DESCR",
	RangeNotLocked:                   "STATUS_RANGE_NOT_LOCKED",
	DiskFull:                         "STATUS_DISK_FULL",
	IntegerOverflow:                  "STATUS_INTEGER_OVERFLOW",
	InsufficientResources:            "STATUS_INSUFFICIENT_RESOURCES",
	DFSExitPathFound:                 "STATUS_DFS_EXIT_PATH_FOUND",
	MediaWriteProtected:              "STATUS_MEDIA_WRITE_PROTECTED",
	InstanceNotAvailable:             "STATUS_INSTANCE_NOT_AVAILABLE",
	PipeNotAvailable:                 "STATUS_PIPE_NOT_AVAILABLE",
	InvalidPipeState:                 "STATUS_INVALID_PIPE_STATE",
	PipeBusy:                         "STATUS_PIPE_BUSY",
	PipeDisconnected:                 "STATUS_PIPE_DISCONNECTED",
	PipeClosing:                      "STATUS_PIPE_CLOSING",
	PipeConnected:                    "STATUS_PIPE_CONNECTED",
	PipeListening:                    "STATUS_PIPE_LISTENING",
	InvalidReadMode:                  "STATUS_INVALID_READ_MODE",
	IOTimeout:                        "STATUS_IO_TIMEOUT",
	FileIsADirectory:                 "STATUS_FILE_IS_A_DIRECTORY",
	NotSupported:                     "STATUS_NOT_SUPPORTED",
	DuplicateName:                    "STATUS_DUPLICATE_NAME",
	BadNetworkPath:                   "STATUS_BAD_NETWORK_PATH",
	NetworkBusy:                      "STATUS_NETWORK_BUSY",
	InvalidNetworkResponse:           "STATUS_INVALID_NETWORK_RESPONSE",
	UnexpectedNetworkError:           "STATUS_UNEXPECTED_NETWORK_ERROR",
	NetworkNameDeleted:               "STATUS_NETWORK_NAME_DELETED",
	NetworkAccessDenied:              "STATUS_NETWORK_ACCESS_DENIED",
	BadDeviceType:                    "STATUS_BAD_DEVICE_TYPE",
	BadNetworkName:                   "STATUS_BAD_NETWORK_NAME",
	TooManySessions:                  "STATUS_TOO_MANY_SESSIONS",
	SharingPaused:                    "STATUS_SHARING_PAUSED",
	RequestNotAccepted:               "STATUS_REQUEST_NOT_ACCEPTED",
	NotSameDevice:                    "STATUS_NOT_SAME_DEVICE",
	PipeEmpty:                        "STATUS_PIPE_EMPTY",
	NoSuchDomain:                     "STATUS_NO_SUCH_DOMAIN",
	OplockNotGranted:                 "STATUS_OPLOCK_NOT_GRANTED",
	InvalidOplockProtocol:            "STATUS_INVALID_OPLOCK_PROTOCOL",
	InternalError:                    "STATUS_INTERNAL_ERROR",
	DirectoryNotEmpty:                "STATUS_DIRECTORY_NOT_EMPTY",
	FileCorruptError:                 "STATUS_FILE_CORRUPT_ERROR",
	NotADirectory:                    "STATUS_NOT_A_DIRECTORY",
	NameTooLong:                      "STATUS_NAME_TOO_LONG",
	TooManyOpenedFiles:               "STATUS_TOO_MANY_OPENED_FILES",
	Cancelled:                        "STATUS_CANCELLED",
	CannotDelete:                     "STATUS_CANNOT_DELETE",
	InvalidComputerName:              "STATUS_INVALID_COMPUTER_NAME",
	FileDeleted:                      "STATUS_FILE_DELETED",
	FileClosed:                       "STATUS_FILE_CLOSED",
	TimeDifferenceAtDC:               "STATUS_TIME_DIFFERENCE_AT_DC",
	LinkFailed:                       "STATUS_LINK_FAILED",
	NoSuchAlias:                      "STATUS_NO_SUCH_ALIAS",
	TooManyContextIDs:                "STATUS_TOO_MANY_CONTEXT_IDS",
	LogonTypeNotGranted:              "STATUS_LOGON_TYPE_NOT_GRANTED",
	InvalidDeviceState:               "STATUS_INVALID_DEVICE_STATE",
	IODeviceError:                    "STATUS_IO_DEVICE_ERROR",
	FSDriverRequired:                 "STATUS_FS_DRIVER_REQUIRED",
	InvalidLockRange:                 "STATUS_INVALID_LOCK_RANGE",
	UserSessionDeleted:               "STATUS_USER_SESSION_DELETED",
	ConnectionDisconnected:           "STATUS_CONNECTION_DISCONNECTED",
	ConnectionReset:                  "STATUS_CONNECTION_RESET",
	PasswordMustChange:               "STATUS_PASSWORD_MUST_CHANGE",
	Retry:                            "STATUS_RETRY",
	AccountLockedOut:                 "STATUS_ACCOUNT_LOCKED_OUT",
	HandleNotClosable:                "STATUS_HANDLE_NOT_CLOSABLE",
	PathNotCovered:                   "STATUS_PATH_NOT_COVERED",
	LicenseQuotaExceeded:             "STATUS_LICENSE_QUOTA_EXCEEDED",
	TooManyLinks:                     "STATUS_TOO_MANY_LINKS",
	DFSUnavailable:                   "STATUS_DFS_UNAVAILABLE",
	VolumeDismounted:                 "STATUS_VOLUME_DISMOUNTED",
	NotAReparsePoint:                 "STATUS_NOT_A_REPARSE_POINT",
	IOReparseTagNotHandled:           "STATUS_IO_REPARSE_TAG_NOT_HANDLED",
	ReparsePointNotResolved:          "STATUS_REPARSE_POINT_NOT_RESOLVED",
	DirectoryIsAReparsePoint:         "STATUS_DIRECTORY_IS_A_REPARSE_POINT",
	CannotMake:                       "STATUS_CANNOT_MAKE",
	ObjectIDNotFound:                 "STATUS_OBJECTID_NOT_FOUND",
	NetworkSessionExpired:            "STATUS_NETWORK_SESSION_EXPIRED",
	NTLMBlocked:                      "STATUS_NTLM_BLOCKED",
	RequestOutOfSequence:             "STATUS_REQUEST_OUT_OF_SEQUENCE",
	ServerUnavailable:                "STATUS_SERVER_UNAVAILABLE",
	FileNotAvailable:                 "STATUS_FILE_NOT_AVAILABLE",
	CannotBreakOplock:                "STATUS_CANNOT_BREAK_OPLOCK",
	InvalidSignature:                 "STATUS_INVALID_SIGNATURE",
	HashNotSupported:                 "STATUS_HASH_NOT_SUPPORTED",
	HashNotPresent:                   "STATUS_HASH_NOT_PRESENT",
	SMBNoPreauthIntegrityHashOverlap: "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP",
	SMBBadClusterDialect:             "STATUS_SMB_BAD_CLUSTER_DIALECT",
	BadImpersonationLevel:            "STATUS_BAD_IMPERSONATION_LEVEL",
	EAsNotSupported:                  "STATUS_EAS_NOT_SUPPORTED",
}
