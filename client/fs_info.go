package client

import (
	"context"
	"math/bits"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// FSInfo describes the file system behind a share.
type FSInfo struct {
	Total     uint64 // bytes
	Free      uint64 // bytes
	Available uint64 // bytes that the user may still use
	BlockSize uint64 // bytes

	Type       string // "NTFS"
	Label      string
	Serial     uint32
	Created    time.Time
	Attributes fscc.FileSystemAttributes
	MaxName    int // characters of a component
}

// FSInfo asks about the file system. [MS-FSCC] 2.5.
func (sh *Share) FSInfo(ctx context.Context) (*FSInfo, error) {
	i, err := sh.fsInfo(ctx)
	if err != nil {
		return nil, fail("file system", sh.Path(), err)
	}
	return i, nil
}

func (sh *Share) fsInfo(ctx context.Context) (*FSInfo, error) {
	req, err := sh.createRequest("", OpenOptions{Access: dtyp.FileReadAttributes | dtyp.Synchronize})
	if err != nil {
		return nil, err
	}
	var size fscc.FsFullSizeInformation
	var attributes fscc.FsAttributeInformation
	var volume fscc.FsVolumeInformation
	asked := []struct {
		class fscc.FSInformationClass
		info  fscc.Information
	}{
		{fscc.FileFsFullSizeInformation, &size},
		{fscc.FileFsAttributeInformation, &attributes},
		{fscc.FileFsVolumeInformation, &volume},
	}
	var queries []smb2.Message
	for _, a := range asked {
		queries = append(queries, queryInfo(smb2.InfoFileSystem, uint8(a.class)))
	}
	replies, err := sh.compound(ctx, req, queries...)
	if err != nil {
		return nil, err
	}
	defer releaseAll(replies)
	for i, a := range asked {
		if err := sh.information(&replies[i+1], a.info); err != nil {
			return nil, err
		}
	}
	unit := uint64(size.SectorsPerAllocationUnit) * uint64(size.BytesPerSector)
	info := &FSInfo{
		BlockSize: unit, Type: attributes.FileSystemName, Label: volume.VolumeLabel, Serial: volume.VolumeSerialNumber,
		Created: timeOf(volume.VolumeCreationTime), Attributes: attributes.FileSystemAttributes,
		MaxName: int(attributes.MaximumComponentNameLength),
	}
	for _, b := range []struct {
		to    *uint64
		units uint64
	}{
		{&info.Total, size.TotalAllocationUnits},
		{&info.Available, size.CallerAvailableAllocationUnits},
		{&info.Free, size.ActualAvailableAllocationUnits},
	} {
		high, low := bits.Mul64(b.units, unit)
		if high != 0 {
			return nil, ntstatus.IntegerOverflow
		}
		*b.to = low
	}
	return info, nil
}
