package smb2

// SessionSetupFlags is the Flags field of a SESSION_SETUP request.
// [MS-SMB2] 2.2.5.
type SessionSetupFlags uint8

// SessionSetupBinding asks to bind the session to a further connection.
const SessionSetupBinding SessionSetupFlags = 0x01

// SessionFlags is the SessionFlags field of a SESSION_SETUP response.
// [MS-SMB2] 2.2.6.
type SessionFlags uint16

// Session flags.
const (
	SessionIsGuest     SessionFlags = 0x0001
	SessionIsNull      SessionFlags = 0x0002
	SessionEncryptData SessionFlags = 0x0004
)

// SessionSetupRequest is the SMB2 SESSION_SETUP Request. [MS-SMB2] 2.2.5.
type SessionSetupRequest struct {
	Flags             SessionSetupFlags
	SecurityMode      SecurityMode // one byte on the wire
	Capabilities      Capabilities
	Channel           uint32
	PreviousSessionID SessionID
	SecurityBuffer    []byte // GSS token
}

// SessionSetupResponse is the SMB2 SESSION_SETUP Response. [MS-SMB2] 2.2.6.
type SessionSetupResponse struct {
	SessionFlags   SessionFlags
	SecurityBuffer []byte // GSS token
}
