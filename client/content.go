package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// ReadFile returns what the file called name holds. A file of at most 64 KiB
// costs one message there and back.
func (sh *Share) ReadFile(ctx context.Context, name string) ([]byte, error) {
	data, err := sh.readFile(ctx, name)
	return data, fail("read", name, err)
}

// readOptions open a file to read it from beginning to end.
var readOptions = OpenOptions{
	Access:  dtyp.FileReadData | dtyp.FileReadAttributes | dtyp.Synchronize,
	Options: fscc.OptionNonDirectoryFile | fscc.OptionSequentialOnly,
}

func (sh *Share) readFile(ctx context.Context, name string) ([]byte, error) {
	req, err := sh.createRequest(name, readOptions)
	if err != nil {
		return nil, err
	}
	replies, err := sh.compound(ctx, req, &smb2.ReadRequest{Length: creditSize, FileID: smb2.RelatedFileID})
	if errors.Is(err, ntstatus.EndOfFile) {
		return []byte{}, nil
	}
	if err != nil {
		return nil, err
	}
	data, err := readData(&replies[1], creditSize)
	data = bytes.Clone(data)
	releaseAll(replies)
	if err != nil || len(data) < creditSize {
		return data, err
	}
	f, err := sh.open(ctx, name, readOptions)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// The size is the server's claim: memory is taken as bytes come.
	rest := slices.Grow(data[:0], int(min(max(f.info.EndOfFile, creditSize), maxTransfer)))
	w := bytes.NewBuffer(rest)
	if _, err := f.WithContext(ctx).WriteTo(w); err != nil {
		return nil, err
	}
	return w.Bytes(), nil
}

// WriteFile makes the file called name hold data and nothing else. A file of at
// most 64 KiB costs one message there and back.
func (sh *Share) WriteFile(ctx context.Context, name string, data []byte) error {
	o := OpenOptions{
		Access: dtyp.FileWriteData | dtyp.FileReadAttributes | dtyp.Synchronize, Disposition: CreateAlways,
		Options: fscc.OptionNonDirectoryFile | fscc.OptionSequentialOnly,
	}
	if len(data) <= creditSize {
		return fail("write", name, sh.writeSmall(ctx, name, o, data))
	}
	f, err := sh.open(ctx, name, o)
	if err != nil {
		return fail("write", name, err)
	}
	_, err = f.writeAt(ctx, data, 0)
	if e := f.Close(); err == nil {
		err = e
	}
	return fail("write", name, err)
}

func (sh *Share) writeSmall(ctx context.Context, name string, o OpenOptions, data []byte) error {
	req, err := sh.createRequest(name, o)
	if err != nil {
		return err
	}
	var requests []smb2.Message
	if len(data) > 0 {
		requests = append(requests, &smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: data})
	}
	replies, err := sh.compound(ctx, req, requests...)
	if err != nil {
		return err
	}
	defer releaseAll(replies)
	if len(data) == 0 {
		return nil
	}
	var res smb2.WriteResponse
	if err := replies[1].decode(&res); err != nil {
		return replies[1].broken(err)
	}
	if int(res.Count) != len(data) {
		return io.ErrShortWrite
	}
	return nil
}
