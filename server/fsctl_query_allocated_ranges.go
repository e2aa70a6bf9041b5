package server

import (
	"errors"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// queryAllocatedRanges handles FSCTL_QUERY_ALLOCATED_RANGES.
// [MS-FSA] 2.1.5.10.22.
func queryAllocatedRanges(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	var in fscc.AllocatedRange
	if err := fscc.DecodeInformation(req.Input, &in); err != nil {
		return nil, err
	}
	limit := int(req.MaxOutputResponse / fscc.AllocatedRangeSize)
	ranges, err := a.open.handle.AllocatedRanges(a.ctx, fsa.Range{Offset: in.FileOffset, Length: in.Length}, limit)
	if err != nil && !errors.Is(err, ntstatus.BufferOverflow) {
		return nil, err
	}
	out := fscc.AllocatedRanges{Ranges: make([]fscc.AllocatedRange, len(ranges))}
	for i, r := range ranges {
		out.Ranges[i] = fscc.AllocatedRange{FileOffset: r.Offset, Length: r.Length}
	}
	return fscc.AppendInformation(nil, &out), err
}
