package server

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
)

// ConnectionInfo describes one transport connection to administrators.
type ConnectionInfo struct {
	ClientComputerName string // the client's address
	ServerAddress      string // the address that it came to
	Dialect            string // "3.1.1"; "" until it is negotiated
	SigningAlgorithm   string // that its sessions sign with; "" until it is negotiated
	Cipher             string // "" when none was negotiated
	NumSessions        int    // that are signed in
	SecondsExists      int64
}

// OpenFileInfo describes one open to administrators.
type OpenFileInfo struct {
	FileID             uint64
	SessionID          uint64
	ShareName          string
	ShareRelativePath  string // as it is now, components separated by backslashes; "" for the root
	ClientComputerName string
	ClientUserName     string
	Permissions        uint32 // the access that was granted, an ACCESS_MASK of [MS-DTYP]
	Locks              int    // how many byte ranges it has locked
}

// Connections lists the connections, the oldest first.
func (s *Server) Connections() []ConnectionInfo {
	all := s.connectionList()
	slices.SortFunc(all, func(a, b *connection) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.remote, b.remote))
	})
	infos := make([]ConnectionInfo, len(all))
	for i, c := range all {
		infos[i] = c.info()
	}
	return infos
}

// connectionList is ConnectionList, in any order.
func (s *Server) connectionList() []*connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*connection, 0, len(s.connections))
	for c := range s.connections {
		all = append(all, c)
	}
	return all
}

// info describes the connection.
func (c *connection) info() ConnectionInfo {
	info := ConnectionInfo{
		ClientComputerName: c.remote,
		ServerAddress:      c.nc.LocalAddr().String(),
		SecondsExists:      int64(time.Since(c.since).Seconds()),
	}
	if n := c.negotiated.Load(); n != nil {
		info.Dialect = n.dialect.String()
		info.SigningAlgorithm = n.signing.String()
		if n.cipher != smb2.CipherNone {
			info.Cipher = n.cipher.String()
		}
	}
	c.mu.Lock()
	sessions := make([]*session, 0, len(c.sessions))
	for _, ss := range c.sessions {
		sessions = append(sessions, ss)
	}
	c.mu.Unlock()
	for _, ss := range sessions {
		if ss.who() != nil {
			info.NumSessions++
		}
	}
	return info
}

// OpenFiles lists what the signed-in sessions have open, by SessionID and
// FileID.
func (s *Server) OpenFiles() []OpenFileInfo {
	var infos []OpenFileInfo
	for _, ss := range s.signedIn() {
		who := ss.who()
		for _, o := range ss.acquireOpens() {
			infos = append(infos, OpenFileInfo{
				FileID:             o.id.Volatile,
				SessionID:          uint64(ss.id),
				ShareName:          o.tree.share.Name,
				ShareRelativePath:  o.object.Name(),
				ClientComputerName: ss.remote(),
				ClientUserName:     who.Account,
				Permissions:        uint32(o.object.GrantedAccess()),
				Locks:              o.locks(),
			})
			o.release()
		}
	}
	slices.SortFunc(infos, func(a, b OpenFileInfo) int {
		return cmp.Or(cmp.Compare(a.SessionID, b.SessionID), cmp.Compare(a.FileID, b.FileID))
	})
	return infos
}

// locks says how many byte ranges o has locked.
func (o *open) locks() int {
	if o.handle == nil {
		return 0 // a pipe has no bytes to lock
	}
	return o.handle.Locks()
}

// signedIn returns the sessions that are valid.
func (s *Server) signedIn() []*session {
	s.mu.Lock()
	all := make([]*session, 0, len(s.sessions))
	for _, ss := range s.sessions {
		all = append(all, ss)
	}
	s.mu.Unlock()
	return slices.DeleteFunc(all, func(ss *session) bool { return ss.who() == nil })
}

// acquireOpens returns a counted reference to each open of the session. The
// caller releases them.
func (ss *session) acquireOpens() []*open {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	opens := make([]*open, 0, len(ss.opens))
	for _, o := range ss.opens {
		o.refs.Add(1)
		opens = append(opens, o)
	}
	return opens
}

// CloseSession ends a session as its LOGOFF would: its opens are closed, which
// ends what waits for them, what was to be deleted is deleted, and its keys
// are gone. It returns when that is done; the connection stays,
// and further requests of the session are answered with USER_SESSION_DELETED.
// A client that wants to know is told.
// The error wraps fs.ErrNotExist if nobody is signed in under that id.
// [MS-SMB2] 3.3.4.12.
func (s *Server) CloseSession(id uint64) error {
	ss := s.session(smb2.SessionID(id))
	if ss == nil || ss.who() == nil {
		return fmt.Errorf("session 0x%016x: %w", id, fs.ErrNotExist)
	}
	tell := ss.farewell()
	ss.close()
	tell()
	return nil
}

// CloseOpenFile closes an open as its CLOSE would, and returns when requests
// in progress have let go of it and it is closed. Further requests on it are
// answered with FILE_CLOSED. The error wraps fs.ErrNotExist if there is no such
// open; else it is what closing the file gave. [MS-SMB2] 3.3.4.17.
func (s *Server) CloseOpenFile(id uint64) error {
	for _, ss := range s.signedIn() {
		if o := ss.takeOpen(id); o != nil {
			return o.close()
		}
	}
	return fmt.Errorf("open file 0x%016x: %w", id, fs.ErrNotExist)
}

// takeOpen takes the open with this id out of OpenTable and returns it, or
// nil.
func (ss *session) takeOpen(id uint64) *open {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	o := ss.opens[id]
	delete(ss.opens, id)
	return o
}
