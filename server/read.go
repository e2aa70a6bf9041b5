package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// read handles READ: the file's bytes are read to where they will be sent
// from. [MS-SMB2] 3.3.5.12.
func read(a *authenticated) (smb2.Message, error) {
	var req smb2.ReadRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if err := a.open.require(dtyp.FileReadData | dtyp.FileExecute); err != nil {
		return nil, err
	}
	if req.Channel != smb2.ChannelNone {
		return nil, ntstatus.InvalidParameter
	}
	if err := a.checkCharge(req.Length); err != nil {
		return nil, err
	}
	if a.open.pipe != nil {
		return readPipe(a, &req)
	}
	if a.open.handle.IsDir() {
		return nil, ntstatus.InvalidDeviceRequest
	}
	const dataAt = headroom + smb2.ReadDataOffset
	buf := bufpool.Get(dataAt + int(req.Length) + tailroom)
	n, err := a.open.handle.ReadAt(a.ctx, buf.B[dataAt:dataAt+int(req.Length)], req.Offset)
	if err == nil && uint32(n) < req.MinimumCount {
		err = ntstatus.EndOfFile
	}
	if err != nil {
		buf.Release()
		return nil, err
	}
	buf.B = buf.B[:dataAt+n]
	a.inPlace = buf
	return &smb2.ReadResponse{Data: buf.B[dataAt:]}, nil
}
