package srvsvc

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// What the server says that it is: clients choose by it what to ask for, so it
// is the system whose behaviour we follow. [MS-SRVS] 2.2.2.6, 2.2.2.7.
const (
	platformNT   = 500
	versionMajor = 10
	versionMinor = 0
	serverType   = 0x0000_0002 | 0x0000_1000 | 0x0000_8000 // SERVER, NT, SERVER_NT
)

// serverLevel is a row of the table of SERVER_INFO structures.
type serverLevel struct {
	section string // of [MS-SRVS]
	needs   rpc.Role
	append  func(w *ndr.Writer, name string, s Server)
}

// serverLevels is the table of SERVER_INFO structures, by level.
//
// Missing: levels 502 and 503. They are the tuning of Windows' server, work items
// and search handles, of which there is nothing here that could be told.
var serverLevels = map[uint32]serverLevel{
	100: {section: "2.2.4.40", append: appendServer100},
	101: {section: "2.2.4.41", append: appendServer101},
	102: {section: "2.2.4.42", needs: rpc.User, append: appendServer102},
	103: {section: "2.2.4.43", needs: rpc.User, append: appendServer103}, // 3.1.4.17: from Windows Server 2008 R2 on (<78>)
}

// refusedServerLevel reports whether level is one that SERVER_INFO has an arm for, a pointer, and
// that is not told. From 1000 on they can only be set. [MS-SRVS] 2.2.3.7.
func refusedServerLevel(level uint32) bool {
	switch {
	case level == 502, level == 503, level == 599:
	case level == 1005, level == 1010, level >= 1016 && level <= 1018, level == 1107:
	case level >= 1501 && level <= 1503, level == 1506, level >= 1510 && level <= 1516, level == 1518, level == 1523:
	case level >= 1528 && level <= 1530, level >= 1533 && level <= 1536:
	case level >= 1538 && level <= 1550, level >= 1552 && level <= 1556:
	default:
		return false
	}
	return true
}

// netrServerGetInfo describes the server. [MS-SRVS] 3.1.4.17.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in] DWORD Level,
//	[out, switch_is(Level)] LPSERVER_INFO InfoStruct
func (m *methods) netrServerGetInfo(ctx context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	asked, named := serverName(call)
	level := r.U32()
	if err := r.Err(); err != nil {
		return err
	}
	name := m.server.Name()
	if asked = strings.TrimLeft(asked, `\`); named && asked != "" {
		name = asked
	}
	row, ok := serverLevels[level]
	result := success
	switch {
	case !ok:
		result = invalidLevel
	case len(asked) >= 1024:
		result = invalidParameter
	case !call.Allow(ctx, row.needs):
		result = accessDenied
	}
	w.U32(level)
	if ok || refusedServerLevel(level) {
		w.Pointer(result == success)
	}
	if result == success {
		row.append(w, name, m.server)
	}
	w.U32(uint32(result))
	return nil
}

func appendServer100(w *ndr.Writer, name string, _ Server) {
	w.U32(platformNT)
	w.Pointer(true)
	w.String(name)
}

func appendServer101(w *ndr.Writer, name string, s Server) {
	appendServerFixed(w)
	w.String(name)
	w.String(s.Comment())
}

func appendServer102(w *ndr.Writer, name string, s Server) { appendServer10x(w, name, s, false) }

func appendServer103(w *ndr.Writer, name string, s Server) { appendServer10x(w, name, s, true) }

// appendServer10x writes a SERVER_INFO_102, or with capabilities a 103. Nothing in
// it depends on who is connected.
func appendServer10x(w *ndr.Writer, name string, s Server, capabilities bool) {
	appendServerFixed(w)
	w.U32(0xFFFF_FFFF) // users: as many as come
	disc := s.IdleMinutes()
	if disc == 0 {
		disc = 0xFFFF_FFFF // idle sessions are never ended
	}
	hidden := uint32(0)
	if s.Hidden() {
		hidden = 1
	}
	w.U32(disc)
	w.U32(hidden)
	w.U32(0)        // announce, seconds: never
	w.U32(0)        // anndelta, milliseconds
	w.U32(0)        // licenses
	w.Pointer(true) // userpath
	if capabilities {
		w.U32(0) // no hashes for BranchCache
	}
	w.String(name)
	w.String(s.Comment())
	w.String("")
}

// appendServerFixed writes the members that levels 101 and 102 begin with.
func appendServerFixed(w *ndr.Writer) {
	w.U32(platformNT)
	w.Pointer(true) // name
	w.U32(versionMajor)
	w.U32(versionMinor)
	w.U32(serverType)
	w.Pointer(true) // comment
}
