package localfs

import (
	"crypto/sha256"
	"errors"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// ntACL is what Samba's modules acl_xattr and acl_tdb keep of a file in
// security.NTACL: its security descriptor, and hashes of what the kernel said
// of owner and rights when it was stored. A descriptor counts while they match.
//
// It is a structure in NDR ([C706] 14; little-endian). The version is there
// twice, once as the discriminant of a union of pointers; behind the fields of
// that version comes the descriptor, self-relative but for its offsets, which
// count from the start of the whole. Which fields there are was learned from
// values that Samba 4.17 writes; the tests have some.
type ntACL struct {
	version uint16
	sd      dtyp.SecurityDescriptor
	hash    [sha256.Size]byte // of the descriptor that Samba makes of the kernel's word; versions 3 and 4
	sysHash [sha256.Size]byte // of the kernel's word, see sysACLHash; version 4
}

const (
	// ntACLVersion is what is written.
	ntACLVersion = 4
	// maxNTACL is more than any value takes, in bytes: two lists of 64 KiB and
	// two SIDs.
	maxNTACL = 2*dtyp.MaxACLSize + 512
	// hashField is the room for a hash, in bytes.
	hashField = 64
	hashNone  = 0
	hashSHA   = 1
	// sysACLDescription names what sysHash is of.
	sysACLDescription = "posix_acl"
)

// errNTACL says that a value is none of security.NTACL's.
var errNTACL = errors.New("localfs: malformed security.NTACL")

// decodeNTACL reads versions 1 to 4. It aliases b.
func decodeNTACL(b []byte) (ntACL, error) {
	r := wire.NewReader(b)
	a := ntACL{version: r.U16()}
	r.Check(r.U16() == a.version, "version")
	r.Check(r.U32() != 0, "pointer")
	if a.version > 1 {
		r.Check(r.U32() != 0, "pointer of the descriptor")
	}
	hashType := uint16(hashNone)
	switch a.version {
	case 1:
	case 2:
		r.Skip(16) // a hash that nobody ever used
	case 3, 4:
		hashType = r.U16()
		readHash(r, &a.hash)
	default:
		return ntACL{}, errNTACL
	}
	if a.version == 4 {
		for range len(b) { // the description, up to its NUL
			if r.Err() != nil || r.U8() == 0 {
				break
			}
		}
		r.Align(4)
		r.Skip(8) // a time that nobody looks at
		readHash(r, &a.sysHash)
	}
	if a.version > 2 {
		r.Check(hashType == hashSHA, "hash type")
	}
	r.Align(4)
	if r.Err() != nil {
		return ntACL{}, errNTACL
	}
	sd, err := decodeEmbedded(b, r.Offset())
	if err != nil {
		return ntACL{}, err
	}
	a.sd = sd
	return a, nil
}

func readHash(r *wire.Reader, hash *[sha256.Size]byte) {
	r.Copy(hash[:])
	r.Skip(hashField - len(hash))
}

// decodeEmbedded reads the descriptor at start, the offsets of which count from
// the start of b.
func decodeEmbedded(b []byte, start int) (sd dtyp.SecurityDescriptor, err error) {
	r := wire.NewReader(b)
	r.Skip(start)
	own, err := moveOffsets(r.Rest(), -start)
	if err == nil && sd.UnmarshalBinary(own) != nil {
		err = errNTACL
	}
	return sd, err
}

// moveOffsets returns a copy of a descriptor with by added to its offsets, but
// for those that are 0.
func moveOffsets(sd []byte, by int) ([]byte, error) {
	r := wire.NewReader(sd)
	w := wire.NewWriter(make([]byte, 0, len(sd)))
	w.Bytes(r.Bytes(4))
	for range 4 {
		off := int(r.U32())
		if off != 0 {
			off += by
			r.Check(off > 0, "offset")
		}
		w.U32(uint32(off))
	}
	w.Bytes(r.Rest())
	if r.Err() != nil {
		return nil, errNTACL
	}
	return w.Finish(), nil
}

// encode makes the value of a's version, which is 3 or 4.
func (a *ntACL) encode() ([]byte, error) {
	w := wire.NewWriter(nil)
	w.U16(a.version)
	w.U16(a.version)
	w.U32(0x00020000) // referents, as every NDR of Samba numbers them
	w.U32(0x00020004)
	w.U16(hashSHA)
	w.Bytes(a.hash[:])
	w.Zero(hashField - len(a.hash))
	if a.version == 4 {
		w.Bytes([]byte(sysACLDescription))
		w.U8(0)
		w.Align(4)
		w.U64(0) // the time
		w.Bytes(a.sysHash[:])
		w.Zero(hashField - len(a.sysHash))
	}
	w.Align(4)
	own, err := a.sd.AppendBinary(nil)
	if err == nil {
		own, err = moveOffsets(own, w.Offset())
	}
	if err != nil {
		return nil, err
	}
	w.Bytes(own)
	return w.Finish(), nil
}

// hashOfDescriptor is the hash by which Samba knows a descriptor that it made of
// the kernel's word: of version 3 of the whole with that descriptor and no hash.
func hashOfDescriptor(sd *dtyp.SecurityDescriptor) (hash [sha256.Size]byte) {
	a := ntACL{version: 3, sd: *sd}
	b, err := a.encode()
	if err != nil {
		return hash
	}
	return sha256.Sum256(b)
}
