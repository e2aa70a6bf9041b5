package server

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// This file is what the commands do when their open is a pipe.

// createPipe handles CREATE in IPC$. What the request says of sharing,
// disposition, options and contexts is of files. [MS-SMB2] 3.3.5.9, 2.2.13.
func createPipe(a *authenticated, req *smb2.CreateRequest) (smb2.Message, error) {
	slot, err := a.reserveOpen()
	if err != nil {
		return nil, err
	}
	p, err := a.conn.server.pipes.open(a, req.Name, req.DesiredAccess)
	if err != nil {
		slot.giveBack()
		return nil, err
	}
	o := newOpen(a, p, slot)
	if !a.session.addOpen(o) {
		return nil, errors.Join(ntstatus.NetworkNameDeleted, o.close())
	}
	a.fileID, a.hasFileID = o.id, true
	return &smb2.CreateResponse{
		OplockLevel:    smb2.OplockNone,
		CreateAction:   fscc.ActionOpened,
		AllocationSize: pipeAllocation,
		FileAttributes: fscc.FileAttributeNormal,
		FileID:         o.id,
	}, nil
}

// pipeAllocation is the AllocationSize of every pipe, in bytes: Windows' value.
const pipeAllocation = 4096

// readPipe handles READ. [MS-SMB2] 3.3.5.12.
func readPipe(a *authenticated, req *smb2.ReadRequest) (smb2.Message, error) {
	if req.Flags&smb2.ReadUnbuffered != 0 && a.conn.negotiated.Load().dialect >= smb2.Dialect302 {
		return nil, ntstatus.InvalidParameter
	}
	data, wait, err := a.open.pipe.read(int(req.Length))
	if wait != nil {
		data, err = awaitPipe(a, wait, int(req.Length))
	}
	if data == nil {
		return nil, err
	}
	if uint32(len(data)) < req.MinimumCount {
		return nil, ntstatus.EndOfFile
	}
	return &smb2.ReadResponse{Data: data}, err
}

// awaitPipe reads up to n bytes from the pipe when wait says that there may be
// some. Data comes with a nil error or BufferOverflow. Waiting ends with
// CANCEL, with CLOSE and what closes too, with the connection, and when the
// server shuts down.
func awaitPipe(a *authenticated, wait <-chan struct{}, n int) (data []byte, err error) {
	if err := a.pending(); err != nil {
		return nil, err
	}
	for wait != nil {
		select {
		case <-wait:
		case <-a.ctx.Done():
			return nil, context.Cause(a.ctx)
		case <-a.open.closing:
			return nil, ntstatus.FileClosed
		case <-a.conn.drained:
			return nil, ntstatus.PipeDisconnected
		}
		data, wait, err = a.open.pipe.read(n)
	}
	return data, err
}

// writePipe handles WRITE: the data is one message. [MS-SMB2] 3.3.5.13.
func writePipe(a *authenticated, req *smb2.WriteRequest) (smb2.Message, error) {
	if req.Flags&(smb2.WriteThrough|smb2.WriteUnbuffered) != 0 && a.conn.negotiated.Load().dialect >= smb2.Dialect300 {
		return nil, ntstatus.InvalidParameter
	}
	if err := a.open.pipe.write(a, req.Data); err != nil {
		return nil, err
	}
	return &smb2.WriteResponse{Count: uint32(len(req.Data))}, nil
}
