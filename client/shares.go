package client

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/ntstatus"
)

// ShareInfo is a share in the server's list.
type ShareInfo struct {
	Name    string
	Remark  string
	Kind    ShareKind
	Special bool // not meant for people: C$, IPC$
}

// ShareKind is what a share holds.
type ShareKind uint8

// Kinds of shares.
const (
	DiskShare ShareKind = iota
	PrintShare
	DeviceShare
	PipeShare
)

// String gives the kind in one word.
func (k ShareKind) String() string {
	names := [...]string{DiskShare: "disk", PrintShare: "printer", DeviceShare: "device", PipeShare: "pipe"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Shares lists the server's shares, IPC$ included, as far as it tells the user.
// Names are as the server sends them: print them with %q. [MS-SRVS] 3.1.4.8.
func (s *Session) Shares(ctx context.Context) ([]ShareInfo, error) {
	list, err := s.shares(ctx)
	return list, fail("list shares", s.Server(), err)
}

func (s *Session) shares(ctx context.Context) ([]ShareInfo, error) {
	p, err := s.openPipe(ctx, "srvsvc")
	if err != nil {
		return nil, err
	}
	defer p.close()
	c, err := rpc.Bind(ctx, p, srvsvc.Syntax())
	if err != nil {
		return nil, err
	}
	shares, err := srvsvc.EnumShares(ctx, c, s.Server())
	if errors.Is(err, srvsvc.StatusError(5)) { // ERROR_ACCESS_DENIED
		err = ntstatus.AccessDenied
	}
	if err != nil {
		return nil, err
	}
	list := make([]ShareInfo, len(shares))
	for i, sh := range shares {
		list[i] = ShareInfo{
			Name: sh.Name, Remark: sh.Remark, Kind: ShareKind(sh.Type & 3), Special: sh.Type&srvsvc.TypeSpecial != 0,
		}
	}
	return list, nil
}
