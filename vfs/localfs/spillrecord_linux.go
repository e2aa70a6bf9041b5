package localfs

import (
	"bytes"
	"errors"
	"hash/crc32"

	"github.com/signet-smb/signet/internal/wire"
)

// spillRecord is what a spill keeps of one file: all of its blobs, and by what
// the kernel knows the file.
type spillRecord struct {
	handle fileHandle
	blobs  []blob // each name once
}

// blob is a named blob. See sideData.
type blob struct {
	name string
	data []byte
}

// fileHandle is what name_to_handle_at(2) says of a file. Unlike an inode
// number it is never given to another. The zero value is none.
type fileHandle struct {
	kind  int32
	bytes string
}

// The form of a record on disk, little-endian:
//
//	8   spillMagic
//	4   checksum of all that follows, CRC-32C
//	4   handle: kind
//	2   handle: length, then its bytes
//	2   number of blobs; of each
//	      2   length of the name, then its bytes
//	      4   length of the data, then its bytes
const spillMagic = "SignetS1"

// Limits of a record. More than 64 KiB of extended attributes, a security
// descriptor and the attributes of DOS together are not to be had by Windows'
// own rules.
const (
	maxSpillRecord = 256 << 10 // bytes
	maxSpillBlobs  = 1 << 13
	maxFileHandle  = 128 // bytes, MAX_HANDLE_SZ
)

// errSpillRecord says that a file is no record, or not a whole one.
var errSpillRecord = errors.New("localfs: malformed record of side data")

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// decodeSpillRecord reads b, which it does not keep.
func decodeSpillRecord(b []byte) (spillRecord, error) {
	var s spillRecord
	r := wire.NewReader(b)
	r.Check(len(b) <= maxSpillRecord, "length")
	r.Check(string(r.Bytes(len(spillMagic))) == spillMagic, "magic")
	sum := r.U32()
	body := r.Rest()
	r.Check(crc32.Checksum(body, crcTable) == sum, "checksum")
	if r.Err() != nil {
		return s, errSpillRecord
	}
	r = wire.NewReader(body)
	s.handle.kind = int32(r.U32())
	length := int(r.U16())
	r.Check(length <= maxFileHandle, "handle")
	s.handle.bytes = string(r.Bytes(length))
	for range r.U16() {
		name := string(r.Bytes(int(r.U16())))
		length := r.U32()
		r.Check(uint64(length) <= uint64(r.Len()), "blob")
		data := bytes.Clone(r.Bytes(int(length)))
		r.Check(len(s.blobs) < maxSpillBlobs && s.find(name) < 0, "name")
		if r.Err() != nil {
			return spillRecord{}, errSpillRecord
		}
		s.blobs = append(s.blobs, blob{name, data})
	}
	if r.Len() != 0 || r.Err() != nil {
		return spillRecord{}, errSpillRecord
	}
	return s, nil
}

// encode makes a record of it, or returns errCannotStore if it is too large.
func (s *spillRecord) encode() ([]byte, error) {
	if len(s.blobs) > maxSpillBlobs {
		return nil, errCannotStore
	}
	w := wire.NewWriter(nil)
	w.U32(uint32(s.handle.kind))
	w.U16(uint16(len(s.handle.bytes)))
	w.Bytes([]byte(s.handle.bytes))
	w.U16(uint16(len(s.blobs)))
	for _, b := range s.blobs {
		if len(b.name) > maxSpillRecord>>3 || len(b.data) > maxSpillRecord {
			return nil, errCannotStore
		}
		w.U16(uint16(len(b.name)))
		w.Bytes([]byte(b.name))
		w.U32(uint32(len(b.data)))
		w.Bytes(b.data)
	}
	body := w.Finish()
	if len(spillMagic)+4+len(body) > maxSpillRecord {
		return nil, errCannotStore
	}
	return sealRecord(body), nil
}

// sealRecord puts in front of body what proves it whole.
func sealRecord(body []byte) []byte {
	w := wire.NewWriter(make([]byte, 0, len(spillMagic)+4+len(body)))
	w.Bytes([]byte(spillMagic))
	w.U32(crc32.Checksum(body, crcTable))
	w.Bytes(body)
	return w.Finish()
}

// find returns where the blob of that name is, or -1.
func (s *spillRecord) find(name string) int {
	for i := range s.blobs {
		if s.blobs[i].name == name {
			return i
		}
	}
	return -1
}
