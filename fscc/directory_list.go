package fscc

import (
	"iter"

	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// DirectoryPacker packs directory entries of one class into an output buffer
// of limited size, aligned and linked by NextEntryOffset. Not safe for
// concurrent use.
type DirectoryPacker struct {
	row  Row
	w    *wire.Writer // its message begins at the first entry
	max  int          // bytes of the list
	n    int          // entries
	next wire.Hole    // NextEntryOffset of the last entry
	last int          // where the last entry begins, in bytes from the first
}

// NewDirectoryPacker returns a packer that appends to buf, which it takes
// over, a list of at most max bytes. The error is [ntstatus.NotSupported] for
// a class that cannot be packed; whether it is one of [MS-SMB2] 3.3.5.18 at
// all, its [Row] says.
func NewDirectoryPacker(class FileInformationClass, buf []byte, max int) (*DirectoryPacker, error) {
	row, _ := class.Row()
	if row.appendEntry == nil {
		return nil, ntstatus.NotSupported
	}
	return &DirectoryPacker{row: row, w: wire.NewWriter(buf), max: max}, nil
}

// Add packs e, or reports false and changes nothing if e does not fit. What
// to answer when not even the first entry fits is the caller's question.
func (p *DirectoryPacker) Add(e *DirectoryEntry) bool {
	start := align(p.w.Offset())
	if start+p.row.Size+wire.UTF16Len(e.FileName) > p.max {
		return false
	}
	if p.n > 0 {
		p.w.Align(listAlignment)
		p.w.Fill(p.next, start-p.last)
	}
	p.last = start
	p.n++
	p.next = p.w.Hole(4)
	p.row.appendEntry(p.w, e)
	return true
}

// Count is the number of entries packed so far.
func (p *DirectoryPacker) Count() int { return p.n }

// Len is the length of the list so far in bytes.
func (p *DirectoryPacker) Len() int { return p.w.Offset() }

// Finish returns the buffer given to [NewDirectoryPacker] with the list
// behind it. The packer must not be used afterwards.
func (p *DirectoryPacker) Finish() []byte { return p.w.Finish() }

// align rounds n up to the alignment of a list's entries.
func align(n int) int { return (n + listAlignment - 1) &^ (listAlignment - 1) }

// DirectoryEntries decodes list, which is packed as class says, one entry at a
// time. A malformed list yields its good entries first, then an error and
// nothing more: [ntstatus.NotSupported] for a class that cannot be decoded,
// else a *wire.Error. The entries do not alias list.
func DirectoryEntries(class FileInformationClass, list []byte) iter.Seq2[DirectoryEntry, error] {
	return func(yield func(DirectoryEntry, error) bool) {
		row, _ := class.Row()
		if row.readEntry == nil {
			yield(DirectoryEntry{}, ntstatus.NotSupported)
			return
		}
		r := wire.NewReader(list)
		for sub := range r.List(listAlignment, len(list)/row.Size+1) {
			var e DirectoryEntry
			row.readEntry(sub, &e)
			if sub.Err() != nil {
				continue // List ends, r takes the failure over
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := r.Err(); err != nil {
			yield(DirectoryEntry{}, err)
		}
	}
}
