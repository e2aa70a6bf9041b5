package smb2

import (
	"net/netip"

	"github.com/signet-smb/signet/internal/wire"
)

// InterfaceCapability is what a network interface can do.
// [MS-SMB2] 2.2.32.5.
type InterfaceCapability uint32

// Capabilities of a network interface. [MS-SMB2] 2.2.32.5.
const (
	RSSCapable  InterfaceCapability = 0x00000001
	RDMACapable InterfaceCapability = 0x00000002
)

// NetworkInterfaceInfo is the output of FSCTL_QUERY_NETWORK_INTERFACE_INFO,
// which has no input: the addresses of a server. [MS-SMB2] 2.2.32.5.
type NetworkInterfaceInfo struct {
	Interfaces []NetworkInterface // at most MaxNetworkInterfaces
}

// NetworkInterface is one address of an interface, which may have several.
// [MS-SMB2] 2.2.32.5.
type NetworkInterface struct {
	IfIndex    uint32 // not 0
	Capability InterfaceCapability
	LinkSpeed  uint64     // bits per second
	Address    netip.Addr // without zone; not valid if the family is not known
}

// Families of addresses. [MS-SMB2] 2.2.32.5.1.
const (
	familyIPv4 = 0x0002
	familyIPv6 = 0x0017
)

// sockaddrSize is the length of SOCKADDR_STORAGE in bytes.
const sockaddrSize = 128

// Decode reads the output of the FSCTL. The error is a *[wire.Error].
func (n *NetworkInterfaceInfo) Decode(b []byte) error {
	r := wire.NewReader(b)
	n.Interfaces = nil
	for e := range r.List(8, MaxNetworkInterfaces) {
		i := NetworkInterface{IfIndex: e.U32(), Capability: InterfaceCapability(e.U32())}
		e.Skip(4) // Reserved
		i.LinkSpeed = e.U64()
		i.Address = decodeSockaddr(e)
		n.Interfaces = append(n.Interfaces, i)
	}
	return r.Err()
}

// decodeSockaddr reads SOCKADDR_STORAGE. [MS-SMB2] 2.2.32.5.1.
func decodeSockaddr(r *wire.Reader) (address netip.Addr) {
	end := r.Offset() + sockaddrSize
	family := r.U16()
	r.Skip(2) // Port
	switch family {
	case familyIPv4:
		var ip [4]byte
		r.Copy(ip[:])
		address = netip.AddrFrom4(ip)
	case familyIPv6:
		r.Skip(4) // FlowInfo
		var ip [16]byte
		r.Copy(ip[:])
		address = netip.AddrFrom16(ip)
	}
	r.Skip(end - r.Offset())
	return address
}

// Append encodes the output of the FSCTL behind b.
func (n *NetworkInterfaceInfo) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	for k, i := range n.Interfaces {
		start := w.Offset()
		next := w.Hole(4)
		w.U32(i.IfIndex)
		w.U32(uint32(i.Capability))
		w.U32(0) // Reserved
		w.U64(i.LinkSpeed)
		appendSockaddr(w, i.Address)
		if k < len(n.Interfaces)-1 {
			w.Fill(next, w.Offset()-start) // a multiple of 8
		}
	}
	return w.Finish()
}

// appendSockaddr writes SOCKADDR_STORAGE. [MS-SMB2] 2.2.32.5.1.
func appendSockaddr(w *wire.Writer, address netip.Addr) {
	end := w.Offset() + sockaddrSize
	switch {
	case address.Is4():
		w.U16(familyIPv4)
		w.U16(0) // Port
		w.Bytes(address.AsSlice())
	case address.Is6():
		w.U16(familyIPv6)
		w.U16(0) // Port
		w.U32(0) // FlowInfo
		w.Bytes(address.AsSlice())
	}
	w.Zero(end - w.Offset())
}
