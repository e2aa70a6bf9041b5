package client

import (
	"bytes"
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Stat describes the file or directory called name: a link itself, not what it
// leads to. It costs one message there and back, a CREATE and a CLOSE: what
// these do not tell, the number of links and the size of the extended
// attributes, is 0, as in a listing. [File.Stat] tells it. [MS-SMB2] 3.2.4.3.
func (sh *Share) Stat(ctx context.Context, name string) (*FileInfo, error) {
	i, err := sh.stat(ctx, name)
	if err != nil {
		return nil, fail("stat", name, err)
	}
	return i, nil
}

// statOptions open a file to look at it.
var statOptions = OpenOptions{Access: dtyp.FileReadAttributes | dtyp.Synchronize, Options: fscc.OptionOpenReparsePoint}

func (sh *Share) stat(ctx context.Context, name string) (*FileInfo, error) {
	req, err := sh.createRequest(name, statOptions)
	if err != nil {
		return nil, err
	}
	req.Contexts = append(req.Contexts, smb2.QueryOnDiskIDContext())
	replies, err := sh.compound(ctx, req)
	if err != nil {
		return nil, err
	}
	defer releaseAll(replies)
	var res smb2.CreateResponse
	if err := replies[0].decode(&res); err != nil {
		return nil, replies[0].broken(err)
	}
	i := createdInfo(name, &res)
	if i.FileID, err = onDiskID(&res); err != nil {
		return nil, replies[0].broken(err)
	}
	if i.FileAttributes&fscc.FileAttributeReparsePoint != 0 {
		i.ReparseTag, err = sh.reparseTag(ctx, name)
	}
	return &i, err
}

// onDiskID is the file's number, if the server tells it; 0 if not. [MS-SMB2]
// 2.2.14.2.9.
func onDiskID(res *smb2.CreateResponse) (uint64, error) {
	for _, c := range res.Contexts {
		if c.Name == smb2.CreateQueryOnDiskID {
			id, err := c.OnDiskID()
			if err != nil {
				return 0, violation("2.2.14.2.9", "%v", err)
			}
			return id.DiskFileID, nil
		}
	}
	return 0, nil
}

// reparseTag asks what kind of reparse point name is.
func (sh *Share) reparseTag(ctx context.Context, name string) (uint32, error) {
	var tag fscc.AttributeTagInformation
	err := sh.query(ctx, name, statOptions, smb2.InfoFile, uint8(fscc.FileAttributeTagInformation), &tag)
	return tag.ReparseTag, err
}

// Stat describes the file as it is now.
func (f *File) Stat(ctx context.Context) (*FileInfo, error) {
	s := f.shared
	if err := s.check(); err != nil {
		return nil, fail("stat", s.name, err)
	}
	r, err := s.do(ctx, queryInfo(smb2.InfoFile, uint8(fscc.FileAllInformation)))
	if err != nil {
		return nil, fail("stat", s.name, err)
	}
	defer r.release()
	i, err := s.share.allInfo(&r, s.name)
	if err != nil {
		return nil, fail("stat", s.name, err)
	}
	return i, nil
}

// Info asks for an information class of the file. [MS-FSCC] 2.4.
func (f *File) Info(ctx context.Context, class fscc.FileInformationClass, info fscc.Information) error {
	s := f.shared
	if err := s.check(); err != nil {
		return fail("query", s.name, err)
	}
	r, err := s.do(ctx, queryInfo(smb2.InfoFile, uint8(class)))
	if err != nil {
		return fail("query", s.name, err)
	}
	defer r.release()
	return fail("query", s.name, s.share.information(&r, info))
}

// query asks for an information class of what name is, in one message.
func (sh *Share) query(ctx context.Context, name string, o OpenOptions, of smb2.InfoType, class uint8, info fscc.Information) error {
	req, err := sh.createRequest(name, o)
	if err != nil {
		return err
	}
	replies, err := sh.compound(ctx, req, queryInfo(of, class))
	if err != nil {
		return err
	}
	defer releaseAll(replies)
	return sh.information(&replies[1], info)
}

// queryInfo is the QUERY_INFO for an information class, in a chain.
func queryInfo(of smb2.InfoType, class uint8) *smb2.QueryInfoRequest {
	return &smb2.QueryInfoRequest{InfoType: of, FileInfoClass: class, OutputBufferLength: maxOutput, FileID: smb2.RelatedFileID}
}

// output is what a QUERY_INFO has brought; it dies with r.
func (sh *Share) output(r *reply) ([]byte, error) {
	var res smb2.QueryInfoResponse
	if err := r.decode(&res); err != nil {
		return nil, r.broken(err)
	}
	if len(res.Output) > maxOutput {
		return nil, r.broken(violation("3.2.5.17", "%d bytes for a QUERY_INFO of %d", len(res.Output), maxOutput))
	}
	return res.Output, nil
}

// information decodes what a QUERY_INFO has brought. What was cut off is not
// half used.
func (sh *Share) information(r *reply, info fscc.Information) error {
	out, err := sh.output(r)
	if err != nil {
		return err
	}
	if r.header.Status == ntstatus.BufferOverflow {
		return ntstatus.BufferOverflow
	}
	if err := fscc.DecodeInformation(out, info); err != nil {
		return r.broken(violation("3.2.5.17", "%v", err))
	}
	return nil
}

// allInfo makes a FileInfo of FileAllInformation.
func (sh *Share) allInfo(r *reply, name string) (*FileInfo, error) {
	var all fscc.AllInformation
	if err := sh.information(r, &all); err != nil {
		return nil, err
	}
	b, s := &all.BasicInformation, &all.StandardInformation
	return &FileInfo{
		name:           baseName(name),
		FileAttributes: b.FileAttributes,
		CreationTime:   timeOf(b.CreationTime),
		LastAccessTime: timeOf(b.LastAccessTime),
		LastWriteTime:  timeOf(b.LastWriteTime),
		ChangeTime:     timeOf(b.ChangeTime),
		EndOfFile:      s.EndOfFile,
		AllocationSize: s.AllocationSize,
		FileID:         all.InternalInformation.IndexNumber,
		NumberOfLinks:  s.NumberOfLinks,
		EaSize:         all.EaInformation.EaSize,
	}, nil
}

// Security is the security descriptor of what name is, as far as parts says.
func (sh *Share) Security(ctx context.Context, name string, parts dtyp.SecurityInformation) (dtyp.SecurityDescriptor, error) {
	var sd dtyp.SecurityDescriptor
	access := dtyp.ReadControl
	if parts&dtyp.SACLSecurityInformation != 0 {
		access |= dtyp.AccessSystemSecurity
	}
	req, err := sh.createRequest(name, OpenOptions{Access: access, Options: fscc.OptionOpenReparsePoint})
	if err != nil {
		return sd, fail("security", name, err)
	}
	query := queryInfo(smb2.InfoSecurity, 0)
	query.AdditionalInformation = parts
	replies, err := sh.compound(ctx, req, query)
	if err != nil {
		return sd, fail("security", name, err)
	}
	defer releaseAll(replies)
	out, err := sh.output(&replies[1])
	if err != nil {
		return sd, fail("security", name, err)
	}
	if err := sd.UnmarshalBinary(bytes.Clone(out)); err != nil {
		return sd, fail("security", name, replies[1].broken(violation("3.2.5.17", "%v", err)))
	}
	return sd, nil
}
