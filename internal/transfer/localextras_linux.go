package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs/localfs"
)

// maxLocalStream is the longest stream that an extended attribute holds, in
// bytes.
const maxLocalStream = localfs.MaxStreamAttribute

// Bounds of Linux, in bytes.
const (
	maxXattrList  = 64 << 10
	maxXattrValue = 64 << 10
)

// readExtras reads what f has in extended attributes of what is kept.
func readExtras(f *os.File, keep Keep) *extras {
	if keep == (Keep{}) {
		return nil
	}
	x := &extras{}
	total := 0
	for _, attribute := range listXattrs(f) {
		streamName, isStream := localfs.StreamOfAttribute(attribute)
		ea, isEA := localfs.EAOfAttribute(attribute)
		isSecurity := attribute == localfs.SecurityAttribute
		wanted := isStream && keep.Streams || isEA && keep.EAs || isSecurity && keep.ACLs
		if !wanted {
			continue
		}
		value, err := getXattr(f, attribute)
		if errors.Is(err, unix.ENODATA) {
			continue // removed this moment
		}
		if err == nil && total+len(value) > maxLocalStreams {
			err = fmt.Errorf("a file has more than %d bytes of them", maxLocalStreams)
		}
		var sd dtyp.SecurityDescriptor
		if err == nil && isSecurity {
			err = sd.UnmarshalBinary(value)
		}
		if err != nil {
			x.left = append(x.left, fmt.Errorf("copied without what is in %q: %w", attribute, err))
			continue
		}
		total += len(value)
		switch {
		case isStream:
			data := value[:max(len(value), 1)-1] // a byte is behind it
			x.add(stream{name: streamName, size: int64(len(data)), data: data})
		case isEA:
			x.eas = append(x.eas, fscc.EA{Name: ea, Value: value})
		default:
			x.security = &sd
		}
	}
	return x.orNil()
}

// listXattrs gives the names of f's extended attributes, sorted; none where
// there is no such thing.
func listXattrs(f *os.File) (names []string) {
	var short [512]byte
	buf := short[:]
	n := 0
	list := func(fd int) (err error) {
		n, err = unix.Flistxattr(fd, buf)
		return err
	}
	err := onFD(f, list)
	if errors.Is(err, unix.ERANGE) {
		buf = make([]byte, maxXattrList)
		err = onFD(f, list)
	}
	if err != nil {
		return nil
	}
	for name := range bytes.SplitSeq(buf[:n], []byte{0}) {
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names
}

// getXattr reads an extended attribute.
func getXattr(f *os.File, name string) ([]byte, error) {
	buf := make([]byte, maxXattrValue)
	n := 0
	err := onFD(f, func(fd int) (err error) {
		n, err = unix.Fgetxattr(fd, name, buf)
		return err
	})
	return bytes.Clone(buf[:n]), err
}

// setXattr sets an extended attribute, and says why it cannot in words that are
// about that.
func setXattr(f *os.File, name string, value []byte) error {
	err := onFD(f, func(fd int) error { return unix.Fsetxattr(fd, name, value, 0) })
	switch {
	case errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("%w: the file system has no extended attributes", errNoPlace)
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.E2BIG), errors.Is(err, unix.ERANGE):
		return fmt.Errorf("%w: the file system has no room for it beside the file", errNoPlace)
	}
	return err
}

func setStream(f *os.File, name string, data []byte) error {
	attribute, ok := localfs.StreamAttribute(name)
	if !ok {
		return &NameError{name, "no extended attribute can have it in its name"}
	}
	return setXattr(f, attribute, append(slices.Clip(data), 0))
}

func setEA(f *os.File, ea fscc.EA) error {
	attribute, ok := localfs.EAAttribute(ea.Name)
	if !ok {
		return &NameError{ea.Name, "servers keep something of their own there"}
	}
	return setXattr(f, attribute, ea.Value)
}

func setSecurity(f *os.File, sd *dtyp.SecurityDescriptor) error {
	value, err := sd.AppendBinary(nil)
	if err != nil {
		return err
	}
	return setXattr(f, localfs.SecurityAttribute, value)
}
