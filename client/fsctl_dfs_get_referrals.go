package client

import (
	"context"
	"strings"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
)

// Referral says where a part of a DFS namespace really is. Nothing is followed
// by itself: another server would get to see the user's sign-in.
type Referral struct {
	Path     string        // the part of the path that Target takes the place of: \server\root\link
	Target   string        // \server\share\folder
	Root     bool          // Target is a namespace again
	Storage  bool          // Target has the files
	Lifetime time.Duration // how long that may be remembered
}

// dfsLevel is the newest version of the answer that is understood.
const dfsLevel = 3

// maxReferrals bounds one answer.
const maxReferrals = 1 << 10

// Referrals asks where path is, `\server\share\folder`, in a DFS namespace of
// the server. The error wraps [ntstatus.FSDriverRequired] from a server without
// DFS. [MS-SMB2] 3.2.4.20.3, [MS-DFSC] 3.1.5.4.
func (s *Session) Referrals(ctx context.Context, path string) ([]Referral, error) {
	list, err := s.referrals(ctx, path)
	return list, fail("referrals", path, err)
}

func (s *Session) referrals(ctx context.Context, path string) ([]Referral, error) {
	path = `\` + strings.Trim(strings.ReplaceAll(path, "/", `\`), `\`)
	share, err := s.Share(ctx, "IPC$")
	if err != nil {
		return nil, err
	}
	defer share.Close()
	var t *treeConnect
	var out []byte
	err = s.repeat(ctx, true, func() error {
		if t, err = share.tree(ctx); err == nil {
			out, err = t.ioctl(ctx, fscc.FSCTLDFSGetReferrals, smb2.RelatedFileID,
				fscc.AppendInformation(nil, &fscc.GetDFSReferral{MaxReferralLevel: dfsLevel, RequestFileName: path}))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, err := decodeReferrals(out, path)
	if err != nil {
		return nil, t.session.conn.broken(violation("3.2.5.14.5", "%v", err))
	}
	return list, nil
}

// decodeReferrals reads RESP_GET_DFS_REFERRAL, the answer about path.
// [MS-DFSC] 2.2.4.
func decodeReferrals(b []byte, path string) ([]Referral, error) {
	r := wire.NewReader(b)
	consumed := int(r.U16()) // bytes of path, in UTF-16
	n := int(r.U16())
	r.Skip(4) // flags of the whole
	r.Check(n <= maxReferrals && consumed%2 == 0 && consumed <= wire.UTF16Len(path), "NumberOfReferrals")
	if r.Err() != nil {
		return nil, r.Err()
	}
	covered := wire.DecodeUTF16(wire.AppendUTF16(nil, path)[:consumed])
	var list []Referral
	rest := r.Rest()
	for range n {
		e := wire.NewReader(rest)
		ref, size, err := decodeReferral(e)
		if err != nil {
			return nil, err
		}
		whole := wire.NewReader(rest)
		whole.Skip(size)
		rest = whole.Rest()
		if ref.Target == "" {
			continue // a list of domain controllers, which nobody asked for
		}
		ref.Path = covered
		list = append(list, ref)
	}
	return list, nil
}

// decodeReferral reads one entry, whose strings are counted from its start,
// and tells its size in bytes. [MS-DFSC] 2.2.5.
func decodeReferral(r *wire.Reader) (ref Referral, size int, err error) {
	version := r.U16()
	size = int(r.U16())
	kind := r.U16()
	flags := r.U16()
	ref.Root = kind == 1
	ref.Storage = kind == 0
	r.Check(version >= 1 && version <= 4, "VersionNumber")
	switch version {
	case 1:
		r.Check(size >= 8, "Size")
		if r.Err() == nil {
			ref.Target = terminated(r, 8)
		}
	case 2:
		r.Check(size >= 22, "Size")
		r.U32() // Proximity
		ref.Lifetime = time.Duration(r.U32()) * time.Second
		r.Skip(4)
		ref.Target = terminated(r, uint64(r.U16()))
	default:
		const nameList = 0x0002
		r.Check(size >= 18, "Size")
		ref.Lifetime = time.Duration(r.U32()) * time.Second
		if flags&nameList != 0 {
			return ref, size, r.Err()
		}
		r.Skip(4)
		ref.Target = terminated(r, uint64(r.U16()))
	}
	return ref, size, r.Err()
}

// terminated is the UTF-16 string at off that a NUL ends.
func terminated(r *wire.Reader, off uint64) string {
	s, _, found := strings.Cut(wire.DecodeUTF16(r.Tail(off)), "\x00")
	r.Check(found, "NetworkAddress")
	return s
}
