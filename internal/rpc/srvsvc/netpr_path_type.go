package srvsvc

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// Types of paths. [MS-SRVS] 2.2.2.9.
const (
	typeUNCComputer       = 4144
	typeUNCWildComputer   = 4145
	typeUNC               = 4096
	typeUNCWild           = 4097
	typeAbsoluteNoDot     = 8194
	typeAbsoluteNoDotWild = 8195
	typeAbsolute          = 8198
	typeAbsoluteWild      = 8199
	typeRelative          = 8192
	typeRelativeWild      = 8193
	typeDisk              = 16384
	typePrinter           = 16400
	typeSerial            = 16416
)

// longestPath and longestOldPath are the most characters of a path, by the
// rules of Windows and of MS-DOS.
const (
	longestPath    = 260
	longestOldPath = 128
)

// netprPathType says of which type a path is. [MS-SRVS] 3.1.4.29.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string] WCHAR* PathName,
//	[out] DWORD* PathType,
//	[in] DWORD Flags
func netprPathType(_ context.Context, call *rpc.Call) error {
	const old = 1
	serverName(call)
	path, flags := call.In.String(maxPath), call.In.U32()
	if err := call.In.Err(); err != nil {
		return err
	}
	longest, result := longestPath, success
	if flags&old != 0 {
		longest = longestOldPath
	}
	kind, ok := pathType(path)
	switch {
	case flags&^old != 0:
		kind, result = 0, invalidParameter
	case path == "" || len([]rune(path)) > longest || !ok || flags&old != 0 && !isOldPath(path):
		kind, result = 0, invalidName
	}
	call.Out.U32(kind)
	call.Out.U32(uint32(result))
	return nil
}

// isOldPath reports whether each component is eight characters and an
// extension of three at most.
func isOldPath(path string) bool {
	for component := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '\\' || r == ':' }) {
		base, extension, _ := strings.Cut(component, ".")
		if len([]rune(base)) > 8 || len([]rune(extension)) > 3 {
			return false
		}
	}
	return true
}

// pathType is the algorithm of [MS-SRVS] 3.1.1.9; ok is false for a name that
// is invalid.
func pathType(path string) (kind uint32, ok bool) {
	wild := func(rest string, with, without uint32) (uint32, bool) {
		if strings.ContainsAny(rest, "*?") {
			return with, true
		}
		return without, true
	}
	upper := strings.ToUpper(path)
	unc, isUNC := strings.CutPrefix(path, `\\`)
	rest, isDevice := strings.CutPrefix(upper, `\DEV`)
	switch {
	case strings.ContainsAny(path, `<>"|`):
		return 0, false
	case isUNC && strings.HasPrefix(unc, "."):
		if !strings.HasPrefix(unc, `.\`) {
			return 0, false
		}
		return wild(unc[2:], typeAbsoluteWild, typeAbsolute)
	case isUNC && strings.HasPrefix(unc, "*"):
		return typeUNCWildComputer, unc == "*"
	case isUNC:
		_, below, hasBelow := strings.Cut(unc, `\`)
		if !hasBelow || below == "" {
			return typeUNCComputer, unc != "" && !hasBelow
		}
		return wild(below, typeUNCWild, typeUNC)
	case isDevice:
		return deviceType(strings.TrimPrefix(rest, `\`))
	case strings.HasPrefix(path, `\`):
		return wild(path, typeAbsoluteNoDotWild, typeAbsoluteNoDot)
	case len(path) >= 2 && path[1] == ':' && upper[0] >= 'A' && upper[0] <= 'Z':
		if len(path) == 2 {
			return typeDisk, true
		}
		return wild(path[2:], typeAbsoluteWild, typeAbsolute)
	}
	if kind, ok := deviceType(upper); ok {
		return kind, true
	}
	return wild(path, typeRelativeWild, typeRelative)
}

// deviceType is the type of LPT and COM with a number, and a colon or not.
func deviceType(name string) (kind uint32, ok bool) {
	for prefix, kind := range map[string]uint32{"LPT": typePrinter, "COM": typeSerial} {
		if number, ok := strings.CutPrefix(strings.TrimSuffix(name, ":"), prefix); ok {
			return kind, number != "" && strings.Trim(number, "0123456789") == ""
		}
	}
	return 0, false
}
