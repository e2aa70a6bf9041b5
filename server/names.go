package server

import (
	"errors"
	"net"
	"net/netip"
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/policy"
)

// isOwnName reports whether clients may call the server by name under snapshot
// s, on a connection that came to local: by one of its names, by one of
// OptionalNames, or by the address.
func (s *Server) isOwnName(name string, snapshot *policy.Snapshot, local net.Addr) bool {
	name = strings.Trim(name, "[]")
	if ip, err := netip.ParseAddr(name); err == nil {
		tcp, ok := local.(*net.TCPAddr)
		return ok && tcp.AddrPort().Addr().Unmap() == ip.Unmap()
	}
	name = strings.TrimSuffix(name, ".")
	if strings.EqualFold(name, s.name) || strings.EqualFold(name, "localhost") {
		return true
	}
	for _, names := range [][]string{s.names, policy.Get(snapshot, policy.OptionalNames)} {
		for _, own := range names {
			if strings.EqualFold(name, own) {
				return true
			}
		}
	}
	return false
}

// Why a sign-in was meant for somebody else.
var (
	errNoTarget    = errors.New("the client does not say which server it means, and SmbServerNameHardeningLevel is 2")
	errWrongTarget = errors.New("the client means another server")
)

// checkTarget refuses a sign-in that was meant for another server: it may have
// been relayed. The name in it is under the client's key. [MS-NLMP] 2.2.2.1,
// MsvAvTargetName.
func (a *authenticated) checkTarget(s *policy.Snapshot, id *auth.Identity) error {
	level := policy.Get(s, policy.SmbServerNameHardeningLevel)
	if level == policy.NameHardeningOff || id.Kind != auth.User {
		return nil
	}
	switch {
	case id.TargetName == "":
		if level == policy.NameHardeningRequired {
			return errNoTarget
		}
	case !a.conn.isTarget(id.TargetName):
		return errWrongTarget
	}
	return nil
}
