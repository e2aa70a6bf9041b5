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

// MaxSmallFile is the longest file, in bytes, that travels in one message with
// all that is to be done with it: what one credit pays for.
const MaxSmallFile = creditSize

// ReadSmallFile reads the beginning of the file called name into p, which is at
// most [MaxSmallFile] bytes long, and tells how many bytes there were and what
// the server said of the file when it was opened: there are more if that is
// longer. It costs one message there and back: CREATE, READ, CLOSE.
func (sh *Share) ReadSmallFile(ctx context.Context, name string, p []byte) (int, *FileInfo, error) {
	n, i, _, err := sh.readSmallFile(ctx, name, p, false)
	return n, i, fail("read", name, err)
}

// ReadSmallFileStreams is ReadSmallFile, and lists the file's data streams in
// the same message. nil says that the server gave no list there, or too long a
// one: [Share.Streams] tells more.
func (sh *Share) ReadSmallFileStreams(ctx context.Context, name string, p []byte) (int, *FileInfo, []Stream, error) {
	n, i, streams, err := sh.readSmallFile(ctx, name, p, true)
	return n, i, streams, fail("read", name, err)
}

// shortList is how long a list of streams may be beside a small file, in bytes:
// some fifty of them.
const shortList = 4 << 10

func (sh *Share) readSmallFile(ctx context.Context, name string, p []byte, listed bool) (int, *FileInfo, []Stream, error) {
	sh, release := sh.lane()
	defer release()
	if len(p) > MaxSmallFile {
		return 0, nil, nil, ntstatus.InvalidParameter
	}
	req, err := sh.createRequest(name, readOptions)
	if err != nil {
		return 0, nil, nil, err
	}
	requests := []smb2.Message{&smb2.ReadRequest{Length: uint32(len(p)), FileID: smb2.RelatedFileID}}
	if listed {
		query := queryInfo(smb2.InfoFile, uint8(fscc.FileStreamInformation))
		query.OutputBufferLength = shortList
		requests = append(requests, query)
	}
	replies, err := sh.exchange(ctx, req, requests)
	if err != nil {
		return 0, nil, nil, err
	}
	defer releaseAll(replies)
	var res smb2.CreateResponse
	if err := replies[0].decode(&res); err != nil {
		return 0, nil, nil, replies[0].broken(err)
	}
	i := createdInfo(name, &res)
	data, err := readData(&replies[1], len(p))
	if errors.Is(err, ntstatus.EndOfFile) {
		data, err = nil, nil
	}
	var streams []Stream
	if listed && err == nil {
		streams, err = sh.listed(&replies[2])
	}
	return copy(p, data), &i, streams, err
}

// listed is the list of streams that came beside a file; nil if none did, or one
// with a name that none can have: [Share.Streams] tells which.
func (sh *Share) listed(r *reply) (list []Stream, err error) {
	if r.header.Status == ntstatus.Success {
		var info fscc.StreamInformation
		if err = sh.information(r, &info); err == nil {
			list, _ = streamList(&info)
		}
	}
	return list, err
}

// NewFile is what [Share.WriteNewFile] gives a file beside its data.
type NewFile struct {
	Times      Times               // zero ones are the server's
	Attributes fscc.FileAttributes // 0: none
}

// WriteNewFile makes a file that is not there yet: the error wraps
// [io/fs.ErrExist] if the name is taken, and nothing was changed then. data is
// at most [MaxSmallFile] bytes long. It costs one message there and back:
// CREATE, WRITE, SET_INFO, CLOSE. Until all of it is done nobody else can open
// the file; what could not be written to its end is removed again.
func (sh *Share) WriteNewFile(ctx context.Context, name string, data []byte, meta NewFile) error {
	return fail("write", name, sh.writeNewFile(ctx, name, data, meta))
}

// newFileOptions open a new file for its maker alone.
var newFileOptions = OpenOptions{
	Access:      dtyp.FileWriteData | dtyp.FileWriteAttributes | dtyp.FileReadAttributes | dtyp.Delete | dtyp.Synchronize,
	Exclusive:   true,
	Disposition: CreateNew,
	Options:     fscc.OptionNonDirectoryFile | fscc.OptionSequentialOnly,
}

func (sh *Share) writeNewFile(ctx context.Context, name string, data []byte, meta NewFile) error {
	sh, release := sh.lane()
	defer release()
	if len(data) > MaxSmallFile {
		return ntstatus.InvalidParameter
	}
	req, err := sh.createRequest(name, newFileOptions)
	if err != nil {
		return err
	}
	var requests []smb2.Message
	if len(data) > 0 {
		requests = append(requests, &smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: data})
	}
	if meta != (NewFile{}) {
		requests = append(requests, setInfo(fscc.FileBasicInformation, basicInformation(meta.Times, meta.Attributes)))
	}
	replies, err := sh.exchange(ctx, req, requests)
	if err != nil {
		return err
	}
	defer releaseAll(replies)
	if err := written(replies[1:], len(data)); err != nil {
		// What is there is ours: the CREATE would have failed if not.
		if clean := context.WithoutCancel(ctx); sh.session.Err() == nil {
			_ = sh.remove(clean, name, fscc.OptionNonDirectoryFile) // nothing more can be done for it
		}
		return err
	}
	return nil
}

// written is the first error among the answers to the elements behind a
// CREATE: a WRITE of n bytes, unless n is 0, and others.
func written(replies []reply, n int) error {
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
		return replies[0].broken(err)
	}
	if int(res.Count) != n {
		return io.ErrShortWrite
	}
	return nil
}

// basicInformation sets times and attributes; 0 leaves attributes as they are.
func basicInformation(t Times, a fscc.FileAttributes) *fscc.BasicInformation {
	return &fscc.BasicInformation{
		CreationTime:   fileTime(t.Creation),
		LastAccessTime: fileTime(t.LastAccess),
		LastWriteTime:  fileTime(t.LastWrite),
		ChangeTime:     fileTime(t.Change),
		FileAttributes: a,
	}
}
