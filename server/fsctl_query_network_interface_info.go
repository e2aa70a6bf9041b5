package server

import (
	"net"
	"net/netip"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// defaultLinkSpeed is what an interface does that does not say: 1 Gbit/s, as
// Samba has it.
const defaultLinkSpeed uint64 = 1_000_000_000

// queryNetworkInterfaceInfo handles FSCTL_QUERY_NETWORK_INTERFACE_INFO: the
// addresses that a client may open further channels to. It needs a session,
// and no access to any file. [MS-SMB2] 3.3.5.15.11.
func queryNetworkInterfaceInfo(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if a.conn.negotiated.Load().capabilities&smb2.CapMultiChannel == 0 {
		return nil, ntstatus.NotSupported
	}
	found, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	client, _ := netip.ParseAddrPort(a.conn.remote)
	info := smb2.NetworkInterfaceInfo{Interfaces: networkInterfaces(found, client.Addr())}
	out := info.Append(nil)
	if len(out) > int(req.MaxOutputResponse) {
		return nil, ntstatus.BufferTooSmall
	}
	return out, nil
}

// networkInterfaces lists the addresses of those of found that are up, for a
// client that came from the given address. Loopback addresses are of use to a
// client on this machine only, and it has no others to prefer; link-local ones
// to nobody, for they mean nothing without the zone, which the answer cannot
// carry. [MS-SMB2] 2.2.32.5.
func networkInterfaces(found []net.Interface, client netip.Addr) []smb2.NetworkInterface {
	var list []smb2.NetworkInterface
	for _, i := range found {
		loopback := i.Flags&net.FlagLoopback != 0
		if i.Index <= 0 || i.Flags&net.FlagUp == 0 || loopback != client.Unmap().IsLoopback() {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // it is going away
		}
		for _, a := range addresses {
			prefix, err := netip.ParsePrefix(a.String())
			address := prefix.Addr().Unmap()
			if err != nil || address.IsLinkLocalUnicast() || len(list) == smb2.MaxNetworkInterfaces {
				continue
			}
			list = append(list, smb2.NetworkInterface{
				IfIndex:   uint32(i.Index),
				LinkSpeed: linkSpeed(i.Name),
				Address:   address.WithZone(""),
			})
		}
	}
	return list
}
