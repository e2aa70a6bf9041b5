package localuser

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/signet-smb/signet/internal/private"
)

// KeySize is the length of a store's key in bytes.
const KeySize = 32

// LoadKey reads the key that lies beside the store (secrets.key), or makes one
// if there is no such file. A file that others may read or write, or that
// somebody else owns, is refused with an error that wraps fs.ErrPermission.
//
// A new key is on the disk, file and directory entry, when LoadKey returns; a
// crash leaves a whole file or none.
func LoadKey(path string) (*[KeySize]byte, error) {
	key, err := readKey(path, private.OwnerOnly)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(path)
		if errors.Is(err, fs.ErrExist) { // somebody was quicker
			key, err = readKey(path, private.OwnerOnly)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key of the account store: %w", err)
	}
	return key, nil
}

// ReadKey reads a key that the administrator brings: an explicit file, or one
// in $CREDENTIALS_DIRECTORY. It is never made. The file belongs to this user or
// to root, and nobody but its owner and its group may read it: systemd grants
// access by an ACL, which shows as a right of the group.
func ReadKey(path string) (*[KeySize]byte, error) {
	key, err := readKey(path, private.Credential)
	if err != nil {
		return nil, fmt.Errorf("key of the account store: %w", err)
	}
	return key, nil
}

// readKey takes 32 raw bytes, or 64 hexadecimal digits and white space.
func readKey(path string, rule private.Rule) (*[KeySize]byte, error) {
	f, err := private.Open(path, rule)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4*KeySize))
	if err != nil {
		return nil, err
	}
	defer clear(b)
	key := new([KeySize]byte)
	if len(b) == KeySize {
		copy(key[:], b)
		return key, nil
	}
	digits := bytes.TrimSpace(b)
	if len(digits) != hex.EncodedLen(KeySize) {
		return nil, fmt.Errorf("%s: neither %d bytes nor as many in hexadecimal", path, KeySize)
	}
	if _, err := hex.Decode(key[:], digits); err != nil {
		return nil, fmt.Errorf("%s: not hexadecimal", path) // err would quote a digit
	}
	return key, nil
}

// makeKey writes a new key under another name first, then gives it its own,
// which fails with fs.ErrExist if that is taken.
func makeKey(path string) (*[KeySize]byte, error) {
	key := new([KeySize]byte)
	rand.Read(key[:])
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // mode 0600, O_EXCL
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(hex.EncodeToString(key[:]) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return nil, err
	}
	return key, private.SyncDir(dir)
}
