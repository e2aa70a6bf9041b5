package localfs

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// The extended attribute in which a file's attributes and creation time are
// stored, and more than it takes in bytes, for programs that work on the files
// beside a server.
const (
	DOSAttribName = dosAttribName
	MaxDOSAttrib  = maxDOSAttrib
)

// AppendDOSAttrib appends the value of [DOSAttribName] to b.
func AppendDOSAttrib(b []byte, attributes fscc.FileAttributes, created dtyp.FileTime) []byte {
	return append(b, dosAttrib{attributes: attributes, hasAttributes: true, created: created}.encode()...)
}

// ParseDOSAttrib reads a value of [DOSAttribName]; created is 0 if it is not
// stored. ok is false if b is none.
func ParseDOSAttrib(b []byte) (attributes fscc.FileAttributes, created dtyp.FileTime, ok bool) {
	d, err := decodeDOSAttrib(b)
	if err != nil {
		return 0, 0, false
	}
	if d.hasAttributes {
		attributes = d.attributes
	}
	return attributes, d.created, true
}
