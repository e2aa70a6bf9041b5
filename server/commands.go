package server

import "github.com/signet-smb/signet/internal/smb2"

// command is a row of the command table: all that the generic code needs to
// know of a command.
type command struct {
	handle     func(*authenticated) (smb2.Message, error)
	needs      needs
	fileIDAt   int    // bytes from the header's start to the FileId, for needsOpen
	pipes      bool   // the open may be a pipe
	changes    bool   // refused when it comes late by another channel, 3.3.5.2.10
	large      bool   // the request may exceed 68 KiB, 3.3.5.2
	largeReply bool   // the reply may need as much memory as its credits pay for
	inline     bool   // run on the read loop, always
	queues     bool   // its handler says itself when it has its place among the requests on the open, see arrival.go
	quick      bool   // run on the read loop if nothing else is in progress, see reader.go
	section    string // of [MS-SMB2]
}

// commands is the command table, by code.
var commands = [smb2.CommandCount]command{
	smb2.CommandNegotiate:      {handle: negotiate, inline: true, section: "3.3.5.4"},
	smb2.CommandSessionSetup:   {handle: sessionSetup, section: "3.3.5.5"},
	smb2.CommandLogoff:         {handle: logoff, needs: needsSession, section: "3.3.5.6"},
	smb2.CommandTreeConnect:    {handle: connectTree, needs: needsSession, section: "3.3.5.7"},
	smb2.CommandTreeDisconnect: {handle: disconnectTree, needs: needsTree, section: "3.3.5.8"},
	smb2.CommandCreate:         {handle: create, needs: needsTree, quick: true, section: "3.3.5.9"},
	smb2.CommandClose:          {handle: closeOpen, needs: needsOpen, fileIDAt: 72, pipes: true, quick: true, section: "3.3.5.10"},
	smb2.CommandFlush:          {handle: flush, needs: needsOpen, fileIDAt: 72, pipes: true, section: "3.3.5.11"},
	smb2.CommandRead:           {handle: read, needs: needsOpen, fileIDAt: 80, pipes: true, large: true, largeReply: true, quick: true, section: "3.3.5.12"},
	smb2.CommandWrite:          {handle: write, needs: needsOpen, fileIDAt: 80, pipes: true, changes: true, large: true, quick: true, section: "3.3.5.13"},
	smb2.CommandLock:           {handle: lock, needs: needsOpen, fileIDAt: 72, section: "3.3.5.14"},
	smb2.CommandIoctl:          {handle: ioctl, needs: needsSession, fileIDAt: 72, pipes: true, changes: true, large: true, largeReply: true, section: "3.3.5.15"},
	smb2.CommandCancel:         {handle: cancel, inline: true, section: "3.3.5.16"},
	smb2.CommandEcho:           {handle: echo, quick: true, section: "3.3.5.17"},
	smb2.CommandQueryDirectory: {handle: queryDirectory, needs: needsOpen, fileIDAt: 72, large: true, largeReply: true, quick: true, section: "3.3.5.18"},
	smb2.CommandChangeNotify:   {handle: changeNotify, needs: needsOpen, fileIDAt: 72, large: true, queues: true, quick: true, section: "3.3.5.19"},
	smb2.CommandQueryInfo:      {handle: queryInfo, needs: needsOpen, fileIDAt: 88, pipes: true, large: true, largeReply: true, quick: true, section: "3.3.5.20"},
	smb2.CommandSetInfo:        {handle: setInfo, needs: needsOpen, fileIDAt: 80, pipes: true, changes: true, large: true, quick: true, section: "3.3.5.21"},
	smb2.CommandOplockBreak:    {handle: oplockBreak, needs: needsTree, fileIDAt: 72, section: "3.3.5.22"},
}
