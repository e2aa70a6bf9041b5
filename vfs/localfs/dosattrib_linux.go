package localfs

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// dosAttribName is the extended attribute in which Samba keeps what dosAttrib
// holds.
const dosAttribName = "user.DOSATTRIB"

// maxDOSAttrib is more than any version of it takes, in bytes. Samba never
// wrote the name at the end of version 2.
const maxDOSAttrib = 128

// dosAttrib is what Samba keeps of a file in user.DOSATTRIB.
//
// It is a structure in NDR ([C706] 14; little-endian, each number aligned to
// its size but at most 4): a string that holds the attributes in hexadecimal
// or nothing, the version twice, once as the discriminant of a union, and the
// fields of that version. Before there were versions the string was all. Which
// fields there are was learned from the values that Samba 4.17 writes and from
// how it reads values made for the purpose; the tests have both.
type dosAttrib struct {
	attributes    fscc.FileAttributes // as stored, with bits that nobody can set
	hasAttributes bool                // else attributes are what was shown when the time was stored
	created       dtyp.FileTime       // 0: not stored
	change        changeTime
}

// What is valid in versions 3 to 5. Samba 4.17 writes both and looks at the
// second only.
const (
	dosAttribHasAttributes = 0x01
	dosAttribHasCreated    = 0x10
)

// errDOSAttrib says that a value is none of user.DOSATTRIB's.
var errDOSAttrib = errors.New("localfs: malformed " + dosAttribName)

// decodeDOSAttrib reads all versions that Samba 4.17 reads. As there, what
// follows the fields is ignored.
func decodeDOSAttrib(b []byte) (dosAttrib, error) {
	hex, rest, _ := bytes.Cut(b, []byte{0})
	if len(rest) == 0 {
		attributes, err := strconv.ParseUint(string(hex), 0, 32)
		if err != nil {
			return dosAttrib{}, errDOSAttrib
		}
		return dosAttrib{attributes: fscc.FileAttributes(attributes), hasAttributes: true}, nil
	}
	r := wire.NewReader(b)
	r.Skip(len(hex) + 1)
	r.Align(2)
	version := r.U16()
	r.Check(r.U16() == version, "version")
	r.Align(4)

	valid := uint32(dosAttribHasAttributes | dosAttribHasCreated)
	var d dosAttrib
	switch version {
	case 1:
		d.attributes = fscc.FileAttributes(r.U32())
		r.Skip(4 + 8 + 8) // sizes of extended attributes, data, allocation
		d.created = dtyp.FileTime(r.U64())
		r.Skip(8) // time of change
	case 2:
		r.Skip(4) // flags
		d.attributes = fscc.FileAttributes(r.U32())
		r.Skip(4 + 8 + 8 + 8 + 8 + 8) // sizes, times, which Samba does not look at
	case 3:
		valid = r.U32()
		d.attributes = fscc.FileAttributes(r.U32())
		r.Skip(4 + 8 + 8) // sizes
		d.created = dtyp.FileTime(r.U64())
		r.Skip(8) // time of change
	case 4:
		valid = r.U32()
		d.attributes = fscc.FileAttributes(r.U32())
		r.Skip(8) // when the file was made, from which Samba made its id
		d.created = dtyp.FileTime(r.U64())
	case 5:
		valid = r.U32()
		d.attributes = fscc.FileAttributes(r.U32())
		d.created = dtyp.FileTime(r.U64())
		d.change = readChangeTime(r)
	default:
		return dosAttrib{}, errDOSAttrib
	}
	if r.Err() != nil {
		return dosAttrib{}, errDOSAttrib
	}
	d.hasAttributes = valid&dosAttribHasAttributes != 0
	if valid&dosAttribHasCreated == 0 || d.created > math.MaxInt64 {
		d.created = 0 // the latter are "leave it" and the like, and no time
	}
	return d, nil
}

// encode makes version 5 of it, as Samba 4.17 does.
func (d dosAttrib) encode() []byte {
	const version = 5
	var valid uint32
	if d.hasAttributes {
		valid |= dosAttribHasAttributes
	}
	if d.created != 0 {
		valid |= dosAttribHasCreated
	}
	w := wire.NewWriter(nil)
	w.U8(0) // the empty string
	w.Align(2)
	w.U16(version)
	w.U16(version)
	w.Align(4)
	w.U32(valid)
	w.U32(uint32(d.attributes))
	w.U64(uint64(d.created))
	d.change.append(w)
	return w.Finish()
}
