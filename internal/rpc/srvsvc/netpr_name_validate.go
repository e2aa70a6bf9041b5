package srvsvc

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// nameRule is what a name of some type must be like. [MS-SRVS] 2.2.2.8.
type nameRule struct {
	shortest, longest int    // characters
	invalid           string // that it must not hold, besides control characters
}

// defaultInvalid are the characters that most names must not hold.
const defaultInvalid = `"/\[]:|<>+=;,?`

// nameRules are the types of names by their number.
var nameRules = map[uint32]nameRule{
	1:  {1, 256, defaultInvalid},       // NAMETYPE_USER
	2:  {0, 256, ""},                   // NAMETYPE_PASSWORD
	3:  {1, 256, defaultInvalid},       // NAMETYPE_GROUP
	4:  {1, 260, defaultInvalid + "*"}, // NAMETYPE_COMPUTER
	5:  {1, 16, defaultInvalid},        // NAMETYPE_EVENT
	6:  {1, 15, defaultInvalid + "* "}, // NAMETYPE_DOMAIN
	7:  {1, 80, defaultInvalid},        // NAMETYPE_SERVICE
	8:  {1, 260, defaultInvalid},       // NAMETYPE_NET
	9:  {1, 80, defaultInvalid},        // NAMETYPE_SHARE
	10: {1, 15, defaultInvalid},        // NAMETYPE_MESSAGE
	11: {1, 260, defaultInvalid},       // NAMETYPE_MESSAGEDEST
	12: {0, 8, ""},                     // NAMETYPE_SHAREPASSWORD
	13: {1, 15, defaultInvalid},        // NAMETYPE_WORKGROUP
}

// netprNameValidate says whether a name may be one of a type. [MS-SRVS]
// 3.1.4.32.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string] WCHAR* Name,
//	[in] DWORD NameType,
//	[in] DWORD Flags
func netprNameValidate(_ context.Context, call *rpc.Call) error {
	const (
		computer    = 4
		messageDest = 11
		oldShares   = 0x8000_0000 // Windows' clients and Samba's: names of 13 characters
	)
	serverName(call)
	name, kind, flags := call.In.String(maxPath), call.In.U32(), call.In.U32()
	if err := call.In.Err(); err != nil {
		return err
	}
	rule, ok := nameRules[kind]
	n := len([]rune(name))
	result := success
	if flags == oldShares {
		rule.longest = min(rule.longest, 13)
	}
	switch {
	case !ok || flags&^oldShares != 0:
		result = invalidParameter
	case n < rule.shortest || n > rule.longest,
		strings.ContainsAny(name, rule.invalid),
		rule.invalid != "" && strings.ContainsFunc(name, func(c rune) bool { return c < 0x20 }),
		kind == computer && name != strings.TrimSpace(name),
		kind == messageDest && strings.Contains(strings.TrimSuffix(name, "*"), "*"):
		result = invalidName
	}
	call.Out.U32(uint32(result))
	return nil
}
