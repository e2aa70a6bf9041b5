package srvsvc

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// The members of the SESSION_INFO structures, named without their prefix.
// [MS-SRVS] 2.2.4.11 to 2.2.4.15.
var (
	cname         = field[Session]{text: func(s *Session) string { return `\\` + host(s.Client) }}
	sessionUser   = field[Session]{text: func(s *Session) string { return s.User }}
	numOpens      = field[Session]{number: func(s *Session) uint32 { return s.Opens }}
	sessionTime   = field[Session]{number: func(s *Session) uint32 { return s.Seconds }}
	idleTime      = field[Session]{number: func(s *Session) uint32 { return s.Idle }}
	userFlags     = field[Session]{number: func(s *Session) uint32 { return map[bool]uint32{true: 1}[s.Guest] }} // SESS_GUEST
	clientType    = field[Session]{text: func(*Session) string { return "" }}
	transportName = field[Session]{text: func(*Session) string { return "" }}
)

// sessionLevels is the table of SESSION_INFO structures, by level.
var sessionLevels = map[uint32]level[Session]{
	0:   {section: "2.2.4.11", fields: []field[Session]{cname}},
	1:   {section: "2.2.4.12", fields: []field[Session]{cname, sessionUser, numOpens, sessionTime, idleTime, userFlags}},
	2:   {section: "2.2.4.13", fields: []field[Session]{cname, sessionUser, numOpens, sessionTime, idleTime, userFlags, clientType}},
	10:  {section: "2.2.4.14", fields: []field[Session]{cname, sessionUser, sessionTime, idleTime}},
	502: {section: "2.2.4.15", fields: []field[Session]{cname, sessionUser, numOpens, sessionTime, idleTime, userFlags, clientType, transportName}},
}

// host is a client's address without its port and brackets.
func host(address string) string {
	if i := strings.LastIndexByte(address, ':'); i >= 0 && strings.Count(address, ":") == 1 || strings.Contains(address, "]:") {
		address = address[:i]
	}
	return strings.Trim(address, "[]")
}

// sameClient reports whether a client that somebody names, by address and with
// backslashes or not, is the one at address.
func sameClient(named, address string) bool {
	return strings.EqualFold(strings.TrimLeft(named, `\`), host(address))
}

// netrSessionEnum lists who is signed in. [MS-SRVS] 3.1.4.5.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string, unique] WCHAR* ClientName,
//	[in, string, unique] WCHAR* UserName,
//	and the parameters of enumStart
func (m *methods) netrSessionEnum(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	client, _ := call.In.UniqueString(maxServerName)
	user, _ := call.In.UniqueString(maxText)
	level := readEnumLevel(call.In)
	row, ok := sessionLevels[level]
	if !ok {
		return refuseLevel(call, level, false)
	}
	e, err := readEnum(call.In, level)
	if err != nil {
		return err
	}
	list, err := m.admin.Sessions(ctx, call.Caller)
	result, err := statusOf(err, clientNotFound, accessDenied)
	if err != nil {
		return err
	}
	list = keep(list, func(s *Session) bool {
		return (client == "" || sameClient(client, s.Client)) && (user == "" || strings.EqualFold(user, s.User))
	})
	if result == success && client != "" && len(list) == 0 {
		result = clientNotFound
	}
	appendEnum(call.Out, e, row, list, result)
	return nil
}

// netrSessionDel ends sessions: of a client, of a user, or of both.
// [MS-SRVS] 3.1.4.6.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string, unique] WCHAR* ClientName,
//	[in, string, unique] WCHAR* UserName
func (m *methods) netrSessionDel(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	client, _ := call.In.UniqueString(maxServerName)
	user, _ := call.In.UniqueString(maxText)
	if err := call.In.Err(); err != nil {
		return err
	}
	if client == "" && user == "" {
		call.Out.U32(uint32(invalidParameter))
		return nil
	}
	list, err := m.admin.Sessions(ctx, call.Caller)
	closed := 0
	for _, s := range list {
		if client != "" && !sameClient(client, s.Client) || user != "" && !strings.EqualFold(user, s.User) {
			continue
		}
		if err = m.admin.CloseSession(ctx, call.Caller, s.ID); err != nil {
			break
		}
		closed++
	}
	result, err := statusOf(err, clientNotFound, accessDenied)
	if result == success && closed == 0 {
		result = clientNotFound
	}
	call.Out.U32(uint32(result))
	return err
}
