package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// TreeConnectFlags is the Flags field of a TREE_CONNECT request, dialect
// 3.1.1. [MS-SMB2] 2.2.9.
type TreeConnectFlags uint16

// Tree connect flags.
const (
	TreeConnectClusterReconnect TreeConnectFlags = 0x0001
	TreeConnectRedirectToOwner  TreeConnectFlags = 0x0002
	TreeConnectExtensionPresent TreeConnectFlags = 0x0004
)

// TreeConnectRequest is the SMB2 TREE_CONNECT Request. [MS-SMB2] 2.2.9. The
// extension is passed over: Path is the one inside it when it is present.
type TreeConnectRequest struct {
	Flags TreeConnectFlags
	Path  string // \\server\share
}

// ShareType is the ShareType field of a TREE_CONNECT response.
type ShareType uint8

// Share types. [MS-SMB2] 2.2.10.
const (
	ShareTypeDisk  ShareType = 0x01
	ShareTypePipe  ShareType = 0x02
	ShareTypePrint ShareType = 0x03
)

// ShareFlags is the ShareFlags field of a TREE_CONNECT response.
type ShareFlags uint32

// Share flags used so far. [MS-SMB2] 2.2.10.
const (
	ShareFlagManualCaching   ShareFlags = 0x00000000
	ShareFlagNoCaching       ShareFlags = 0x00000030
	ShareFlagAccessBasedEnum ShareFlags = 0x00000800
	ShareFlagEncryptData     ShareFlags = 0x00008000
)

// ShareCapabilities is the Capabilities field of a TREE_CONNECT response.
// [MS-SMB2] 2.2.10.
type ShareCapabilities uint32

// ShareCapDFS says that the share is in a DFS namespace. [MS-SMB2] 2.2.10.
const ShareCapDFS ShareCapabilities = 0x00000008

// TreeConnectResponse is the SMB2 TREE_CONNECT Response. [MS-SMB2] 2.2.10.
type TreeConnectResponse struct {
	ShareType     ShareType
	ShareFlags    ShareFlags
	Capabilities  ShareCapabilities
	MaximalAccess dtyp.AccessMask
}

func (*TreeConnectRequest) id() messageID { return treeConnectRequest }

// decode does not look at the extension, for only the handler knows whether
// the dialect gives Flags a meaning: PathOffset leads to the path either way.
//
// Missing: the tree connect contexts of the extension, 2.2.9.2.
func (m *TreeConnectRequest) decode(r *wire.Reader) {
	m.Flags = TreeConnectFlags(r.U16())
	path := r.Ref(uint64(r.U16()), uint64(r.U16()))
	m.Path = r.UTF16At(path)
}

// append writes an extension without contexts if Flags announces one.
func (m *TreeConnectRequest) append(w *wire.Writer) {
	w.U16(uint16(m.Flags))
	pathOffset, pathLength := w.Hole(2), w.Hole(2)
	if m.Flags&TreeConnectExtensionPresent != 0 {
		w.U32(0)   // TreeConnectContextOffset
		w.U16(0)   // TreeConnectContextCount
		w.Zero(10) // Reserved
	}
	path := w.Offset()
	w.Fill(pathOffset, path)
	w.UTF16(m.Path)
	w.Fill(pathLength, w.Offset()-path)
}

func (*TreeConnectResponse) id() messageID { return treeConnectResponse }

func (m *TreeConnectResponse) decode(r *wire.Reader) {
	m.ShareType = ShareType(r.U8())
	r.Skip(1) // Reserved
	m.ShareFlags = ShareFlags(r.U32())
	m.Capabilities = ShareCapabilities(r.U32())
	m.MaximalAccess = dtyp.AccessMask(r.U32())
}

func (m *TreeConnectResponse) append(w *wire.Writer) {
	w.U8(uint8(m.ShareType))
	w.U8(0) // Reserved
	w.U32(uint32(m.ShareFlags))
	w.U32(uint32(m.Capabilities))
	w.U32(uint32(m.MaximalAccess))
}
