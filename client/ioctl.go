package client

import (
	"bytes"
	"context"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// maxOutput is how much output is asked for, in bytes: what one credit pays.
const maxOutput = creditSize

// Ioctl runs a file system control and returns its output, which is the
// caller's: at most 64 KiB. Input is at most 64 KiB, too. With the error
// [ntstatus.BufferOverflow] comes the beginning of a longer output. [MS-SMB2]
// 3.2.4.20.
func (f *File) Ioctl(ctx context.Context, code fscc.FSCTL, input []byte) ([]byte, error) {
	if err := f.shared.check(); err != nil {
		return nil, fail("ioctl", f.shared.name, err)
	}
	out, err := f.shared.ioctl(ctx, code, input)
	return out, fail("ioctl", f.shared.name, err)
}

// ioctl runs code on the open.
func (s *shared) ioctl(ctx context.Context, code fscc.FSCTL, input []byte) (out []byte, err error) {
	err = s.repeat(ctx, queries[code], func(o *open) error {
		out, err = o.tree.ioctl(ctx, code, o.id, input)
		return err
	})
	return out, err
}

// queries are those controls that change nothing, and may be run twice.
var queries = map[fscc.FSCTL]bool{
	fscc.FSCTLDFSGetReferrals:           true,
	fscc.FSCTLGetReparsePoint:           true,
	fscc.FSCTLQueryAllocatedRanges:      true,
	fscc.FSCTLQueryNetworkInterfaceInfo: true,
	fscc.FSCTLSrvEnumerateSnapshots:     true,
	fscc.FSCTLSrvRequestResumeKey:       true,
}

// broken ends the connection on which the file is open because of err, and
// returns it.
func (s *shared) broken(err error) error { return s.current.Load().conn().broken(err) }

// ioctl runs code on the open id.
func (t *treeConnect) ioctl(ctx context.Context, code fscc.FSCTL, id smb2.FileID, input []byte) ([]byte, error) {
	if len(input) > maxOutput {
		return nil, ntstatus.InvalidParameter
	}
	replies, err := t.session.conn.do(ctx, t.request(&smb2.IoctlRequest{
		CtlCode: code, FileID: id, MaxOutputResponse: maxOutput, Flags: smb2.IoctlIsFSCTL, Input: input,
	}))
	if err != nil {
		return nil, err
	}
	r := &replies[0]
	defer r.release()
	status := r.header.Status
	// A copy that asks for too much is told how much that is. [MS-SMB2] 3.2.5.14.4.
	if tells := status == ntstatus.InvalidParameter && code == fscc.FSCTLSrvCopychunk && !r.unverified; !succeeded(status) && !tells {
		return nil, r.failure()
	}
	var res smb2.IoctlResponse
	if err := r.decode(&res); err != nil {
		if !succeeded(status) {
			return nil, status // an ERROR response
		}
		return nil, r.broken(err)
	}
	if len(res.Output) > maxOutput || res.CtlCode != code {
		return nil, r.broken(violation("3.2.5.14", "%d bytes of output for %v", len(res.Output), code))
	}
	if status == ntstatus.Success {
		return bytes.Clone(res.Output), nil
	}
	return bytes.Clone(res.Output), status
}
