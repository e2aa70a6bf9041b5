package server

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// trimOutputSize is the length of the output in bytes.
const trimOutputSize = 4

// fileLevelTrim handles FSCTL_FILE_LEVEL_TRIM. [MS-SMB2] 3.3.5.15.14,
// [MS-FSA] 2.1.5.10.6.
func fileLevelTrim(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	var in fscc.FileLevelTrim
	if err := fscc.DecodeInformation(req.Input, &in); err != nil {
		return nil, err
	}
	if in.Key != 0 || len(in.Ranges) == 0 || req.MaxOutputResponse > 0 && req.MaxOutputResponse < trimOutputSize {
		return nil, ntstatus.InvalidParameter
	}
	ranges := make([]fsa.Range, len(in.Ranges))
	for i, r := range in.Ranges {
		ranges[i] = fsa.Range{Offset: r.Offset, Length: r.Length}
	}
	done, err := a.open.handle.Trim(a.ctx, ranges)
	if err != nil || req.MaxOutputResponse == 0 {
		return nil, err
	}
	return fscc.AppendInformation(nil, &fscc.FileLevelTrimOutput{NumRangesProcessed: uint32(done)}), nil
}
