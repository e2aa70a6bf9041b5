package server

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// streamEntrySize is the length of an element without its name, in bytes.
// [MS-FSCC] 2.4.49.
const streamEntrySize = 24

// queryStreams answers FileStreamInformation: the unnamed stream, which a
// directory does not have, and the named ones, as many as there is room for.
// [MS-FSA] 2.1.5.12.29.
func queryStreams(a *authenticated, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	streams, err := a.open.handle.Streams(a.ctx)
	if err != nil {
		return nil, err
	}
	info, size := new(fscc.StreamInformation), 0
	for _, s := range streams {
		name := ":" + s.Name + ":$DATA"
		size = (size+7)&^7 + streamEntrySize + wire.UTF16Len(name)
		if size > int(req.OutputBufferLength) {
			err = ntstatus.BufferOverflow
			break
		}
		info.Streams = append(info.Streams, fscc.Stream{
			StreamSize: s.EndOfFile, StreamAllocationSize: s.AllocationSize, StreamName: name,
		})
	}
	return &smb2.QueryInfoResponse{Output: fscc.AppendInformation(nil, info)}, err
}
