package client

import (
	"context"
	"errors"
	"iter"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Change is something that happened in a watched directory.
type Change struct {
	Action fscc.NotifyAction
	Name   string // relative to the directory, with slashes; "" if Missed
	// Missed says that more happened than the server could tell: list again.
	Missed bool
}

// Events are kinds of changes to watch for, to be combined. [MS-SMB2] 2.2.35.
type Events uint32

// Events.
const (
	FileNames     Events = 0x001
	DirNames      Events = 0x002
	AttributesSet Events = 0x004
	SizeChanged   Events = 0x008
	Written       Events = 0x010
	Accessed      Events = 0x020
	Made          Events = 0x040
	EASet         Events = 0x080
	SecuritySet   Events = 0x100
	StreamNames   Events = 0x200
	StreamSizes   Events = 0x400
	StreamWritten Events = 0x800
	AllEvents     Events = 0xFFF
)

// Watch tells what happens in the directory called name, and in those below it
// if tree is set, until ctx ends, which is its last error. Each step waits for
// the next change: what happens meanwhile the server remembers, as far as it
// can. [MS-SMB2] 3.2.4.18.
func (sh *Share) Watch(ctx context.Context, name string, events Events, tree bool) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		f, err := sh.open(ctx, name, OpenOptions{
			Access: dtyp.FileListDirectory | dtyp.FileReadAttributes | dtyp.Synchronize, Options: fscc.OptionDirectoryFile,
		})
		if err != nil {
			yield(Change{}, fail("watch", name, err))
			return
		}
		defer f.Close()
		req := &smb2.ChangeNotifyRequest{
			OutputBufferLength: maxOutput, CompletionFilter: fscc.CompletionFilter(events),
		}
		if tree {
			req.Flags = smb2.WatchTree
		}
		for {
			changes, err := f.shared.changes(ctx, req)
			if err != nil {
				yield(Change{}, fail("watch", name, err))
				return
			}
			for _, c := range changes {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

// changes waits for the next ones.
func (s *shared) changes(ctx context.Context, req *smb2.ChangeNotifyRequest) ([]Change, error) {
	r, err := s.do(ctx, req)
	if errors.Is(err, ntstatus.NotifyEnumDir) {
		return []Change{{Missed: true}}, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.release()
	var res smb2.ChangeNotifyResponse
	if err := r.decode(&res); err != nil {
		return nil, r.broken(err)
	}
	if len(res.Output) > maxOutput {
		return nil, r.broken(violation("3.2.5.16", "%d bytes of changes, where %d were asked for", len(res.Output), maxOutput))
	}
	var info fscc.NotifyInformation
	if err := fscc.DecodeInformation(res.Output, &info); err != nil {
		return nil, r.broken(violation("3.2.5.16", "%v", err))
	}
	list := make([]Change, 0, len(info.Changes))
	for _, e := range info.Changes {
		name, err := changedName(e.FileName)
		if err != nil {
			return nil, err
		}
		list = append(list, Change{Action: e.Action, Name: name})
	}
	return list, nil
}
