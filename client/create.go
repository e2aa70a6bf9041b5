package client

import (
	"context"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// OpenOptions are how a file is opened, in NT's terms. The zero value opens
// what exists for reading, and lets others read, write and delete it.
type OpenOptions struct {
	Access      dtyp.AccessMask          // 0: dtyp.GenericRead
	Share       fscc.ShareAccess         // what others may do meanwhile; see Exclusive
	Exclusive   bool                     // Share means what it says even if it is 0, which else is everything
	Disposition Disposition              // what to do if the file exists, and if not
	Options     fscc.CreateOptions       // OptionDirectoryFile, OptionDeleteOnClose, …
	Attributes  fscc.FileAttributes      // of a new file
	Security    *dtyp.SecurityDescriptor // of a new file; nil: as it inherits
	EAs         []fscc.EA                // of a new file
	Allocation  uint64                   // bytes to reserve for a new file
}

// Disposition is what an open does when the file exists, and when it does not.
// The zero value opens it, or fails. [MS-SMB2] 2.2.13.
type Disposition uint8

// Dispositions.
const (
	OpenExisting Disposition = iota // open, or fail
	CreateNew                       // fail, or create
	OpenOrCreate                    // open, or create
	Overwrite                       // empty it, or fail
	CreateAlways                    // empty it, or create
	Supersede                       // replace it, or create
)

// dispositions are their codes.
var dispositions = [...]fscc.CreateDisposition{
	OpenExisting: fscc.DispositionOpen,
	CreateNew:    fscc.DispositionCreate,
	OpenOrCreate: fscc.DispositionOpenIf,
	Overwrite:    fscc.DispositionOverwrite,
	CreateAlways: fscc.DispositionOverwriteIf,
	Supersede:    fscc.DispositionSupersede,
}

// shareAll lets others do everything.
const shareAll = fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete

// createRequest is the CREATE for name.
func (sh *Share) createRequest(name string, o OpenOptions) (*smb2.CreateRequest, error) {
	path, err := wireName(name)
	if err != nil {
		return nil, err
	}
	if int(o.Disposition) >= len(dispositions) {
		return nil, ntstatus.InvalidParameter
	}
	req := &smb2.CreateRequest{
		RequestedOplockLevel: smb2.OplockNone,
		ImpersonationLevel:   smb2.ImpersonationImpersonation,
		DesiredAccess:        o.Access,
		FileAttributes:       o.Attributes,
		ShareAccess:          o.Share,
		CreateDisposition:    dispositions[o.Disposition],
		CreateOptions:        o.Options,
		Name:                 path,
	}
	if req.DesiredAccess == 0 {
		req.DesiredAccess = dtyp.GenericRead
	}
	if req.ShareAccess == 0 && !o.Exclusive {
		req.ShareAccess = shareAll
	}
	if o.Security != nil {
		req.Contexts = append(req.Contexts, smb2.SDBufferContext(*o.Security))
	}
	if len(o.EAs) > 0 {
		for _, ea := range o.EAs {
			if !ea.ValidName() {
				return nil, ntstatus.InvalidEAName
			}
		}
		req.Contexts = append(req.Contexts, smb2.EABufferContext(fscc.FullEaInformation{EAs: o.EAs}))
	}
	if o.Allocation > 0 {
		req.Contexts = append(req.Contexts, smb2.AllocationSizeContext(o.Allocation))
	}
	if !sh.snapshot.IsZero() {
		req.Contexts = append(req.Contexts, smb2.TimewarpTokenContext(dtyp.FileTimeOf(sh.snapshot)))
	}
	return req, nil
}

// Open opens the file called name for reading.
func (sh *Share) Open(ctx context.Context, name string) (*File, error) {
	return sh.OpenFile(ctx, name, OpenOptions{})
}

// Create makes the file called name, or empties it, and opens it for reading
// and writing.
func (sh *Share) Create(ctx context.Context, name string) (*File, error) {
	return sh.OpenFile(ctx, name, OpenOptions{
		Access: dtyp.GenericRead | dtyp.GenericWrite, Disposition: CreateAlways, Options: fscc.OptionNonDirectoryFile,
	})
}

// OpenFile opens the file or directory called name. ctx counts for the opening
// only. [MS-SMB2] 3.2.4.3, 3.2.5.7.
func (sh *Share) OpenFile(ctx context.Context, name string, o OpenOptions) (*File, error) {
	f, err := sh.open(ctx, name, o)
	if err != nil {
		return nil, fail("open", name, err)
	}
	return f, nil
}

func (sh *Share) open(ctx context.Context, name string, o OpenOptions) (f *File, err error) {
	req, err := sh.createRequest(name, o)
	if err != nil {
		return nil, err
	}
	err = sh.follow(req, func() error {
		return sh.session.repeat(ctx, repeatable(req), func() error {
			t, err := sh.tree(ctx)
			if err != nil {
				return err
			}
			f, err = sh.openIn(ctx, t, name, req)
			return err
		})
	})
	return f, err
}

// openIn opens name in t by req.
func (sh *Share) openIn(ctx context.Context, t *treeConnect, name string, req *smb2.CreateRequest) (*File, error) {
	var d *durability
	if sh.session.lasting && t.wantsDurable(req) {
		d, req = t.durability(req)
		sh.session.opens.expect(d)
	}
	f, err := sh.openAs(ctx, t, name, req, d)
	if err != nil {
		sh.session.opens.forget(d)
	}
	return f, err
}

func (sh *Share) openAs(ctx context.Context, t *treeConnect, name string, req *smb2.CreateRequest, d *durability) (*File, error) {
	q := t.request(req)
	q.orphan = t.closeLate
	replies, err := t.session.conn.do(ctx, q)
	if err != nil {
		return nil, err
	}
	r := &replies[0]
	defer r.release()
	if r.header.Status == ntstatus.StoppedOnSymlink {
		return nil, r.stopped(req.Name)
	}
	if r.header.Status != ntstatus.Success {
		return nil, r.failure()
	}
	var res smb2.CreateResponse
	err = r.decode(&res)
	if err == nil && d != nil {
		err = sh.session.opens.opened(d, t, &res)
	}
	if err != nil {
		return nil, r.broken(err)
	}
	s := &shared{share: sh, name: name, created: res.CreateAction, durability: d, renew: newGate()}
	s.current.Store(&open{tree: t, id: res.FileID})
	return &File{shared: s, info: createdInfo(name, &res), ctx: context.Background()}, nil
}

// closeLate closes what a CREATE has opened for which nobody waits any more.
func (t *treeConnect) closeLate(r reply) {
	var res smb2.CreateResponse
	if r.header.Status == ntstatus.Success && r.decode(&res) == nil {
		t.session.conn.post(t.request(&smb2.CloseRequest{FileID: res.FileID}))
	}
}

// createdInfo is what a CREATE tells of the file.
func createdInfo(name string, r *smb2.CreateResponse) FileInfo {
	return FileInfo{
		name:           baseName(name),
		FileAttributes: r.FileAttributes,
		CreationTime:   timeOf(r.CreationTime),
		LastAccessTime: timeOf(r.LastAccessTime),
		LastWriteTime:  timeOf(r.LastWriteTime),
		ChangeTime:     timeOf(r.ChangeTime),
		EndOfFile:      r.EndOfFile,
		AllocationSize: r.AllocationSize,
	}
}

// timeOf is the time that f says; zero if it says none.
func timeOf(f dtyp.FileTime) time.Time {
	if f == 0 {
		return time.Time{}
	}
	return f.Time()
}
