package doctor

// Space is whose number a code is.
type Space string

// Spaces.
const (
	NTStatus Space = "NTSTATUS" // [MS-ERREF] 2.3; what SMB answers carry
	Win32    Space = "Windows"  // [MS-ERREF] 2.2; as HRESULT 0x8007....
	HResult  Space = "HRESULT"  // [MS-ERREF] 2.1
	Linux    Space = "Linux errno"
	MacOS    Space = "macOS errno"
	Finder   Space = "macOS Finder"
)

// Code is one number that people see when a connection fails. Immutable.
type Code struct {
	Space   Space
	Value   int64 // negative in Finder only
	Name    string
	Meaning string   // in our words
	Phrase  string   // a part of what is shown instead of the number, in lower case; may be ""
	Causes  []string // IDs, the likeliest first
}

// Codes are all that the doctor knows, by space and value.
var Codes = []Code{
	{NTStatus, 0xC0000001, "STATUS_UNSUCCESSFUL", "it failed, without saying why", "", []string{"unknown", "connection-lost"}},
	{NTStatus, 0xC000000D, "STATUS_INVALID_PARAMETER", "the request is not valid there: among others, a signed NEGOTIATE or an unsigned binding of a channel", "", []string{"bad-request", "request-unsigned"}},
	{NTStatus, 0xC0000022, "STATUS_ACCESS_DENIED", "no right to it; or the request was not signed, or not encrypted, where that is required; or the server goes by another name", "", []string{"no-right", "request-unsigned", "encryption-required", "name-refused"}},
	{NTStatus, 0xC0000034, "STATUS_OBJECT_NAME_NOT_FOUND", "no such file", "", []string{"path-missing"}},
	{NTStatus, 0xC000003A, "STATUS_OBJECT_PATH_NOT_FOUND", "no such folder on the way", "", []string{"path-missing"}},
	{NTStatus, 0xC0000043, "STATUS_SHARING_VIOLATION", "another has it open and does not share it", "", []string{"in-use"}},
	{NTStatus, 0xC0000044, "STATUS_QUOTA_EXCEEDED", "the user's quota is used up", "", []string{"no-space"}},
	{NTStatus, 0xC000005E, "STATUS_NO_LOGON_SERVERS", "no domain controller answered", "", []string{"no-logon-server"}},
	{NTStatus, 0xC000005F, "STATUS_NO_SUCH_LOGON_SESSION", "the sign-in session is gone", "", []string{"credentials-lost", "kerberos-needed", "ntlm-blocked-here"}},
	{NTStatus, 0xC0000064, "STATUS_NO_SUCH_USER", "no such account", "", []string{"wrong-password"}},
	{NTStatus, 0xC000006A, "STATUS_WRONG_PASSWORD", "wrong password", "", []string{"wrong-password"}},
	{NTStatus, 0xC000006D, "STATUS_LOGON_FAILURE", "wrong user name or password", "", []string{"wrong-password", "ntlmv1-only", "ntlm-blocked-there", "clock-skew"}},
	{NTStatus, 0xC000006E, "STATUS_ACCOUNT_RESTRICTION", "the account is restricted: an empty password, or a policy", "", []string{"logon-not-allowed"}},
	{NTStatus, 0xC000006F, "STATUS_INVALID_LOGON_HOURS", "not at this hour", "", []string{"logon-not-allowed"}},
	{NTStatus, 0xC0000070, "STATUS_INVALID_WORKSTATION", "not from this machine", "", []string{"logon-not-allowed"}},
	{NTStatus, 0xC0000071, "STATUS_PASSWORD_EXPIRED", "the password has expired", "", []string{"password-expired"}},
	{NTStatus, 0xC0000072, "STATUS_ACCOUNT_DISABLED", "the account is disabled", "", []string{"account-disabled"}},
	{NTStatus, 0xC000007F, "STATUS_DISK_FULL", "the disk is full", "", []string{"no-space"}},
	{NTStatus, 0xC000009A, "STATUS_INSUFFICIENT_RESOURCES", "the server is short of something", "", []string{"server-full"}},
	{NTStatus, 0xC00000B5, "STATUS_IO_TIMEOUT", "no answer in time", "", []string{"silent", "port-filtered"}},
	{NTStatus, 0xC00000BB, "STATUS_NOT_SUPPORTED", "no common dialect; or a signed request in a session without a key", "", []string{"no-common-dialect", "smb1-only", "bad-request"}},
	{NTStatus, 0xC00000BD, "STATUS_DUPLICATE_NAME", "the server does not answer to this name", "", []string{"name-refused"}},
	{NTStatus, 0xC00000BE, "STATUS_BAD_NETWORK_PATH", "the path is not found in the network", "", []string{"name-not-resolved", "share-missing"}},
	{NTStatus, 0xC00000BF, "STATUS_NETWORK_BUSY", "the network is busy", "", []string{"server-full"}},
	{NTStatus, 0xC00000C4, "STATUS_UNEXPECTED_NETWORK_ERROR", "an unexpected network error", "", []string{"connection-lost"}},
	{NTStatus, 0xC00000C9, "STATUS_NETWORK_NAME_DELETED", "the share is connected no longer", "", []string{"session-lost"}},
	{NTStatus, 0xC00000CA, "STATUS_NETWORK_ACCESS_DENIED", "no access over the network", "", []string{"no-right", "logon-not-allowed"}},
	{NTStatus, 0xC00000CC, "STATUS_BAD_NETWORK_NAME", "no such share", "", []string{"share-missing"}},
	{NTStatus, 0xC00000CE, "STATUS_TOO_MANY_SESSIONS", "too many sessions", "", []string{"server-full"}},
	{NTStatus, 0xC00000CF, "STATUS_SHARING_PAUSED", "the server pauses", "", []string{"server-full"}},
	{NTStatus, 0xC00000D0, "STATUS_REQUEST_NOT_ACCEPTED", "no more connections at this time", "", []string{"server-full"}},
	{NTStatus, 0xC000011F, "STATUS_TOO_MANY_OPENED_FILES", "too many files are open", "", []string{"server-full"}},
	{NTStatus, 0xC0000133, "STATUS_TIME_DIFFERENCE_AT_DC", "the clocks differ", "", []string{"clock-skew"}},
	{NTStatus, 0xC000015B, "STATUS_LOGON_TYPE_NOT_GRANTED", "this kind of sign-in is not granted", "", []string{"logon-not-allowed"}},
	{NTStatus, 0xC000018B, "STATUS_NO_TRUST_SAM_ACCOUNT", "the domain does not know the server", "", []string{"no-logon-server"}},
	{NTStatus, 0xC000018D, "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "the domain does not trust the server", "", []string{"no-logon-server"}},
	{NTStatus, 0xC0000193, "STATUS_ACCOUNT_EXPIRED", "the account has expired", "", []string{"account-expired"}},
	{NTStatus, 0xC0000195, "STATUS_NETWORK_CREDENTIAL_CONFLICT", "connected already under another user's name", "", []string{"two-users"}},
	{NTStatus, 0xC0000203, "STATUS_USER_SESSION_DELETED", "a request names a session that there is not", "", []string{"session-lost"}},
	{NTStatus, 0xC000020C, "STATUS_CONNECTION_DISCONNECTED", "disconnected", "", []string{"connection-lost", "server-full"}},
	{NTStatus, 0xC000020D, "STATUS_CONNECTION_RESET", "the connection was reset", "", []string{"connection-lost", "smb1-only"}},
	{NTStatus, 0xC0000224, "STATUS_PASSWORD_MUST_CHANGE", "the password must be changed first", "", []string{"password-expired"}},
	{NTStatus, 0xC0000233, "STATUS_DOMAIN_CONTROLLER_NOT_FOUND", "no domain controller was found", "", []string{"no-logon-server"}},
	{NTStatus, 0xC0000234, "STATUS_ACCOUNT_LOCKED_OUT", "the account is locked out", "", []string{"account-locked"}},
	{NTStatus, 0xC0000236, "STATUS_CONNECTION_REFUSED", "nobody listens there", "", []string{"port-closed"}},
	{NTStatus, 0xC000023C, "STATUS_NETWORK_UNREACHABLE", "no way to the network", "", []string{"host-unreachable"}},
	{NTStatus, 0xC000023D, "STATUS_HOST_UNREACHABLE", "no way to the machine", "", []string{"host-unreachable", "port-filtered"}},
	{NTStatus, 0xC0000257, "STATUS_PATH_NOT_COVERED", "it is on another server of the DFS namespace", "", []string{"dfs-elsewhere"}},
	{NTStatus, 0xC0000259, "STATUS_LICENSE_QUOTA_EXCEEDED", "the server's licence allows no more connections", "", []string{"server-full"}},
	{NTStatus, 0xC000035C, "STATUS_NETWORK_SESSION_EXPIRED", "the session has expired", "", []string{"session-lost"}},
	{NTStatus, 0xC0000388, "STATUS_DOWNGRADE_DETECTED", "somebody may be making the connection weaker", "", []string{"no-logon-server", "signature-altered"}},
	{NTStatus, 0xC0000413, "STATUS_AUTHENTICATION_FIREWALL_FAILED", "the domain's selective authentication refuses the user", "", []string{"logon-not-allowed"}},
	{NTStatus, 0xC0000418, "STATUS_NTLM_BLOCKED", "NTLM is blocked", "", []string{"ntlm-blocked-there", "ntlm-blocked-here"}},
	{NTStatus, 0xC0000466, "STATUS_SERVER_UNAVAILABLE", "the server is not available for a while", "", []string{"server-full"}},
	{NTStatus, 0xC000A000, "STATUS_INVALID_SIGNATURE", "the server did not sign, or signed wrongly", "cryptographic signature is invalid", []string{"no-signing", "signature-altered"}},
	{NTStatus, 0xC05D0000, "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP", "no common hash for the negotiation of 3.1.1", "", []string{"no-common-hash"}},
	{NTStatus, 0xC05D0001, "STATUS_SMB_BAD_CLUSTER_DIALECT", "the cluster does not speak this dialect yet", "", []string{"dialect-cluster"}},
	{NTStatus, 0xC05D0002, "ERROR_SMB_NO_SIGNING_ALGORITHM_OVERLAP", "no common algorithm for signing", "", []string{"no-signing"}},
	{NTStatus, 0xC05D0003, "ERROR_SMB_GUEST_LOGON_BLOCKED_SIGNING_REQUIRED", "the server answered as to a guest, and the client requires signing", "", []string{"guest-only"}},

	{Win32, 2, "ERROR_FILE_NOT_FOUND", "no such file", "", []string{"path-missing"}},
	{Win32, 3, "ERROR_PATH_NOT_FOUND", "no such folder", "", []string{"path-missing"}},
	{Win32, 5, "ERROR_ACCESS_DENIED", "no right to it", "access is denied", []string{"no-right", "encryption-required", "name-refused"}},
	{Win32, 32, "ERROR_SHARING_VIOLATION", "another uses it", "", []string{"in-use"}},
	{Win32, 50, "ERROR_NOT_SUPPORTED", "not supported there", "", []string{"no-common-dialect", "smb1-only"}},
	{Win32, 51, "ERROR_REM_NOT_LIST", "the network path is not found", "", []string{"port-filtered", "name-not-resolved"}},
	{Win32, 52, "ERROR_DUP_NAME", "the server does not answer to this name", "duplicate name exists on the network", []string{"name-refused"}},
	{Win32, 53, "ERROR_BAD_NETPATH", "the network path was not found: so Explorer also translates a refused guest, a server that cannot sign, and SMB1", "network path was not found", []string{"name-not-resolved", "port-filtered", "port-closed", "guest-only", "no-signing", "smb1-only"}},
	{Win32, 54, "ERROR_NETWORK_BUSY", "the network is busy", "", []string{"server-full"}},
	{Win32, 55, "ERROR_DEV_NOT_EXIST", "the share is available no longer", "", []string{"session-lost"}},
	{Win32, 58, "ERROR_BAD_NET_RESP", "the server cannot do that: often SMB1, or a server that cannot sign", "", []string{"smb1-only", "no-signing"}},
	{Win32, 59, "ERROR_UNEXP_NET_ERR", "an unexpected network error", "unexpected network error", []string{"connection-lost", "signature-altered"}},
	{Win32, 64, "ERROR_NETNAME_DELETED", "the server, or something between, hung up", "specified network name is no longer available", []string{"connection-lost", "smb1-only", "server-full"}},
	{Win32, 65, "ERROR_NETWORK_ACCESS_DENIED", "no access over the network", "", []string{"no-right"}},
	{Win32, 66, "ERROR_BAD_DEV_TYPE", "it is no folder share: a printer, perhaps", "", []string{"share-missing"}},
	{Win32, 67, "ERROR_BAD_NET_NAME", "no such share", "network name cannot be found", []string{"share-missing", "name-not-resolved"}},
	{Win32, 70, "ERROR_SHARING_PAUSED", "the server pauses or starts", "", []string{"server-full"}},
	{Win32, 71, "ERROR_REQ_NOT_ACCEP", "no more connections at this time", "no more connections can be made", []string{"server-full"}},
	{Win32, 84, "ERROR_OUT_OF_STRUCTURES", "the server is short of memory", "", []string{"server-full"}},
	{Win32, 85, "ERROR_ALREADY_ASSIGNED", "the drive letter is taken", "", []string{"in-use"}},
	{Win32, 86, "ERROR_INVALID_PASSWORD", "wrong password", "network password is not correct", []string{"wrong-password"}},
	{Win32, 87, "ERROR_INVALID_PARAMETER", "the request is not valid there", "", []string{"bad-request"}},
	{Win32, 112, "ERROR_DISK_FULL", "the disk is full", "", []string{"no-space"}},
	{Win32, 121, "ERROR_SEM_TIMEOUT", "no answer in time", "semaphore timeout", []string{"port-filtered", "silent"}},
	{Win32, 240, "ERROR_VC_DISCONNECTED", "the session was cut off", "", []string{"session-lost"}},
	{Win32, 384, "ERROR_SMB1_NOT_AVAILABLE", "the share wants SMB1, and Windows has none", "requires the obsolete smb1 protocol", []string{"smb1-only"}},
	{Win32, 1203, "ERROR_NO_NET_OR_BAD_PATH", "no network provider took the path", "", []string{"name-not-resolved", "share-missing"}},
	{Win32, 1208, "ERROR_EXTENDED_ERROR", "something else failed, the server's list of shares perhaps", "", []string{"unknown"}},
	{Win32, 1219, "ERROR_SESSION_CREDENTIAL_CONFLICT", "connected already under another user's name", "multiple connections to a server", []string{"two-users"}},
	{Win32, 1220, "ERROR_REMOTE_SESSION_LIMIT_EXCEEDED", "the server takes no more sessions of this machine", "", []string{"server-full"}},
	{Win32, 1225, "ERROR_CONNECTION_REFUSED", "nobody listens there", "", []string{"port-closed"}},
	{Win32, 1231, "ERROR_NETWORK_UNREACHABLE", "no way to the network", "network location cannot be reached", []string{"host-unreachable"}},
	{Win32, 1232, "ERROR_HOST_UNREACHABLE", "no way to the machine", "", []string{"host-unreachable"}},
	{Win32, 1236, "ERROR_CONNECTION_ABORTED", "our own end broke the connection off", "", []string{"connection-lost", "signature-altered"}},
	{Win32, 1240, "ERROR_LOGIN_WKSTA_RESTRICTION", "the account may not sign in from here: often an old server without signing, or with plain passwords", "not authorized to log in from this station", []string{"no-signing", "smb1-only", "logon-not-allowed"}},
	{Win32, 1265, "ERROR_DOWNGRADE_DETECTED", "somebody may be making the connection weaker, or the domain is out of reach", "", []string{"no-logon-server", "signature-altered"}},
	{Win32, 1272, "ERROR_SMB_GUEST_LOGON_BLOCKED", "the server answered as to a guest, and the client takes no guest sign-in", "block unauthenticated guest access", []string{"guest-only"}},
	{Win32, 1311, "ERROR_NO_LOGON_SERVERS", "no domain controller answered", "", []string{"no-logon-server", "ntlm-blocked-here"}},
	{Win32, 1312, "ERROR_NO_SUCH_LOGON_SESSION", "the sign-in session is gone, or what was saved cannot be used", "specified logon session does not exist", []string{"credentials-lost", "kerberos-needed", "ntlm-blocked-here", "guest-only"}},
	{Win32, 1326, "ERROR_LOGON_FAILURE", "wrong user name or password", "user name or password is incorrect", []string{"wrong-password", "ntlmv1-only", "clock-skew"}},
	{Win32, 1327, "ERROR_ACCOUNT_RESTRICTION", "the account is restricted: an empty password, or a policy", "account restrictions are preventing", []string{"logon-not-allowed"}},
	{Win32, 1328, "ERROR_INVALID_LOGON_HOURS", "not at this hour", "", []string{"logon-not-allowed"}},
	{Win32, 1329, "ERROR_INVALID_WORKSTATION", "not from this machine", "", []string{"logon-not-allowed"}},
	{Win32, 1330, "ERROR_PASSWORD_EXPIRED", "the password has expired", "", []string{"password-expired"}},
	{Win32, 1331, "ERROR_ACCOUNT_DISABLED", "the account is disabled", "account is currently disabled", []string{"account-disabled"}},
	{Win32, 1355, "ERROR_NO_SUCH_DOMAIN", "no such domain, or no way to it", "", []string{"no-logon-server"}},
	{Win32, 1385, "ERROR_LOGON_TYPE_NOT_GRANTED", "no right to sign in over the network", "", []string{"logon-not-allowed"}},
	{Win32, 1396, "ERROR_WRONG_TARGET_NAME", "the name is an alias that Kerberos does not know", "target account name is incorrect", []string{"spn-missing", "name-refused"}},
	{Win32, 1397, "ERROR_MUTUAL_AUTH_FAILED", "the server could not prove who it is", "", []string{"spn-missing", "no-logon-server"}},
	{Win32, 1398, "ERROR_TIME_SKEW", "the clocks differ", "time and/or date difference", []string{"clock-skew"}},
	{Win32, 1789, "ERROR_TRUSTED_RELATIONSHIP_FAILURE", "the domain does not trust the machine", "", []string{"no-logon-server"}},
	{Win32, 1793, "ERROR_ACCOUNT_EXPIRED", "the account has expired", "user's account has expired", []string{"account-expired"}},
	{Win32, 1907, "ERROR_PASSWORD_MUST_CHANGE", "the password must be changed first", "password must be changed before", []string{"password-expired"}},
	{Win32, 1909, "ERROR_ACCOUNT_LOCKED_OUT", "the account is locked out", "account is currently locked out", []string{"account-locked"}},
	{Win32, 1935, "ERROR_AUTHENTICATION_FIREWALL_FAILED", "the domain's selective authentication refuses the user", "", []string{"logon-not-allowed"}},
	{Win32, 1937, "ERROR_NTLM_BLOCKED", "NTLM is blocked", "ntlm was blocked", []string{"ntlm-blocked-here", "ntlm-blocked-there"}},
	{Win32, 2242, "NERR_PasswordExpired", "the password has expired", "", []string{"password-expired"}},
	{Win32, 2250, "NERR_UseNotFound", "there is no such connection", "", []string{"session-lost"}},
	{Win32, 2457, "NERR_TimeDiffAtDC", "the clocks differ", "", []string{"clock-skew"}},
	{Win32, 10054, "WSAECONNRESET", "the other end hung up", "", []string{"connection-lost", "smb1-only", "server-full"}},
	{Win32, 10060, "WSAETIMEDOUT", "nothing came back", "", []string{"port-filtered"}},
	{Win32, 10061, "WSAECONNREFUSED", "nobody listens there", "", []string{"port-closed"}},
	{Win32, 11001, "WSAHOST_NOT_FOUND", "the name is not found", "no such host is known", []string{"name-not-resolved"}},

	{HResult, 0x80004005, "E_FAIL", "Explorer's word for many failures: the number below it says more", "unspecified error", []string{"name-not-resolved", "port-filtered", "guest-only", "smb1-only"}},
	{HResult, 0x80090303, "SEC_E_TARGET_UNKNOWN", "Kerberos does not know the name", "", []string{"spn-missing"}},
	{HResult, 0x8009030C, "SEC_E_LOGON_DENIED", "wrong user name or password", "", []string{"wrong-password"}},
	{HResult, 0x8009030E, "SEC_E_NO_CREDENTIALS", "there is nothing to sign in with", "", []string{"credentials-lost", "kerberos-needed"}},
	{HResult, 0x80090311, "SEC_E_NO_AUTHENTICATING_AUTHORITY", "no domain controller answered", "", []string{"no-logon-server"}},
	{HResult, 0x80090322, "SEC_E_WRONG_PRINCIPAL", "the wrong account holds the service's name", "", []string{"spn-missing"}},
	{HResult, 0x80090324, "SEC_E_TIME_SKEW", "the clocks differ", "", []string{"clock-skew"}},

	{Linux, 1, "EPERM", "not permitted: mount needs root, or the user option", "operation not permitted", []string{"bad-request", "no-right"}},
	{Linux, 2, "ENOENT", "no such share, or no such folder in it", "no such file or directory", []string{"share-missing", "path-missing"}},
	{Linux, 5, "EIO", "an answer that cifs.ko does not understand, a wrong signature among them", "input/output error", []string{"signature-altered", "connection-lost"}},
	{Linux, 6, "ENXIO", "no such share", "no such device or address", []string{"share-missing"}},
	{Linux, 11, "EAGAIN", "try again: the server is busy or not there", "resource temporarily unavailable", []string{"silent", "server-full"}},
	{Linux, 13, "EACCES", "wrong password, no right, or encryption required", "permission denied", []string{"wrong-password", "no-right", "encryption-required", "account-disabled", "password-expired"}},
	{Linux, 16, "EBUSY", "the mount point is in use", "device or resource busy", []string{"in-use"}},
	{Linux, 20, "ENOTDIR", "it is no folder", "", []string{"path-missing"}},
	{Linux, 22, "EINVAL", "an option is wrong, or one end does not understand the other", "invalid argument", []string{"bad-request", "no-common-dialect"}},
	{Linux, 28, "ENOSPC", "no room", "", []string{"no-space"}},
	{Linux, 79, "ELIBACC", "mount.cifs did not find a helper or the kernel module", "", []string{"bad-request"}},
	{Linux, 95, "EOPNOTSUPP", "no common dialect, or signing that the server has not", "operation not supported", []string{"no-common-dialect", "smb1-only", "no-signing"}},
	{Linux, 101, "ENETUNREACH", "no way to the network", "network is unreachable", []string{"host-unreachable"}},
	{Linux, 103, "ECONNABORTED", "the connection broke off", "", []string{"connection-lost"}},
	{Linux, 104, "ECONNRESET", "the other end hung up", "connection reset by peer", []string{"connection-lost", "smb1-only", "server-full"}},
	{Linux, 110, "ETIMEDOUT", "nothing came back", "connection timed out", []string{"port-filtered", "silent"}},
	{Linux, 111, "ECONNREFUSED", "nobody listens there", "connection refused", []string{"port-closed"}},
	{Linux, 112, "EHOSTDOWN", "the server hung up on us or answers no longer: often a dialect that it has not", "host is down", []string{"smb1-only", "no-common-dialect", "server-full", "port-filtered"}},
	{Linux, 113, "EHOSTUNREACH", "no way to the machine", "no route to host", []string{"host-unreachable", "port-filtered"}},
	{Linux, 115, "EINPROGRESS", "nothing came back in time", "operation now in progress", []string{"port-filtered", "name-not-resolved"}},
	{Linux, 121, "EREMOTEIO", "the files are on another server", "remote i/o error", []string{"dfs-elsewhere"}},
	{Linux, 122, "EDQUOT", "the user's quota is used up", "", []string{"no-space"}},
	{Linux, 126, "ENOKEY", "no Kerberos ticket, or cifs.upcall is not installed", "required key not available", []string{"kerberos-needed", "credentials-lost"}},
	{Linux, 127, "EKEYEXPIRED", "the password or the ticket has expired", "key has expired", []string{"password-expired"}},
	{Linux, 128, "EKEYREVOKED", "the account is disabled, locked or expired", "key has been revoked", []string{"account-disabled", "account-locked", "account-expired"}},
	{Linux, 129, "EKEYREJECTED", "the sign-in was rejected", "key was rejected by service", []string{"wrong-password"}},

	{MacOS, 2, "ENOENT", "no such share", "", []string{"share-missing"}},
	{MacOS, 5, "EIO", "an answer that macOS does not understand", "", []string{"connection-lost", "signature-altered"}},
	{MacOS, 13, "EACCES", "no right", "", []string{"no-right"}},
	{MacOS, 17, "EEXIST", "mounted already", "file exists", []string{"in-use"}},
	{MacOS, 22, "EINVAL", "one end does not understand the other", "", []string{"bad-request"}},
	{MacOS, 45, "ENOTSUP", "no common dialect", "", []string{"no-common-dialect", "smb1-only"}},
	{MacOS, 54, "ECONNRESET", "the other end hung up", "", []string{"connection-lost", "smb1-only"}},
	{MacOS, 57, "ENOTCONN", "disconnected", "socket is not connected", []string{"connection-lost"}},
	{MacOS, 60, "ETIMEDOUT", "nothing came back", "operation timed out", []string{"port-filtered", "silent"}},
	{MacOS, 61, "ECONNREFUSED", "nobody listens there", "", []string{"port-closed"}},
	{MacOS, 64, "EHOSTDOWN", "the machine is off, or the local network is not allowed to the program", "", []string{"host-unreachable"}},
	{MacOS, 65, "EHOSTUNREACH", "no way to the machine; or System Settings, Privacy, Local Network forbids it", "", []string{"host-unreachable"}},
	{MacOS, 80, "EAUTH", "wrong user name or password, or a guest", "authentication error", []string{"wrong-password", "guest-only"}},

	{Finder, -36, "ioErr", "the server broke off, or signed wrongly", "", []string{"connection-lost", "signature-altered"}},
	{Finder, -43, "fnfErr", "it is not there", "", []string{"path-missing"}},
	{Finder, -50, "paramErr", "the address is not understood", "", []string{"bad-request"}},
	{Finder, -5000, "afpAccessDenied", "no right", "", []string{"no-right"}},
	{Finder, -5023, "afpUserNotAuth", "wrong user name or password", "", []string{"wrong-password"}},
}

// statusCause is the likeliest cause of an NTSTATUS; nil if the table lacks it.
func statusCause(value uint32) *Cause {
	for i := range Codes {
		if c := &Codes[i]; c.Space == NTStatus && c.Value == int64(value) {
			return cause(c.Causes[0])
		}
	}
	return nil
}
