package smb2

import "github.com/signet-smb/signet/dtyp"

// Dialect is a dialect revision number. [MS-SMB2] 2.2.3.
type Dialect uint16

// Dialects. [MS-SMB2] 2.2.3, 2.2.4.
const (
	Dialect202      Dialect = 0x0202
	Dialect210      Dialect = 0x0210
	Dialect300      Dialect = 0x0300
	Dialect302      Dialect = 0x0302
	Dialect311      Dialect = 0x0311
	DialectWildcard Dialect = 0x02FF
)

// SecurityMode is the signing mode of NEGOTIATE and SESSION_SETUP.
// [MS-SMB2] 2.2.3, 2.2.5.
type SecurityMode uint16

// Security modes.
const (
	SigningEnabled  SecurityMode = 0x0001
	SigningRequired SecurityMode = 0x0002
)

// Capabilities is the Capabilities field of NEGOTIATE. [MS-SMB2] 2.2.3.
type Capabilities uint32

// Capabilities. [MS-SMB2] 2.2.3, 2.2.4.
const (
	CapDFS               Capabilities = 0x00000001
	CapLeasing           Capabilities = 0x00000002
	CapLargeMTU          Capabilities = 0x00000004
	CapMultiChannel      Capabilities = 0x00000008
	CapPersistentHandles Capabilities = 0x00000010
	CapDirectoryLeasing  Capabilities = 0x00000020
	CapEncryption        Capabilities = 0x00000040
	CapNotifications     Capabilities = 0x00000080
)

// NegotiateRequest is the SMB2 NEGOTIATE Request. [MS-SMB2] 2.2.3.
type NegotiateRequest struct {
	SecurityMode    SecurityMode
	Capabilities    Capabilities
	ClientGUID      dtyp.GUID
	ClientStartTime dtyp.FileTime      // when Dialects lacks 3.1.1; else unused
	Dialects        []Dialect          // at most MaxDialects
	Contexts        []NegotiateContext // when Dialects has 3.1.1; at most MaxNegotiateContexts
}

// NegotiateResponse is the SMB2 NEGOTIATE Response. [MS-SMB2] 2.2.4.
type NegotiateResponse struct {
	SecurityMode    SecurityMode
	DialectRevision Dialect
	ServerGUID      dtyp.GUID
	Capabilities    Capabilities
	MaxTransactSize uint32 // bytes
	MaxReadSize     uint32 // bytes
	MaxWriteSize    uint32 // bytes
	SystemTime      dtyp.FileTime
	ServerStartTime dtyp.FileTime
	SecurityBuffer  []byte             // GSS token
	Contexts        []NegotiateContext // dialect 3.1.1 only
}
