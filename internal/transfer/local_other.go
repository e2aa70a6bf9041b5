//go:build !linux

package transfer

import (
	"io/fs"
	"os"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// Missing: creation times and attributes besides read-only, on macOS, FreeBSD
// and Windows.
func statEntry(fs.FileInfo, *Entry) {}

func readMeta(*os.File, *Entry) {}

func writeMeta(*os.File, Entry) {}

func checkSpace(*os.File, int64) error { return nil }

// flushParts makes what the parts hold safe from a power failure.
func flushParts(parts []finished) error {
	for _, f := range parts {
		if err := f.part.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// flushNames leaves names to the system, which orders them behind what was
// flushed.
func flushNames(*os.Root) error { return nil }

// maxLocalStream is the longest stream that has a place here, in bytes.
//
// Missing: streams, extended attributes and security descriptors of files of
// Windows and macOS, which have some of them.
const maxLocalStream = 0

func readExtras(*os.File, Keep) *extras { return nil }

func setStream(*os.File, string, []byte) error { return errNoPlace }

func setEA(*os.File, fscc.EA) error { return errNoPlace }

func setSecurity(*os.File, *dtyp.SecurityDescriptor) error { return errNoPlace }
