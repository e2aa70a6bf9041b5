package statedir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
)

const guidFile = "server-guid"

// ServerGUID returns the GUID by which clients know this server again over
// restarts, making one at random the first time. [MS-SMB2] 3.3.1.5 ServerGuid.
// The caller holds the Lock.
func (d *Dir) ServerGUID() (dtyp.GUID, error) {
	text, err := d.readFile(guidFile, 64)
	if errors.Is(err, fs.ErrNotExist) {
		return d.makeServerGUID()
	}
	if err != nil {
		return dtyp.GUID{}, err
	}
	g, err := dtyp.ParseGUID(strings.TrimSpace(string(text)))
	if err != nil || g.IsZero() {
		return dtyp.GUID{}, fmt.Errorf("%s does not hold a GUID: remove it to get a new identity", d.File(guidFile))
	}
	return g, nil
}

func (d *Dir) makeServerGUID() (dtyp.GUID, error) {
	g := dtyp.NewGUID()
	return g, d.writeFile(guidFile, []byte(g.String()+"\n"))
}

// readFile returns the file's content, which must be at most limit bytes.
func (d *Dir) readFile(name string, limit int64) ([]byte, error) {
	fd, err := unix.Openat(int(d.f.Fd()), name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: d.File(name), Err: err}
	}
	f := os.NewFile(uintptr(fd), d.File(name))
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", d.File(name), limit)
	}
	return data, err
}

// writeFile puts data into the file, wholly or not at all.
func (d *Dir) writeFile(name string, data []byte) error {
	dirfd, tmp := int(d.f.Fd()), name+".new"
	fd, err := unix.Openat(dirfd, tmp, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return &fs.PathError{Op: "create", Path: d.File(tmp), Err: err}
	}
	f := os.NewFile(uintptr(fd), d.File(tmp))
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = unix.Renameat(dirfd, tmp, dirfd, name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", d.File(name), err)
	}
	return d.f.Sync()
}
