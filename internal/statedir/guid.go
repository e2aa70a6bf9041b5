package statedir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/signet-smb/signet/dtyp"
)

const guidFile = "server-guid"

// ServerGUID returns the GUID by which clients know this server again over
// restarts, making one at random the first time. [MS-SMB2] 3.3.1.5 ServerGuid.
// The caller holds the Lock.
func (d *Dir) ServerGUID() (dtyp.GUID, error) {
	text, err := d.ReadFile(guidFile, 64)
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
	return g, d.WriteFile(guidFile, []byte(g.String()+"\n"))
}

// ReadFile returns the file's content, which must be at most limit bytes.
func (d *Dir) ReadFile(name string, limit int64) ([]byte, error) {
	f, err := d.openFile(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", d.File(name), limit)
	}
	return data, err
}

// WriteFile puts data into the file, wholly or not at all.
func (d *Dir) WriteFile(name string, data []byte) error {
	tmp := name + ".new"
	f, err := d.openFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return d.rename(tmp, name)
}
