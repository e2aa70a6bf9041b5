package server

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// compressionStateSize is the length of the output in bytes.
const compressionStateSize = 2

// getCompression handles FSCTL_GET_COMPRESSION: nothing is compressed.
// [MS-FSA] 2.1.5.10.9.
func getCompression(_ *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if req.MaxOutputResponse < compressionStateSize {
		return nil, ntstatus.InvalidParameter
	}
	return fscc.AppendInformation(nil, &fscc.CompressionState{CompressionState: fscc.CompressionFormatNone}), nil
}

// setCompression handles FSCTL_SET_COMPRESSION: what is so already may be
// asked for. Any other is answered as a volume without compression answers it
// on Windows, which smbtorture has from Windows Server 2016; [MS-FSA] 2.1.5.10.30 has
// no word on such volumes.
func setCompression(_ *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	var in fscc.CompressionState
	if err := fscc.DecodeInformation(req.Input, &in); err != nil {
		return nil, err
	}
	if in.CompressionState != fscc.CompressionFormatNone {
		return nil, ntstatus.NotSupported
	}
	return nil, nil
}
