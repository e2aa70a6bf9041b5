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
// directory does not have, and the named ones, as many as there is room for. Of
// the first what there is room for is sent, as of every other answer.
// [MS-FSA] 2.1.5.12.29.
func queryStreams(a *authenticated, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	streams, err := a.open.handle.Streams(a.ctx)
	if err != nil {
		return nil, err
	}
	info, size := new(fscc.StreamInformation), 0
	for i, s := range streams {
		name := ":" + s.Name + ":$DATA"
		size = (size+7)&^7 + streamEntrySize + wire.UTF16Len(name)
		if i > 0 && size > int(req.OutputBufferLength) {
			res, _ := queryInfoResponse(info, req)
			return res, ntstatus.BufferOverflow
		}
		info.Streams = append(info.Streams, fscc.Stream{
			StreamSize: s.EndOfFile, StreamAllocationSize: s.AllocationSize, StreamName: name,
		})
	}
	return queryInfoResponse(info, req)
}
