//go:build !unix

package localuser

import "os"

// openPrivate opens a file for reading.
//
// Missing: owner and ACL of the file are not looked at; the state directory's
// ACL is what protects it here.
func openPrivate(path string, p privacy) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := p.check(path, f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (privacy) checkOwner(string, os.FileInfo) error { return nil }

// syncDir does nothing: directories cannot be flushed here.
func syncDir(string) error { return nil }
