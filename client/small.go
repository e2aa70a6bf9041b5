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
	replies, err := sh.compound(ctx, req, &smb2.ReadRequest{Length: SmallFile, FileID: smb2.RelatedFileID})
	if errors.Is(err, ntstatus.EndOfFile) { // it is empty, or is now
		i, err := sh.stat(ctx, name)
		return buf, i, err
	}
	if err != nil {
		return buf, nil, err
	}
	defer releaseAll(replies)
	var res smb2.CreateResponse
	if err := replies[0].decode(&res); err != nil {
		return buf, nil, replies[0].broken(err)
	}
	data, err := readData(&replies[1], SmallFile)
	if err != nil {
		return buf, nil, err
	}
	i := createdInfo(name, &res)
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
	replies, opened, err := sh.exchange(ctx, req, append(requests, setInfo(fscc.FileBasicInformation, basic)))
	if err == nil {
		err = written(replies, len(data))
		releaseAll(replies)
	}
	if err != nil && opened {
		// What is there is ours: the CREATE has made it.
		_ = sh.remove(context.WithoutCancel(ctx), name, fscc.OptionNonDirectoryFile) // nothing more can be done for it
	}
	return err
}

// written is the error of a WRITE of n bytes, unless n is 0, whose answer
// follows that to a CREATE.
func written(replies []reply, n int) error {
	if n == 0 {
		return nil
	}
	var res smb2.WriteResponse
	if err := replies[1].decode(&res); err != nil {
		return replies[1].broken(err)
	}
	if int(res.Count) != n {
		return io.ErrShortWrite
	}
	return nil
}
