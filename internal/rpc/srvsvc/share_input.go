package srvsvc

import "github.com/signet-smb/signet/internal/rpc/ndr"

const (
	maxPath = 4096
	// maxSecurity is the most bytes of a security descriptor that are read.
	maxSecurity = 1 << 16
)

// shareInput is what a client says of a share. Pointers are nil for what its
// level does not have.
type shareInput struct {
	name     string
	kind     ShareType
	remark   *string
	maxUses  *uint32
	path     *string
	flags    *ShareFlags
	security []byte
}

// readShareInfo reads a SHARE_INFO at a level that can be added or set; ok is
// false for others, of which nothing is read. [MS-SRVS] 2.2.3.6.
//
//	[in] DWORD Level,
//	[in, switch_is(Level)] LPSHARE_INFO InfoStruct
func readShareInfo(r *ndr.Reader) (in shareInput, level uint32, ok bool) {
	level = r.U32()
	r.Switch(level)
	switch level {
	case 1, 2, 502, 503, 1004, 1005, 1006, 1501:
	default:
		return in, level, false
	}
	if !r.Pointer() {
		r.Fail("ShareInfo")
		return in, level, true
	}
	switch level {
	case 1004:
		in.remark = new(string)
		*in.remark, _ = r.UniqueString(maxText)
	case 1005:
		flags := ShareFlags(r.U32())
		in.flags = &flags
	case 1006:
		n := r.U32()
		in.maxUses = &n
	case 1501:
		n := r.U32()
		in.security = readSecurity(r, n, r.Pointer())
	default:
		in.read(r, level)
	}
	return in, level, true
}

// read reads the levels that begin with a share's name.
func (in *shareInput) read(r *ndr.Reader, level uint32) {
	name, kind, remark := r.Pointer(), r.U32(), r.Pointer()
	in.kind = ShareType(kind)
	var path, passwd, server, security bool
	var length uint32
	if level != 1 {
		r.U32() // permissions
		n := r.U32()
		in.maxUses = &n
		r.U32() // current_uses
		path, passwd = r.Pointer(), r.Pointer()
	}
	if level == 503 {
		server = r.Pointer()
	}
	if level == 502 || level == 503 {
		length = r.U32()
		security = r.Pointer()
	}
	if name {
		in.name = r.String(maxShareName)
	}
	in.remark = new(string)
	if remark {
		*in.remark = r.String(maxText)
	}
	if path {
		in.path = new(string)
		*in.path = r.String(maxPath)
	}
	if passwd {
		r.String(maxText)
	}
	if server {
		r.String(maxServerName)
	}
	in.security = readSecurity(r, length, security)
}

// readSecurity reads the bytes of a security descriptor.
func readSecurity(r *ndr.Reader, length uint32, present bool) []byte {
	if !present {
		return nil
	}
	b := r.Bytes(maxSecurity)
	if uint32(len(b)) != length {
		r.Fail("shi502_reserved")
	}
	return b
}

// limit is how many may use the share: 0 for as many as come, which Samba's net
// says itself.
func (in *shareInput) limit() uint32 {
	if in.maxUses == nil || *in.maxUses == unlimited {
		return 0
	}
	return *in.maxUses
}

// remarkText is the remark; "" for none.
func (in *shareInput) remarkText() string {
	if in.remark == nil {
		return ""
	}
	return *in.remark
}

// parmErr reads the parameter in which a client wants to know what was wrong,
// and reports whether it is there.
//
//	[in, out, unique] DWORD* ParmErr
func parmErr(r *ndr.Reader) bool {
	_, ok := r.UniqueU32()
	return ok
}

// appendParmErr writes ParmErr, where it was there, and the status. wrong is the
// member that it is about; 0: none.
func appendParmErr(w *ndr.Writer, wanted bool, wrong Member, result status) {
	w.Pointer(wanted)
	if wanted {
		w.U32(uint32(wrong))
	}
	w.U32(uint32(result))
}
