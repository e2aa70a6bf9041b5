package smb2

// message is a row of the message table.
type message struct {
	name          string
	section       string // of [MS-SMB2]
	structureSize uint16 // as the specification prescribes it, its optional trailing byte counted
	minimum       int    // bytes of the shortest legal body, StructureSize included
	new           func() Message
}

// messages is the table of messages, by command and direction: what Decode
// checks, Append writes, and tests and fuzz seeds iterate over. The error
// response stands beside it, for it answers every command.
var messages = [CommandCount][2]message{
	CommandNegotiate: {
		{"NEGOTIATE Request", "2.2.3", 36, 36, func() Message { return new(NegotiateRequest) }},
		{"NEGOTIATE Response", "2.2.4", 65, 64, func() Message { return new(NegotiateResponse) }},
	},
	CommandSessionSetup: {
		{"SESSION_SETUP Request", "2.2.5", 25, 24, func() Message { return new(SessionSetupRequest) }},
		{"SESSION_SETUP Response", "2.2.6", 9, 8, func() Message { return new(SessionSetupResponse) }},
	},
	CommandLogoff: {
		{"LOGOFF Request", "2.2.7", 4, 4, func() Message { return new(LogoffRequest) }},
		{"LOGOFF Response", "2.2.8", 4, 4, func() Message { return new(LogoffResponse) }},
	},
	CommandTreeConnect: {
		{"TREE_CONNECT Request", "2.2.9", 9, 8, func() Message { return new(TreeConnectRequest) }},
		{"TREE_CONNECT Response", "2.2.10", 16, 16, func() Message { return new(TreeConnectResponse) }},
	},
	CommandTreeDisconnect: {
		{"TREE_DISCONNECT Request", "2.2.11", 4, 4, func() Message { return new(TreeDisconnectRequest) }},
		{"TREE_DISCONNECT Response", "2.2.12", 4, 4, func() Message { return new(TreeDisconnectResponse) }},
	},
	CommandCreate: {
		{"CREATE Request", "2.2.13", 57, 56, func() Message { return new(CreateRequest) }},
		{"CREATE Response", "2.2.14", 89, 88, func() Message { return new(CreateResponse) }},
	},
	CommandClose: {
		{"CLOSE Request", "2.2.15", 24, 24, func() Message { return new(CloseRequest) }},
		{"CLOSE Response", "2.2.16", 60, 60, func() Message { return new(CloseResponse) }},
	},
	CommandFlush: {
		{"FLUSH Request", "2.2.17", 24, 24, func() Message { return new(FlushRequest) }},
		{"FLUSH Response", "2.2.18", 4, 4, func() Message { return new(FlushResponse) }},
	},
	CommandRead: {
		{"READ Request", "2.2.19", 49, 48, func() Message { return new(ReadRequest) }},
		{"READ Response", "2.2.20", 17, 16, func() Message { return new(ReadResponse) }},
	},
	CommandWrite: {
		{"WRITE Request", "2.2.21", 49, 48, func() Message { return new(WriteRequest) }},
		{"WRITE Response", "2.2.22", 17, 16, func() Message { return new(WriteResponse) }},
	},
	CommandLock: {
		{"LOCK Request", "2.2.26", 48, 48, func() Message { return new(LockRequest) }},
		{"LOCK Response", "2.2.27", 4, 4, func() Message { return new(LockResponse) }},
	},
	CommandIoctl: {
		{"IOCTL Request", "2.2.31", 57, 56, func() Message { return new(IoctlRequest) }},
		{"IOCTL Response", "2.2.32", 49, 48, func() Message { return new(IoctlResponse) }},
	},
	CommandCancel: {
		{"CANCEL Request", "2.2.30", 4, 4, func() Message { return new(CancelRequest) }},
	},
	CommandEcho: {
		{"ECHO Request", "2.2.28", 4, 4, func() Message { return new(EchoRequest) }},
		{"ECHO Response", "2.2.29", 4, 4, func() Message { return new(EchoResponse) }},
	},
	CommandQueryDirectory: {
		{"QUERY_DIRECTORY Request", "2.2.33", 33, 32, func() Message { return new(QueryDirectoryRequest) }},
		{"QUERY_DIRECTORY Response", "2.2.34", 9, 8, func() Message { return new(QueryDirectoryResponse) }},
	},
	CommandChangeNotify: {
		{"CHANGE_NOTIFY Request", "2.2.35", 32, 32, func() Message { return new(ChangeNotifyRequest) }},
		{"CHANGE_NOTIFY Response", "2.2.36", 9, 8, func() Message { return new(ChangeNotifyResponse) }},
	},
	CommandQueryInfo: {
		{"QUERY_INFO Request", "2.2.37", 41, 40, func() Message { return new(QueryInfoRequest) }},
		{"QUERY_INFO Response", "2.2.38", 9, 8, func() Message { return new(QueryInfoResponse) }},
	},
	CommandSetInfo: {
		{"SET_INFO Request", "2.2.39", 33, 32, func() Message { return new(SetInfoRequest) }},
		{"SET_INFO Response", "2.2.40", 2, 2, func() Message { return new(SetInfoResponse) }},
	},
	CommandOplockBreak: {
		{"OPLOCK_BREAK Acknowledgment", "2.2.24.1", 24, 24, func() Message { return new(OplockBreakAcknowledgment) }},
		{"OPLOCK_BREAK Response", "2.2.25.1", 24, 24, func() Message { return new(OplockBreakResponse) }},
	},
}

// errorResponse is the row of the ERROR Response.
var errorResponse = message{"ERROR Response", "2.2.2", 9, 8, func() Message { return new(ErrorResponse) }}
