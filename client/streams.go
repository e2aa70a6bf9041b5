package client

import (
	"context"
	"errors"
	"strings"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Stream is a data stream of a file. Open it by the file's name, a colon and
// its own.
type Stream struct {
	Name string // "" is the unnamed one, which every file has
	Size uint64 // bytes
}

// Streams lists the data streams of what name is. [MS-FSCC] 2.4.49.
func (sh *Share) Streams(ctx context.Context, name string) ([]Stream, error) {
	var info fscc.StreamInformation
	if err := sh.query(ctx, name, statOptions, smb2.InfoFile, uint8(fscc.FileStreamInformation), &info); err != nil {
		return nil, fail("streams", name, err)
	}
	list, err := streamList(&info)
	return list, fail("streams", name, err)
}

// streamList are the data streams of a list. The error is a *[NameError] if one
// has a name that none can have.
func streamList(info *fscc.StreamInformation) ([]Stream, error) {
	list := make([]Stream, 0, len(info.Streams))
	for _, s := range info.Streams {
		text, ok := strings.CutPrefix(s.StreamName, ":")
		text, data := strings.CutSuffix(text, ":$DATA")
		if !ok || !data {
			continue
		}
		if text != "" {
			if err := checkName(text); err != nil {
				return nil, err
			}
			if strings.Contains(text, ":") {
				return nil, &NameError{Name: text, Problem: "it has a colon in it"}
			}
		}
		list = append(list, Stream{Name: text, Size: s.StreamSize})
	}
	return list, nil
}

// EAs are the extended attributes of what name is. [MS-FSCC] 2.4.16.
func (sh *Share) EAs(ctx context.Context, name string) ([]fscc.EA, error) {
	var info fscc.FullEaInformation
	err := sh.query(ctx, name, OpenOptions{
		Access: dtyp.FileReadEA | dtyp.FileReadAttributes | dtyp.Synchronize, Options: fscc.OptionOpenReparsePoint,
	}, smb2.InfoFile, uint8(fscc.FileFullEaInformation), &info)
	if errors.Is(err, ntstatus.NoEAsOnFile) || errors.Is(err, ntstatus.NoMoreEAs) {
		return nil, nil
	}
	if err != nil {
		return nil, fail("attributes", name, err)
	}
	return info.EAs, nil
}

// SetEAs sets those extended attributes of what name is; one without a value
// is deleted, and the others stay.
func (sh *Share) SetEAs(ctx context.Context, name string, eas ...fscc.EA) error {
	for _, ea := range eas {
		if !ea.ValidName() {
			return fail("set attributes", name, ntstatus.InvalidEAName)
		}
	}
	return sh.set(ctx, "set attributes", name, OpenOptions{
		Access: dtyp.FileWriteEA | dtyp.Synchronize, Options: fscc.OptionOpenReparsePoint,
	}, setInfo(fscc.FileFullEaInformation, &fscc.FullEaInformation{EAs: eas}))
}
