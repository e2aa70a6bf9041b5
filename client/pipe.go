package client

import (
	"bytes"
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// pipe is a named pipe of the server's, as [rpc.Pipe] wants it.
type pipe struct {
	share *Share
	file  *File
}

var _ rpc.Pipe = (*pipe)(nil)

// openPipe connects to IPC$ and opens the pipe called name. [MS-SMB2] 2.2.13.
func (s *Session) openPipe(ctx context.Context, name string) (*pipe, error) {
	share, err := s.Share(ctx, "IPC$")
	if err != nil {
		return nil, err
	}
	f, err := share.open(ctx, name, OpenOptions{
		Access: dtyp.FileReadData | dtyp.FileWriteData | dtyp.FileAppendData | dtyp.FileReadAttributes | dtyp.Synchronize,
		Share:  fscc.ShareRead | fscc.ShareWrite,
	})
	if err != nil {
		share.Close()
		return nil, err
	}
	return &pipe{share, f}, nil
}

// close closes the pipe and leaves IPC$.
func (p *pipe) close() {
	p.file.Close()
	p.share.Close()
}

// Write implements [rpc.Pipe].
func (p *pipe) Write(ctx context.Context, pdu []byte) error {
	_, err := p.file.writeAt(ctx, pdu, 0)
	return err
}

// Read implements [rpc.Pipe]. Of a message that is longer than limit, the rest
// comes next.
func (p *pipe) Read(ctx context.Context, limit int) ([]byte, error) {
	limit = min(limit, creditSize)
	r, err := p.file.shared.do(ctx, &smb2.ReadRequest{Length: uint32(limit)})
	if err != nil {
		return nil, err
	}
	defer r.release()
	data, err := readData(&r, limit)
	if err == nil && len(data) == 0 {
		err = ntstatus.PipeEmpty
	}
	return bytes.Clone(data), err
}
