package srvsvc

import (
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/wire"
)

// shareField is a member of the SHARE_INFO structures: a DWORD, or a pointer.
type shareField struct {
	number func(*Share) uint32
	text   func(*Share) string // a [string] wchar_t*
	null   bool                // a pointer that is always null
}

// The members, named without their prefix. [MS-SRVS] 2.2.4.26.
var (
	netname     = shareField{text: func(s *Share) string { return s.Name }}
	kind        = shareField{number: func(s *Share) uint32 { return uint32(s.Type) }}
	remark      = shareField{text: func(s *Share) string { return s.Remark }}
	permissions = shareField{number: func(*Share) uint32 { return 0 }}
	maxUses     = shareField{number: func(*Share) uint32 { return 0xFFFF_FFFF }} // unlimited
	currentUses = shareField{number: func(s *Share) uint32 { return s.CurrentUses }}
	// path is where the share lies on the server's disk, which is nobody's
	// business who can only read this.
	path       = shareField{text: func(*Share) string { return "" }}
	passwd     = shareField{null: true}
	servername = shareField{text: func(*Share) string { return "*" }} // no name in particular
	// Missing: share security descriptors; there are none.
	sdLength   = shareField{number: func(*Share) uint32 { return 0 }}
	sd         = shareField{null: true}
	shareFlags = shareField{number: func(s *Share) uint32 { return uint32(s.Flags) }}
)

// shareLevel is a row of the table of SHARE_INFO structures.
type shareLevel struct {
	section   string // of [MS-SRVS]
	enum      bool   // NetrShareEnum has it too
	notSticky bool   // but NetrShareEnumSticky has not
	anonymous bool   // told to callers without an account
	fields    []shareField
}

// refusedShareLevels are those that SHARE_INFO has an arm for, a pointer, and
// that can only be set.
var refusedShareLevels = []uint32{1004, 1006, 1501}

// shareLevels is the table of SHARE_INFO structures, by level.
// [MS-SRVS] 3.1.4.8, 3.1.4.10.
//
// Deviation: Windows tells levels 2, 502 and 503 to administrators only
// (<58>, <61>). What makes them worth hiding, path and security descriptor, is
// not in them here, so that every account may have the rest.
var shareLevels = map[uint32]shareLevel{
	0:    {section: "2.2.4.22", enum: true, anonymous: true, fields: []shareField{netname}},
	1:    {section: "2.2.4.23", enum: true, anonymous: true, fields: []shareField{netname, kind, remark}},
	2:    {section: "2.2.4.24", enum: true, fields: []shareField{netname, kind, remark, permissions, maxUses, currentUses, path, passwd}},
	501:  {section: "2.2.4.25", enum: true, notSticky: true, anonymous: true, fields: []shareField{netname, kind, remark, shareFlags}},
	502:  {section: "2.2.4.26", enum: true, fields: []shareField{netname, kind, remark, permissions, maxUses, currentUses, path, passwd, sdLength, sd}},
	503:  {section: "2.2.4.27", enum: true, fields: []shareField{netname, kind, remark, permissions, maxUses, currentUses, path, passwd, servername, sdLength, sd}},
	1005: {section: "2.2.4.29", anonymous: true, fields: []shareField{shareFlags}},
}

// appendFixed writes the structure, pointers and numbers.
func (l *shareLevel) appendFixed(w *ndr.Writer, s *Share) {
	for _, f := range l.fields {
		if f.number != nil {
			w.U32(f.number(s))
		} else {
			w.Pointer(!f.null)
		}
	}
}

// appendReferents writes what the structure's pointers point to.
func (l *shareLevel) appendReferents(w *ndr.Writer, s *Share) {
	for _, f := range l.fields {
		if f.text != nil {
			w.String(f.text(s))
		}
	}
}

// size is about as many bytes as the structure and its referents take, never
// less.
func (l *shareLevel) size(s *Share) int {
	n := 4 * len(l.fields)
	for _, f := range l.fields {
		if f.text != nil {
			n += 12 + wire.UTF16Len(f.text(s)) + 2 + 2 // counts, text, NUL, padding
		}
	}
	return n
}
