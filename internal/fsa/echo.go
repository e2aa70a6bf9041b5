package fsa

import (
	"slices"
	"time"

	"github.com/signet-smb/signet/fscc"
)

// echoes are the changes that a watch was told of lately, where the back end
// tells of what this process does, too ([vfs.OwnWatch]): what is told by both is
// told once. Guarded by store.mu.
//
// A change of somebody else that is like one that a client has made just before
// passes for its echo; and one that is told late is told twice. Who is told looks
// again in either case.
type echoes struct {
	list []echo // the oldest first
}

// echo is a change that was told.
type echo struct {
	change fscc.Change
	own    bool          // by this process; else by the back end
	until  time.Duration // by the clock of the Store
}

// How long, and how many of them, changes are held against each other.
const (
	echoTime  = 200 * time.Millisecond
	maxEchoes = 256
)

// isEcho says whether the other source has told of c lately, and notes c
// otherwise.
func (e *echoes) isEcho(c fscc.Change, own bool, now time.Duration) bool {
	e.list = slices.DeleteFunc(e.list, func(o echo) bool { return o.until <= now })
	is := func(o echo) bool { return o.own != own && o.change == c }
	if i := slices.IndexFunc(e.list, is); i >= 0 {
		if c.Action == fscc.NotifyModified { // several are one event of the system
			e.list = slices.DeleteFunc(e.list, is)
		} else {
			e.list = slices.Delete(e.list, i, i+1)
		}
		return true
	}
	if len(e.list) == maxEchoes {
		e.list = slices.Delete(e.list, 0, 1)
	}
	e.list = append(e.list, echo{c, own, now + echoTime})
	return false
}
