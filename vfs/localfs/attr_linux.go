package localfs

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// attr puts what the kernel knows of the file at that place, and what is stored
// beside it, in the words of vfs. isDot tells, if asked, whether its name begins
// with a dot.
//
// What is stored is read as the process and not as the user: whoever may see
// the file may see that it is hidden. What cannot be read or understood counts
// as not stored.
func (f *FS) attr(ctx context.Context, st *unix.Statx_t, at place, isDot func() bool) vfs.Attr {
	if !hasSideData(st) {
		return attrOf(st, dosAttrib{}, isDot)
	}
	stored, ok := f.attribs.get(at.id, st)
	if !ok {
		// As the process, whoever the thread acts as just now.
		if err := vfs.ActingIn(ctx).End(); err != nil {
			return attrOf(st, dosAttrib{}, isDot)
		}
		begin := time.Now()
		var err error
		if stored, err = f.dosAttrib(at); err == nil || err == errNoSideData {
			f.attribs.put(at.id, st, begin, stored)
		}
	}
	return attrOf(st, stored, isDot)
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

// dosAttrib returns what is stored beside a regular file or directory, or
// nothing and why.
func (f *FS) dosAttrib(at place) (dosAttrib, error) {
	var buf [maxDOSAttrib]byte
	n, err := f.side.get(at, dosAttribName, buf[:])
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
