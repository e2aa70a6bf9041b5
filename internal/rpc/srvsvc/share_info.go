package srvsvc

import (
	"cmp"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// The members, named without their prefix. [MS-SRVS] 2.2.4.26.
var (
	netname     = field[Share]{text: func(s *Share) string { return s.Name }}
	kind        = field[Share]{number: func(s *Share) uint32 { return uint32(s.Type) }}
	remark      = field[Share]{text: func(s *Share) string { return s.Remark }}
	permissions = field[Share]{number: func(*Share) uint32 { return 0 }}
	maxUses     = field[Share]{number: func(s *Share) uint32 { return cmp.Or(s.MaxUses, unlimited) }}
	currentUses = field[Share]{number: func(s *Share) uint32 { return s.CurrentUses }}
	path        = field[Share]{text: func(s *Share) string { return toldPath(s.told().Path) }}
	passwd      = field[Share]{null: true}
	servername  = field[Share]{text: func(*Share) string { return "*" }} // no name in particular
	sdLength    = field[Share]{number: func(s *Share) uint32 { return uint32(len(s.told().Security)) }}
	sd          = field[Share]{blob: func(s *Share) []byte { return s.told().Security }}
	altDirName  = field[Share]{text: func(*Share) string { return "" }}
	shareFlags  = field[Share]{number: func(s *Share) uint32 { return uint32(s.Flags) }}
)

// unlimited is how many may use a share: SHI_USES_UNLIMITED.
const unlimited = 0xFFFF_FFFF

// drive is what host paths begin with where a client expects a Windows path,
// as Samba tells them.
const drive = "C:"

// toldPath is a host's path as clients understand it.
func toldPath(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	return drive + strings.ReplaceAll(path, "/", `\`)
}

// meantPath is the host's path that a client means. Both forms are taken.
func meantPath(path string) string {
	if len(path) >= 3 && path[1] == ':' && (path[2] == '\\' || path[2] == '/') {
		path = path[2:]
	}
	return strings.ReplaceAll(path, `\`, "/")
}

// sambaShareLevels are those for which Samba's enumerations have an arm, a
// pointer, though they are of single shares; [MS-SRVS] 2.2.3.5 has none, and its
// clients do not ask.
var sambaShareLevels = []uint32{1004, 1005, 1006, 1007}

// shareLevels is the table of SHARE_INFO structures, by level.
// [MS-SRVS] 3.1.4.8, 3.1.4.10.
//
// Deviation: Windows tells levels 2, 502 and 503 to administrators only
// (<58>, <61>). What makes them worth hiding, path and security descriptor, is
// empty in them for who has no role, so that every account may have the rest.
//
// Deviation: 3.1.4.10 has levels 1004, 1006 and 1501 for setting only. Samba
// tells them, and its own level 1007, and so do we: nothing is in them that
// other levels do not tell (smbtorture's rpc.samba3.srvsvc).
var shareLevels = map[uint32]level[Share]{
	0:    {section: "2.2.4.22", enum: true, fields: []field[Share]{netname}},
	1:    {section: "2.2.4.23", enum: true, fields: []field[Share]{netname, kind, remark}},
	2:    {section: "2.2.4.24", enum: true, needs: rpc.User, fields: []field[Share]{netname, kind, remark, permissions, maxUses, currentUses, path, passwd}},
	501:  {section: "2.2.4.25", enum: true, notSticky: true, fields: []field[Share]{netname, kind, remark, shareFlags}},
	502:  {section: "2.2.4.26", enum: true, needs: rpc.User, fields: []field[Share]{netname, kind, remark, permissions, maxUses, currentUses, path, passwd, sdLength, sd}},
	503:  {section: "2.2.4.27", enum: true, needs: rpc.User, fields: []field[Share]{netname, kind, remark, permissions, maxUses, currentUses, path, passwd, servername, sdLength, sd}},
	1004: {section: "2.2.4.28", fields: []field[Share]{remark}},
	1006: {section: "2.2.4.30", needs: rpc.User, fields: []field[Share]{maxUses}},
	1007: {section: "2.2.3.6", fields: []field[Share]{shareFlags, altDirName}},
	1501: {section: "2.2.4.31", needs: rpc.User, fields: []field[Share]{sdLength, sd}},
	1005: {section: "2.2.4.29", fields: []field[Share]{shareFlags}},
}
