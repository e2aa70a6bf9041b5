package localfs

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// attr puts what the kernel knows of the file at that place, and what is stored
// beside it, in the words of vfs. isDot tells, if asked, whether its name begins
// with a dot.
//
// What is stored is read as the process where the user may not: whoever may see
// the file may see that it is hidden. What cannot be read or understood counts
// as not stored.
func (f *FS) attr(ctx context.Context, st *unix.Statx_t, at place, isDot func() bool) vfs.Attr {
	if !hasSideData(st) {
		return attrOf(st, dosAttrib{}, isDot)
	}
	known, ok := f.attribs.get(at.id, st)
	if !ok {
		begin := time.Now()
		var err error
		known, err = readSummary(f.side.near, at)
		if isAccess(err) && vfs.ActingIn(ctx).Kept() != nil {
			// The thread acts as the user just now.
			if err = vfs.ActingIn(ctx).End(); err == nil {
				known, err = readSummary(f.side.near, at)
			}
		}
		if err == nil {
			f.attribs.put(at.id, st, begin, known)
		} else {
			known.descriptor = true // perhaps; whoever looks for it fails as well
		}
	}
	// A change of what is kept aside does not move the file's time of change.
	if f.side.far.has(at) {
		if vfs.ActingIn(ctx).End() != nil { // only the process reads it
			known.descriptor = true
			return known.attr(st, isDot)
		}
		var err error
		if known, err = readSummary(&f.side, at); err != nil {
			known.descriptor = true
		}
	}
	return known.attr(st, isDot)
}

// attr is attrOf of a file that has these side data.
func (s *summary) attr(st *unix.Statx_t, isDot func() bool) vfs.Attr {
	a := attrOf(st, s.dos, isDot)
	if s.descriptor && !s.dos.hasAttributes {
		a.Attributes &^= fscc.FileAttributeReadonly // the descriptor says who may write
	}
	a.EASize = s.eaSize
	a.HasStreams = s.streams
	a.HasDescriptor = s.descriptor
	return a
}

// summary is what is told of a file's side data with its attributes.
type summary struct {
	dos    dosAttrib
	eaSize uint32 // see vfs.Attr
	// There are named streams.
	streams bool
	// There is a security descriptor.
	descriptor bool
}

// readSummary makes it. Listing the names comes first, as most files have
// none: it takes as long as asking for one.
func readSummary(side blobReader, at place) (s summary, err error) {
	names, err := side.list(at)
	if err != nil || len(names) == 0 {
		return s, err
	}
	if slices.Contains(names, dosAttribName) {
		s.dos, err = readDOSAttrib(side, at)
		if err == errDOSAttrib || err == errNoSideData {
			err = nil // and nothing is stored
		}
		if err != nil {
			return s, err
		}
	}
	s.descriptor = slices.Contains(names, securityNTACL) || slices.Contains(names, userNTACL)
	s.streams = slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, streamPrefix) })
	err = eachEAOf(side, at, names, func(name string, size int) error {
		s.eaSize += uint32(fscc.EASize(len(name), size))
		return nil
	})
	return s, err
}

// hasSideData says whether there may be any: the kernel keeps users' extended
// attributes with these kinds only.
func hasSideData(st *unix.Statx_t) bool {
	kind := st.Mode & unix.S_IFMT
	return kind == unix.S_IFREG || kind == unix.S_IFDIR
}

func attrOf(st *unix.Statx_t, stored dosAttrib, isDot func() bool) vfs.Attr {
	a := vfs.Attr{
		ID:             idOf(st),
		CreationTime:   birthOf(st),
		LastAccessTime: timeOf(st.Atime),
		LastWriteTime:  timeOf(st.Mtime),
		ChangeTime:     timeOf(st.Ctime),
		AllocationSize: st.Blocks * 512,
		NumberOfLinks:  st.Nlink,
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		a.Attributes = fscc.FileAttributeDirectory
		a.NumberOfLinks = min(st.Nlink, 1) // "." and ".." of sub-directories are no links to a client
	case unix.S_IFREG:
		a.EndOfFile = st.Size
	default:
		a.Special = true
	}
	if stored.created != 0 {
		a.CreationTime = stored.created.Time()
	}
	if stored.change.holds(a.ChangeTime) {
		a.ChangeTime = stored.change.time.Time()
	}
	if stored.hasAttributes {
		a.Attributes |= stored.attributes & shownAttributes
		return a
	}
	// Nobody said what the attributes are: the file speaks for itself.
	if a.HiddenByName = isDot(); a.HiddenByName {
		a.Attributes |= fscc.FileAttributeHidden
	}
	if st.Mode&unix.S_IFMT == unix.S_IFREG && st.Mode&0o222 == 0 {
		a.Attributes |= fscc.FileAttributeReadonly
	}
	return a
}

// settableAttributes are those that a SetAttr decides. [MS-FSA] 2.1.5.15.2.
// Samba 4.17 does not show Temporary and NotContentIndexed, and drops them
// when it changes the others.
const settableAttributes = fscc.FileAttributeReadonly | fscc.FileAttributeHidden | fscc.FileAttributeSystem |
	fscc.FileAttributeArchive | fscc.FileAttributeTemporary | fscc.FileAttributeOffline |
	fscc.FileAttributeNotContentIndexed

// shownAttributes are those believed when they are stored. Samba stores
// SparseFile when a client asks for it.
const shownAttributes = settableAttributes | fscc.FileAttributeSparseFile

// blobReader is the part of sideData that reads.
type blobReader interface {
	get(at place, name string, buf []byte) (int, error)
	list(at place) ([]string, error)
}

// readDOSAttrib returns what is stored beside a regular file or directory, or
// nothing and why.
func readDOSAttrib(side blobReader, at place) (dosAttrib, error) {
	var buf [maxDOSAttrib]byte
	n, err := side.get(at, dosAttribName, buf[:])
	if err != nil {
		return dosAttrib{}, err
	}
	return decodeDOSAttrib(buf[:n])
}

// birthOf returns when the file was made; zero where the file system does not
// know.
func birthOf(st *unix.Statx_t) time.Time {
	if st.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}
	}
	return timeOf(st.Btime)
}

func timeOf(t unix.StatxTimestamp) time.Time { return time.Unix(t.Sec, int64(t.Nsec)) }
