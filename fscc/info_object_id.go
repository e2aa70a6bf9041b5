package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// ObjectIDInformation is FILE_OBJECTID_INFORMATION of either type: an entry of
// the index of a volume's object IDs. [MS-FSCC] 2.4.36.
type ObjectIDInformation struct {
	FileReferenceNumber uint64 // 64-bit file ID, 2.1.9
	ObjectID            ObjectID
}

// Append implements [Information].
func (i *ObjectIDInformation) Append(w *wire.Writer) {
	w.U64(i.FileReferenceNumber)
	i.ObjectID.Append(w)
}

// Decode implements [Information].
func (i *ObjectIDInformation) Decode(r *wire.Reader) {
	i.FileReferenceNumber = r.U64()
	i.ObjectID.Decode(r)
}

// ObjectID is FILE_OBJECTID_BUFFER, the buffer of the FSCTLs about object IDs,
// and the structure of FileFsObjectIdInformation. The bytes do not tell which
// of its two types they are. [MS-FSCC] 2.1.3, 2.5.6.
type ObjectID struct {
	ObjectID     dtyp.GUID
	ExtendedInfo [48]byte // of type 1: BirthVolumeId, BirthObjectId, DomainId; of type 2: the application's
}

// BirthVolumeID is that part of a buffer of type 1. [MS-FSCC] 2.1.3.1.
func (o *ObjectID) BirthVolumeID() dtyp.GUID { return dtyp.GUID(o.ExtendedInfo[:16]) }

// BirthObjectID is that part of a buffer of type 1. [MS-FSCC] 2.1.3.1.
func (o *ObjectID) BirthObjectID() dtyp.GUID { return dtyp.GUID(o.ExtendedInfo[16:32]) }

// NewObjectID makes a buffer of type 1. [MS-FSCC] 2.1.3.1.
func NewObjectID(object, birthVolume, birthObject dtyp.GUID) ObjectID {
	o := ObjectID{ObjectID: object}
	copy(o.ExtendedInfo[:], birthVolume[:])
	copy(o.ExtendedInfo[16:], birthObject[:])
	return o
}

// Append implements [Information].
func (o *ObjectID) Append(w *wire.Writer) {
	w.Bytes(o.ObjectID[:])
	w.Bytes(o.ExtendedInfo[:])
}

// Decode implements [Information].
func (o *ObjectID) Decode(r *wire.Reader) {
	r.Copy(o.ObjectID[:])
	r.Copy(o.ExtendedInfo[:])
}
