package journal

import (
	"net"
	"net/netip"
)

// ipv6Bits is the length of the IPv6 networks that everybody has a whole one of.
const ipv6Bits = 64

// hostOf returns a peer's address without its port.
func hostOf(peer string) string {
	if host, _, err := net.SplitHostPort(peer); err == nil {
		return host
	}
	return peer
}

// clientOf returns what tells clients apart: the address, or of IPv6 the network
// of 64 bits, for whoever has one has all of it. What is no address stands for
// itself.
func clientOf(peer string) string {
	host := hostOf(peer)
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap().WithZone("")
	if !ip.Is6() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, ipv6Bits).Masked().String()
}

// isFrom reports whether a record's client is wanted: the same word, the same
// address, or an address in a network, whichever of both is one.
func isFrom(client, wanted string) bool {
	host := hostOf(client)
	if client == wanted || host == wanted {
		return true
	}
	return contains(wanted, host) || contains(host, wanted)
}

// contains reports whether address is one of network.
func contains(network, address string) bool {
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(address)
	return err == nil && p.Contains(ip.Unmap().WithZone(""))
}
