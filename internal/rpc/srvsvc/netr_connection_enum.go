package srvsvc

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// connection is a share that a session uses, as far as it is known: it has
// something open there. [MS-SRVS] 3.1.1.1.
//
// Missing: tree connects without an open.
type connection struct {
	id    uint32
	opens uint32
	since uint32 // seconds
	user  string
	name  string // the share if a client was asked for, else the client
}

// The members of the CONNECTION_INFO structures, named without their prefix.
// [MS-SRVS] 2.2.4.2.
var (
	connectionID    = field[connection]{number: func(c *connection) uint32 { return c.id }}
	connectionType  = field[connection]{number: func(*connection) uint32 { return uint32(TypeDiskTree) }}
	connectionOpens = field[connection]{number: func(c *connection) uint32 { return c.opens }}
	connectionUsers = field[connection]{number: func(*connection) uint32 { return 1 }}
	connectionTime  = field[connection]{number: func(c *connection) uint32 { return c.since }}
	connectionUser  = field[connection]{text: func(c *connection) string { return c.user }}
	connectionName  = field[connection]{text: func(c *connection) string { return c.name }}
)

// connectionLevels is the table of CONNECTION_INFO structures, by level.
var connectionLevels = map[uint32]level[connection]{
	0: {section: "2.2.4.1", fields: []field[connection]{connectionID}},
	1: {section: "2.2.4.2", fields: []field[connection]{connectionID, connectionType, connectionOpens, connectionUsers, connectionTime, connectionUser, connectionName}},
}

// netrConnectionEnum lists which shares a client uses, or which clients use a
// share. [MS-SRVS] 3.1.4.1.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string, unique] WCHAR* Qualifier: \\CLIENT, or a share's name
//	and the parameters of enumStart
func (m *methods) netrConnectionEnum(ctx context.Context, call *rpc.Call) error {
	serverName(call)
	qualifier, _ := call.In.UniqueString(maxServerName)
	level := readEnumLevel(call.In)
	row, ok := connectionLevels[level]
	if !ok {
		return refuseLevel(call, level, false)
	}
	e, err := readEnum(call.In, level)
	if err != nil {
		return err
	}
	list, err := m.connections(ctx, call, qualifier)
	result, err := statusOf(err, netNameNotFound, accessDenied)
	if err != nil {
		return err
	}
	if qualifier == "" {
		result = invalidParameter
	}
	appendEnum(call.Out, e, row, list, result)
	return nil
}

// connections makes them of what is open.
func (m *methods) connections(ctx context.Context, call *rpc.Call, qualifier string) ([]connection, error) {
	files, err := m.admin.Files(ctx, call.Caller)
	if err != nil {
		return nil, err
	}
	sessions, err := m.admin.Sessions(ctx, call.Caller)
	if err != nil {
		return nil, err
	}
	ages := make(map[uint64]uint32)
	for _, s := range sessions {
		ages[s.ID] = s.Seconds
	}
	byClient := strings.HasPrefix(qualifier, `\\`)
	type key struct {
		session uint64
		share   string
	}
	at := make(map[key]int)
	var list []connection
	for _, f := range files {
		c := connection{since: ages[f.Session], user: f.User, name: f.Share}
		switch {
		case byClient && sameClient(qualifier, f.Client):
		case !byClient && strings.EqualFold(qualifier, f.Share):
			c.name = host(f.Client)
		default:
			continue
		}
		i, ok := at[key{f.Session, f.Share}]
		if !ok {
			i = len(list)
			at[key{f.Session, f.Share}] = i
			c.id = uint32(i + 1)
			list = append(list, c)
		}
		list[i].opens++
	}
	return list, nil
}
