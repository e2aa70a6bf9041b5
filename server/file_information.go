package server

import (
	"encoding/binary"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// attributesOf is a file's attributes as clients want them: NORMAL stands for
// none. [MS-FSCC] 2.6.
func attributesOf(attr *vfs.Attr) fscc.FileAttributes {
	if attr.Attributes == 0 {
		return fscc.FileAttributeNormal
	}
	return attr.Attributes
}

// fromAttr makes a row's query of a function that needs the attributes only.
func fromAttr(f func(*vfs.Attr) fscc.Information) func(*authenticated) (fscc.Information, error) {
	return func(a *authenticated) (fscc.Information, error) {
		attr, err := a.open.handle.Attr(a.ctx)
		if err != nil {
			return nil, err
		}
		return f(&attr), nil
	}
}

func basicInformation(attr *vfs.Attr) fscc.Information {
	return &fscc.BasicInformation{
		CreationTime:   dtyp.FileTimeOf(attr.CreationTime),
		LastAccessTime: dtyp.FileTimeOf(attr.LastAccessTime),
		LastWriteTime:  dtyp.FileTimeOf(attr.LastWriteTime),
		ChangeTime:     dtyp.FileTimeOf(attr.ChangeTime),
		FileAttributes: attributesOf(attr),
	}
}

func standardInformation(a *authenticated) (fscc.Information, error) {
	attr, err := a.open.handle.Attr(a.ctx)
	if err != nil {
		return nil, err
	}
	return standardOf(a, &attr), nil
}

func standardOf(a *authenticated, attr *vfs.Attr) *fscc.StandardInformation {
	info := &fscc.StandardInformation{
		AllocationSize: attr.AllocationSize,
		EndOfFile:      attr.EndOfFile,
		NumberOfLinks:  attr.NumberOfLinks,
		DeletePending:  a.open.handle.DeletePending(),
		Directory:      a.open.handle.IsDir(),
	}
	if attr.IsDir() {
		info.NumberOfLinks = 1 // Unix counts sub-directories
	}
	if a.open.handle.NameDeletePending() && info.NumberOfLinks > 0 {
		info.NumberOfLinks--
	}
	return info
}

func internalInformation(a *authenticated) (fscc.Information, error) {
	return &fscc.InternalInformation{IndexNumber: a.open.handle.FileID()}, nil
}

func eaInformation(attr *vfs.Attr) fscc.Information {
	info := fscc.EaInformationOf(attr.EASize)
	return &info
}

func accessInformation(a *authenticated) (fscc.Information, error) {
	return &fscc.AccessInformation{AccessFlags: a.open.object.GrantedAccess()}, nil
}

func positionInformation(a *authenticated) (fscc.Information, error) {
	return &fscc.PositionInformation{CurrentByteOffset: a.open.position.Load()}, nil
}

// modeOptions are the create options that FileModeInformation shows.
// [MS-FSCC] 2.4.31.
const modeOptions = fscc.OptionWriteThrough | fscc.OptionSequentialOnly | fscc.OptionNoIntermediateBuffering |
	fscc.OptionSynchronousIOAlert | fscc.OptionSynchronousIONonAlert | fscc.OptionDeleteOnClose

func modeInformation(a *authenticated) (fscc.Information, error) {
	return &fscc.ModeInformation{Mode: a.open.handle.Options() & modeOptions}, nil
}

func alignmentInformation(*authenticated) (fscc.Information, error) {
	return &fscc.AlignmentInformation{}, nil
}

// allInformation carries the file's name, which <420> permits and clients use.
func allInformation(a *authenticated) (fscc.Information, error) {
	attr, err := a.open.handle.Attr(a.ctx)
	if err != nil {
		return nil, err
	}
	return &fscc.AllInformation{
		BasicInformation:    *basicInformation(&attr).(*fscc.BasicInformation),
		StandardInformation: *standardOf(a, &attr),
		InternalInformation: fscc.InternalInformation{IndexNumber: a.open.handle.FileID()},
		EaInformation:       fscc.EaInformationOf(attr.EASize),
		AccessInformation:   fscc.AccessInformation{AccessFlags: a.open.handle.GrantedAccess()},
		PositionInformation: fscc.PositionInformation{CurrentByteOffset: a.open.position.Load()},
		ModeInformation:     fscc.ModeInformation{Mode: a.open.handle.Options() & modeOptions},
		NameInformation:     fscc.NameInformation{FileName: `\` + a.open.handle.Name()},
	}, nil
}

func networkOpenInformation(attr *vfs.Attr) fscc.Information {
	return &fscc.NetworkOpenInformation{
		CreationTime:   dtyp.FileTimeOf(attr.CreationTime),
		LastAccessTime: dtyp.FileTimeOf(attr.LastAccessTime),
		LastWriteTime:  dtyp.FileTimeOf(attr.LastWriteTime),
		ChangeTime:     dtyp.FileTimeOf(attr.ChangeTime),
		AllocationSize: attr.AllocationSize,
		EndOfFile:      attr.EndOfFile,
		FileAttributes: attributesOf(attr),
	}
}

func attributeTagInformation(attr *vfs.Attr) fscc.Information {
	return &fscc.AttributeTagInformation{FileAttributes: attributesOf(attr)}
}

func compressionInformation(attr *vfs.Attr) fscc.Information {
	return &fscc.CompressionInformation{CompressedFileSize: attr.EndOfFile}
}

// alternateNameInformation is the name that programs use that know names of
// 8.3 form only. The root has none, which makes it NOT_SUPPORTED: smbclient's
// allinfo takes OBJECT_NAME_NOT_FOUND, which [MS-FSA] 2.1.5.12.4 has, for the
// end of all.
func alternateNameInformation(a *authenticated) (fscc.Information, error) {
	short := a.open.handle.ShortName()
	if short == "" {
		return nil, ntstatus.NotSupported
	}
	return &fscc.NameInformation{FileName: short}, nil
}

func normalizedNameInformation(a *authenticated) (fscc.Information, error) {
	return &fscc.NameInformation{FileName: a.open.handle.Name()}, nil
}

func idInformation(a *authenticated) (fscc.Information, error) {
	return &fscc.IDInformation{
		VolumeSerialNumber: uint64(a.tree.share.volume.SerialNumber()),
		FileID:             fileID128(a.open.handle.FileID()),
	}, nil
}

// fileID128 is the 128-bit form of a file id: the same number.
// [MS-FSCC] 2.1.10.
func fileID128(id uint64) (wide [16]byte) {
	binary.LittleEndian.PutUint64(wide[:], id)
	return wide
}
