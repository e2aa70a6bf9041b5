package srvsvc

import (
	"context"
	"fmt"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

const (
	opnumShareEnum = 15

	// maxShares bounds what is taken from one call's answer, and in all.
	maxShares = 1 << 14

	// maxText bounds names and remarks in characters. [MS-SRVS] has no bound
	// for what a server sends; Windows' tools show 256 of a remark.
	maxText = 1 << 10
)

// Syntax identifies the interface to a server.
func Syntax() rpc.Syntax {
	uuid, err := dtyp.ParseGUID(UUID)
	if err != nil {
		panic(err)
	}
	return rpc.Syntax{UUID: uuid, Version: version}
}

// StatusError is a NET_API_STATUS other than success that a server returns.
type StatusError uint32

// Error gives the number: [MS-SRVS] 2.2.2.10 names a few, [MS-ERREF] 2.2 the
// rest.
func (e StatusError) Error() string { return fmt.Sprintf("srvsvc: status %d", uint32(e)) }

// Is makes ERROR_ACCESS_DENIED one of those that callers know.
func (e StatusError) Is(target error) bool {
	s, ok := target.(StatusError)
	return ok && s == e
}

// EnumShares asks server, over c, for its shares: name, type and remark of
// each, at most 16,384. [MS-SRVS] 3.1.4.8, level 1.
func EnumShares(ctx context.Context, c *rpc.Client, server string) ([]Share, error) {
	var shares []Share
	resume := uint32(0)
	for {
		w := ndr.NewWriter()
		w.UniqueString(`\\` + server)
		w.U32(1)
		w.U32(1)
		w.Pointer(true)
		w.U32(0)
		w.Pointer(false)
		w.U32(0xFFFF_FFFF)
		w.Pointer(true)
		w.U32(resume)
		out, err := c.Call(ctx, opnumShareEnum, w.Finish())
		if err != nil {
			return nil, err
		}
		part, next, result, err := decodeShareEnum(out)
		if err != nil {
			return nil, err
		}
		shares = append(shares, part...)
		switch {
		case result == success:
			return shares, nil
		case result != moreData:
			return nil, StatusError(result)
		case len(part) == 0 || next == resume || len(shares) > maxShares:
			return nil, fmt.Errorf("srvsvc: a list of shares that does not end")
		}
		resume = next
	}
}

// decodeShareEnum reads the results of NetrShareEnum at level 1.
func decodeShareEnum(stub []byte) (shares []Share, resume uint32, result status, err error) {
	r := ndr.NewReader(stub)
	level := r.U32()
	r.Switch(level)
	if level != 1 {
		r.Fail("Level")
	}
	if r.Pointer() {
		n := int(r.U32())
		if r.Pointer() {
			const fixed = 12
			if r.Count(maxShares, fixed) != n {
				r.Fail("EntriesRead")
				n = 0
			}
			shares = make([]Share, n)
			texts := make([][2]bool, n)
			for i := range shares {
				texts[i][0] = r.Pointer()
				shares[i].Type = ShareType(r.U32())
				texts[i][1] = r.Pointer()
			}
			for i := range shares {
				if texts[i][0] {
					shares[i].Name = r.String(maxText)
				}
				if texts[i][1] {
					shares[i].Remark = r.String(maxText)
				}
			}
		}
	}
	r.U32() // TotalEntries
	resume, _ = r.UniqueU32()
	result = status(r.U32())
	return shares, resume, result, r.Err()
}
