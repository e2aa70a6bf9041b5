package client

import (
	"errors"
	"fmt"
	"strings"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// maxLinks bounds the symbolic links on the way to one name.
const maxLinks = 16

// SymlinkError says that a symbolic link stands on the way to a name, and is not
// followed: it leads out of the share, nobody wants it followed, or it is one
// too many. It wraps [ntstatus.StoppedOnSymlink].
type SymlinkError struct {
	Name   string // as the server was asked for it
	Target string // where the link leads, as the server says; print it with %q

	link smb2.SymbolicLink
}

// Error says where the link leads, escaped.
func (e *SymlinkError) Error() string {
	return fmt.Sprintf("a symbolic link is not followed: it leads to %q", e.Target)
}

// Unwrap gives the status.
func (e *SymlinkError) Unwrap() error { return ntstatus.StoppedOnSymlink }

// stopped is the error of a CREATE for name that r answers. [MS-SMB2] 2.2.2.2.1.
func (r *reply) stopped(name string) error {
	var m smb2.ErrorResponse
	if err := r.decode(&m); err != nil {
		return r.broken(err)
	}
	if len(m.Data) == 0 {
		return ntstatus.StoppedOnSymlink // where it leads is not told
	}
	link, err := m.SymbolicLink()
	if err != nil {
		return r.broken(violation("2.2.2.2.1", "%v", err))
	}
	return &SymlinkError{Name: name, Target: link.SubstituteName, link: link}
}

// follow runs try, which opens the name of req, and runs it again with another
// name as long as there is a symbolic link on the way. A server says where in
// its own share something is: that it could have done by itself. Where it names
// another share or host, that is for the user to decide. [MS-SMB2] 2.2.2.2.1.1.
func (sh *Share) follow(req *smb2.CreateRequest, try func() error) error {
	for n := 0; ; n++ {
		err := try()
		e, ok := errors.AsType[*SymlinkError](err)
		if !ok || sh.session.dialer.NoSymlinks || n == maxLinks {
			return err
		}
		next, ok := e.resolve(sh.session.Server(), sh.name)
		if !ok {
			return err
		}
		req.Name = next
	}
}

// resolve is the name that e's name becomes by its link, relative to the share;
// false if it leads out of it.
func (e *SymlinkError) resolve(server, share string) (string, bool) {
	path := wire.AppendUTF16(nil, e.Name)
	behind := int(e.link.UnparsedPathLength)
	if behind%2 != 0 || behind > len(path) {
		return "", false
	}
	head, rest := wire.DecodeUTF16(path[:len(path)-behind]), wire.DecodeUTF16(path[len(path)-behind:])
	target := strings.ReplaceAll(e.link.SubstituteName, "/", `\`)
	switch {
	case e.link.Relative && strings.HasPrefix(target, `\`):
		return "", false
	case e.link.Relative:
		head = strings.TrimRight(head, `\`)
		target = head[:strings.LastIndexByte(head, '\\')+1] + target
	default:
		var ok bool
		if target, ok = inside(target, `\??\UNC\`+server+`\`+share); !ok {
			return "", false
		}
	}
	var kept []string
	for _, part := range strings.Split(target+`\`+rest, `\`) {
		switch part {
		case "", ".":
		case "..":
			if len(kept) == 0 {
				return "", false
			}
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, part)
		}
	}
	name, err := wireName(strings.Join(kept, `\`))
	return name, err == nil
}

// inside is what comes behind root in path, without regard to case; false if
// path is not in root.
func inside(path, root string) (string, bool) {
	if len(path) < len(root) || !strings.EqualFold(path[:len(root)], root) {
		return "", false
	}
	rest := path[len(root):]
	return rest, rest == "" || rest[0] == '\\'
}
