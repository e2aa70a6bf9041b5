package fsa

import (
	"context"
	"errors"
	"strings"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// EAs returns the extended attributes of the file in order of their names. The
// caller has checked FileReadEA. [MS-FSA] 2.1.5.12.12.
func (h *Handle) EAs(ctx context.Context) ([]fscc.EA, error) {
	return h.volume.eas(ctx, h.as, h.node)
}

// SetEAs makes, replaces and, without a value, removes extended attributes, in
// order. The caller has checked FileWriteEA. [MS-FSA] 2.1.5.15.6.
//
//   - InvalidEAName: a name or a flag that there is not;
//   - EATooLarge: together with those there are, more than fscc.MaxEASize;
//   - EAsNotSupported: the back end has no place for them.
//
// Missing: the attribute FileAttributeArchive is not set.
func (h *Handle) SetEAs(ctx context.Context, set []fscc.EA) error {
	if err := h.volume.setEAs(ctx, h.as, h.node, set); err != nil {
		return err
	}
	h.attributesChanged(fscc.NotifyChangeEA)
	return nil
}

func (v *Volume) eas(ctx context.Context, as *vfs.Cred, n vfs.Node) ([]fscc.EA, error) {
	backend, ok := v.fs.(vfs.ExtendedAttributes)
	if !ok {
		return nil, nil
	}
	eas, err := backend.EAs(ctx, as, n)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	return eas, err
}

func (v *Volume) setEAs(ctx context.Context, as *vfs.Cred, n vfs.Node, set []fscc.EA) error {
	backend, ok := v.fs.(vfs.ExtendedAttributes)
	if !ok || !v.info.StoresEAs {
		return ntstatus.EAsNotSupported
	}
	if err := checkEAs(set); err != nil {
		return err
	}
	now, err := backend.EAs(ctx, as, n)
	if err != nil {
		return err
	}
	if sizeOfEAs(now, set) > fscc.MaxEASize {
		return ntstatus.EATooLarge
	}
	err = backend.SetEAs(ctx, as, n, set)
	if errors.Is(err, errors.ErrUnsupported) {
		return ntstatus.EAsNotSupported
	}
	return err
}

// checkEAs says whether extended attributes are well-formed.
func checkEAs(set []fscc.EA) error {
	for i := range set {
		if !set[i].ValidName() || set[i].Flags&^fscc.NeedEA != 0 {
			return ntstatus.InvalidEAName
		}
	}
	return nil
}

// sizeOfEAs returns the most that those of a file count while set is carried
// out on it, in bytes.
func sizeOfEAs(now, set []fscc.EA) int {
	sizes, total := make(map[string]int, len(now)+len(set)), 0
	for i := range now {
		sizes[strings.ToUpper(now[i].Name)] = now[i].Size()
		total += now[i].Size()
	}
	most := 0
	for i := range set {
		key, size := strings.ToUpper(set[i].Name), 0
		if len(set[i].Value) > 0 {
			size = set[i].Size()
		}
		total += size - sizes[key]
		sizes[key] = size
		most = max(most, total)
	}
	return most
}

// checkEAKnowledge refuses a file that cannot be understood without its
// extended attributes to who does not know such. [MS-FSA] 2.1.5.1.2.
func (o *opening) checkEAKnowledge(ctx context.Context, n vfs.Node) error {
	if !o.has(fscc.OptionNoEAKnowledge) {
		return nil
	}
	eas, err := o.volume.eas(ctx, o.As, n)
	if err != nil {
		return err
	}
	for i := range eas {
		if eas[i].Flags&fscc.NeedEA != 0 {
			return ntstatus.AccessDenied
		}
	}
	return nil
}
