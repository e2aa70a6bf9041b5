package client

import (
	"bytes"
	"context"

	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
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

// bind opens the pipe called name and a conversation with interface i over it,
// whose calls are those of the session's user.
func (s *Session) bind(ctx context.Context, name string, i rpc.Syntax) (*pipe, *rpc.Client, error) {
	return s.bindBy(ctx, name, func(p *pipe) (*rpc.Client, error) { return rpc.Bind(ctx, p, i) })
}

// sealsCalls reports whether [Session.bindSealed] can do something: the user
// signed in by NTLM.
//
// Missing: Kerberos, for which package krb5 would have to wrap messages.
func (s *Session) sealsCalls() bool {
	now := s.current.Load()
	return now.mechanism != kerberosName && now.identity == policy.User
}

// bindSealed is bind, with calls that are authenticated by the same credentials
// once more, and sealed under a key of their own.
func (s *Session) bindSealed(ctx context.Context, name string, i rpc.Syntax) (*pipe, *rpc.Client, error) {
	exchange := &signIn{server: s.current.Load().conn.server, credentials: s.dialer.Credentials}
	return s.bindBy(ctx, name, func(p *pipe) (*rpc.Client, error) {
		return rpc.BindAs(ctx, p, i, spnego.NewInitiator(exchange.offerNTLM()))
	})
}

// bindBy opens a pipe and binds over it.
func (s *Session) bindBy(ctx context.Context, name string, bind func(*pipe) (*rpc.Client, error)) (*pipe, *rpc.Client, error) {
	p, err := s.openPipe(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	c, err := bind(p)
	if err != nil {
		p.close()
		return nil, nil, err
	}
	return p, c, nil
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
