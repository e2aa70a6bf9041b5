package main

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/localfs"
)

// The file-system back ends of this build, each with the function that opens
// it for serve. A new one is named here; none registers itself.
//
//	localfs   a folder of this host   openFolder

// folder is an open back end.
type folder interface {
	vfs.FS
	// Sweep removes what was kept for files that are gone by now, and says of
	// how many. It may run beside anything but Close.
	Sweep(context.Context) (int, error)
	Close() error // after the server's Shutdown
}

// openFolder opens a folder of this host, in which the protected paths do not
// exist. who acts where the server names nobody; sids tells whose files are.
func openFolder(path string, who actor, sids localfs.Principals, protected []string) (folder, error) {
	fs, err := localfs.Open(path)
	if err != nil {
		return nil, err
	}
	if err := fs.Protect(protected...); err != nil {
		return nil, errors.Join(err, fs.Close())
	}
	fs.As, fs.Principals = who.cred, sids
	return fs, nil
}
