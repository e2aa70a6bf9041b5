package client

import (
	"context"
	"errors"
	"io"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// SmallFile is how many bytes [Share.ReadHead] reads, and [Share.WriteNew]
// writes at most.
const SmallFile = creditSize

// ReadHead reads the first 64 KiB of the file called name behind buf, which may
// have room for them, and tells what the server says of the file: for one that
// is not larger, everything in one message there and back.
func (sh *Share) ReadHead(ctx context.Context, name string, buf []byte) ([]byte, *FileInfo, error) {
	data, i, err := sh.readHead(ctx, name, buf)
	return data, i, fail("read", name, err)
}

func (sh *Share) readHead(ctx context.Context, name string, buf []byte) ([]byte, *FileInfo, error) {
	req, err := sh.createRequest(name, readOptions)
	if err != nil {
		return buf, nil, err
	}
	replies, err := sh.exchange(ctx, req, []smb2.Message{&smb2.ReadRequest{Length: SmallFile, FileID: smb2.RelatedFileID}})
	if err != nil {
		return buf, nil, err
	}
	defer releaseAll(replies)
	if status := replies[0].header.Status; !succeeded(status) {
		return buf, nil, status
	}
	c := sh.session.conn
	var res smb2.CreateResponse
	if err := replies[0].decode(&res); err != nil {
		return buf, nil, c.broken(err)
	}
	i := createdInfo(name, &res)
	data, err := c.readData(&replies[1], SmallFile)
	if errors.Is(err, ntstatus.EndOfFile) { // it is empty
		return buf, &i, nil
	}
	if err != nil {
		return buf, nil, err
	}
	return append(buf, data...), &i, nil
}

// WriteNew makes a file called name that holds data, of at most 64 KiB, with
// these times and attributes, in one message there and back: CREATE, WRITE,
// SET_INFO, CLOSE. Nobody else can open it meanwhile. If the name is taken the
// error wraps [fs.ErrExist]. What could not be completed is removed again, as
// long as the connection lives.
func (sh *Share) WriteNew(ctx context.Context, name string, data []byte, t Times, a fscc.FileAttributes) error {
	return fail("write", name, sh.writeNew(ctx, name, data, t, a))
}

func (sh *Share) writeNew(ctx context.Context, name string, data []byte, t Times, a fscc.FileAttributes) error {
	if len(data) > SmallFile {
		return ntstatus.InvalidParameter
	}
	req, err := sh.createRequest(name, OpenOptions{
		Access: dtyp.FileWriteData | dtyp.FileReadAttributes | dtyp.FileWriteAttributes | dtyp.Synchronize, Exclusive: true, Disposition: CreateNew, Options: fscc.OptionNonDirectoryFile,
	})
	if err != nil {
		return err
	}
	var requests []smb2.Message
	if len(data) > 0 {
		requests = append(requests, &smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: data})
	}
	basic := t.basic()
	basic.FileAttributes = a
	replies, err := sh.exchange(ctx, req, append(requests, setInfo(smb2.RelatedFileID, fscc.FileBasicInformation, basic)))
	if err != nil {
		return err
	}
	defer releaseAll(replies)
	if status := replies[0].header.Status; !succeeded(status) {
		return status
	}
	if err := sh.written(replies[1:], len(data)); err != nil {
		// What is there is ours: the CREATE has made it.
		_ = sh.remove(context.WithoutCancel(ctx), name, fscc.OptionNonDirectoryFile) // nothing more can be done for it
		return err
	}
	return nil
}

// written is the first error among the answers to what follows a CREATE: a
// WRITE of n bytes, unless n is 0, and others.
func (sh *Share) written(replies []reply, n int) error {
	for i := range replies {
		if status := replies[i].header.Status; !succeeded(status) {
			return status
		}
	}
	if n == 0 {
		return nil
	}
	var res smb2.WriteResponse
	if err := replies[0].decode(&res); err != nil {
		return sh.session.conn.broken(err)
	}
	if int(res.Count) != n {
		return io.ErrShortWrite
	}
	return nil
}
