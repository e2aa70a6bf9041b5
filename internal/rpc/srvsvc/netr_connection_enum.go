package srvsvc

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// connection is a tree connect, as it is told. [MS-SRVS] 3.1.1.1.
type connection struct {
	id uint32
	*TreeConnect
	name string // the share if a client was asked for, else the client
}

// The members of the CONNECTION_INFO structures, named without their prefix.
// [MS-SRVS] 2.2.4.2.
var (
	connectionID    = field[connection]{number: func(c *connection) uint32 { return c.id }}
	connectionType  = field[connection]{number: func(c *connection) uint32 { return uint32(c.Type) }}
	connectionOpens = field[connection]{number: func(c *connection) uint32 { return c.Opens }}
	connectionUsers = field[connection]{number: func(*connection) uint32 { return 1 }}
	connectionTime  = field[connection]{number: func(c *connection) uint32 { return c.Seconds }}
	connectionUser  = field[connection]{text: func(c *connection) string { return c.User }}
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
func (m *methods) netrConnectionEnum(_ context.Context, call *rpc.Call) error {
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
	result := success
	if qualifier == "" {
		result = invalidParameter
	}
	appendEnum(call.Out, e, row, m.connections(qualifier), result)
	return nil
}

// connections are the tree connects of a client, or to a share.
func (m *methods) connections(qualifier string) []connection {
	byClient := strings.HasPrefix(qualifier, `\\`)
	var list []connection
	trees := m.server.TreeConnects()
	for i := range trees {
		t := &trees[i]
		c := connection{id: uint32(i + 1), TreeConnect: t, name: t.Share}
		switch {
		case byClient && sameClient(qualifier, t.Client):
		case !byClient && strings.EqualFold(qualifier, t.Share):
			c.name = host(t.Client)
		default:
			continue
		}
		list = append(list, c)
	}
	return list
}
