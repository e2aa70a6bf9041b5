package smb2

// messageID is a message's place in the table.
type messageID uint8

// Every message, in the order of [MS-SMB2] 2.2.
const (
	errorResponse messageID = iota
	negotiateRequest
	negotiateResponse
	sessionSetupRequest
	sessionSetupResponse
	logoffRequest
	logoffResponse
	treeConnectRequest
	treeConnectResponse
	treeDisconnectRequest
	treeDisconnectResponse
	createRequest
	createResponse
	closeRequest
	closeResponse
	flushRequest
	flushResponse
	readRequest
	readResponse
	writeRequest
	writeResponse
	oplockBreakNotification
	leaseBreakNotification
	oplockBreakAcknowledgment
	leaseBreakAcknowledgment
	oplockBreakResponse
	leaseBreakResponse
	lockRequest
	lockResponse
	echoRequest
	echoResponse
	cancelRequest
	ioctlRequest
	ioctlResponse
	queryDirectoryRequest
	queryDirectoryResponse
	changeNotifyRequest
	changeNotifyResponse
	queryInfoRequest
	queryInfoResponse
	setInfoRequest
	setInfoResponse
	sessionClosedNotification
	messageCount
)

// row is what generic code knows of one message.
type row struct {
	name    string
	section string // of [MS-SMB2]
	command Command
	kind    kind

	// structureSize is the number that the specification prescribes. An odd
	// one counts the first byte of a variable part that may be empty.
	structureSize uint16

	// pad says that Append writes that byte even when nothing follows: Samba
	// refuses most of these requests without it, and Windows sends it there
	// and in errors. Decoding never needs it.
	pad bool

	limit int            // longest message in bytes, header included
	new   func() Message // an empty one
}

// kind tells requests from responses. Command, kind and StructureSize
// together name one type: the forms of OPLOCK_BREAK differ in the last.
type kind uint8

const (
	request kind = iota
	response
	notification // answers no request
	failure      // the ERROR response, which answers any command
)

// shortest is the length of the shortest message in bytes, header included: all
// that structureSize counts but the byte that an odd one counts too much.
func (m *row) shortest() int { return HeaderSize + int(m.structureSize&^1) }

// of makes an empty message of type T.
func of[T any, M interface {
	*T
	Message
}]() Message {
	return M(new(T))
}

// messages is the table of all messages. Decode and Append, tests and fuzz
// seeds go by it.
var messages = [messageCount]row{
	errorResponse:             {"ERROR Response", "2.2.2", CommandNone, failure, 9, true, maxNames, of[ErrorResponse]},
	negotiateRequest:          {"NEGOTIATE Request", "2.2.3", CommandNegotiate, request, 36, false, maxLogon, of[NegotiateRequest]},
	negotiateResponse:         {"NEGOTIATE Response", "2.2.4", CommandNegotiate, response, 65, false, maxLogon, of[NegotiateResponse]},
	sessionSetupRequest:       {"SESSION_SETUP Request", "2.2.5", CommandSessionSetup, request, 25, true, maxLogon, of[SessionSetupRequest]},
	sessionSetupResponse:      {"SESSION_SETUP Response", "2.2.6", CommandSessionSetup, response, 9, false, maxLogon, of[SessionSetupResponse]},
	logoffRequest:             {"LOGOFF Request", "2.2.7", CommandLogoff, request, 4, false, maxFixed, of[LogoffRequest]},
	logoffResponse:            {"LOGOFF Response", "2.2.8", CommandLogoff, response, 4, false, maxFixed, of[LogoffResponse]},
	treeConnectRequest:        {"TREE_CONNECT Request", "2.2.9", CommandTreeConnect, request, 9, true, maxNames, of[TreeConnectRequest]},
	treeConnectResponse:       {"TREE_CONNECT Response", "2.2.10", CommandTreeConnect, response, 16, false, maxFixed, of[TreeConnectResponse]},
	treeDisconnectRequest:     {"TREE_DISCONNECT Request", "2.2.11", CommandTreeDisconnect, request, 4, false, maxFixed, of[TreeDisconnectRequest]},
	treeDisconnectResponse:    {"TREE_DISCONNECT Response", "2.2.12", CommandTreeDisconnect, response, 4, false, maxFixed, of[TreeDisconnectResponse]},
	createRequest:             {"CREATE Request", "2.2.13", CommandCreate, request, 57, true, maxNames, of[CreateRequest]},
	createResponse:            {"CREATE Response", "2.2.14", CommandCreate, response, 89, false, maxNames, of[CreateResponse]},
	closeRequest:              {"CLOSE Request", "2.2.15", CommandClose, request, 24, false, maxFixed, of[CloseRequest]},
	closeResponse:             {"CLOSE Response", "2.2.16", CommandClose, response, 60, false, maxFixed, of[CloseResponse]},
	flushRequest:              {"FLUSH Request", "2.2.17", CommandFlush, request, 24, false, maxFixed, of[FlushRequest]},
	flushResponse:             {"FLUSH Response", "2.2.18", CommandFlush, response, 4, false, maxFixed, of[FlushResponse]},
	readRequest:               {"READ Request", "2.2.19", CommandRead, request, 49, true, maxNames, of[ReadRequest]},
	readResponse:              {"READ Response", "2.2.20", CommandRead, response, 17, false, maxData, of[ReadResponse]},
	writeRequest:              {"WRITE Request", "2.2.21", CommandWrite, request, 49, false, maxData, of[WriteRequest]},
	writeResponse:             {"WRITE Response", "2.2.22", CommandWrite, response, 17, false, maxFixed, of[WriteResponse]},
	oplockBreakNotification:   {"OPLOCK_BREAK Notification", "2.2.23.1", CommandOplockBreak, notification, 24, false, maxFixed, of[OplockBreakNotification]},
	leaseBreakNotification:    {"OPLOCK_BREAK Lease Notification", "2.2.23.2", CommandOplockBreak, notification, 44, false, maxFixed, of[LeaseBreakNotification]},
	oplockBreakAcknowledgment: {"OPLOCK_BREAK Acknowledgment", "2.2.24.1", CommandOplockBreak, request, 24, false, maxFixed, of[OplockBreakAcknowledgment]},
	leaseBreakAcknowledgment:  {"OPLOCK_BREAK Lease Acknowledgment", "2.2.24.2", CommandOplockBreak, request, 36, false, maxFixed, of[LeaseBreakAcknowledgment]},
	oplockBreakResponse:       {"OPLOCK_BREAK Response", "2.2.25.1", CommandOplockBreak, response, 24, false, maxFixed, of[OplockBreakResponse]},
	leaseBreakResponse:        {"OPLOCK_BREAK Lease Response", "2.2.25.2", CommandOplockBreak, response, 36, false, maxFixed, of[LeaseBreakResponse]},
	lockRequest:               {"LOCK Request", "2.2.26", CommandLock, request, 48, false, maxNames, of[LockRequest]},
	lockResponse:              {"LOCK Response", "2.2.27", CommandLock, response, 4, false, maxFixed, of[LockResponse]},
	echoRequest:               {"ECHO Request", "2.2.28", CommandEcho, request, 4, false, maxFixed, of[EchoRequest]},
	echoResponse:              {"ECHO Response", "2.2.29", CommandEcho, response, 4, false, maxFixed, of[EchoResponse]},
	cancelRequest:             {"CANCEL Request", "2.2.30", CommandCancel, request, 4, false, maxFixed, of[CancelRequest]},
	ioctlRequest:              {"IOCTL Request", "2.2.31", CommandIoctl, request, 57, false, maxData, of[IoctlRequest]},
	ioctlResponse:             {"IOCTL Response", "2.2.32", CommandIoctl, response, 49, false, maxData, of[IoctlResponse]},
	queryDirectoryRequest:     {"QUERY_DIRECTORY Request", "2.2.33", CommandQueryDirectory, request, 33, true, maxNames, of[QueryDirectoryRequest]},
	queryDirectoryResponse:    {"QUERY_DIRECTORY Response", "2.2.34", CommandQueryDirectory, response, 9, false, maxData, of[QueryDirectoryResponse]},
	changeNotifyRequest:       {"CHANGE_NOTIFY Request", "2.2.35", CommandChangeNotify, request, 32, false, maxFixed, of[ChangeNotifyRequest]},
	changeNotifyResponse:      {"CHANGE_NOTIFY Response", "2.2.36", CommandChangeNotify, response, 9, false, maxData, of[ChangeNotifyResponse]},
	queryInfoRequest:          {"QUERY_INFO Request", "2.2.37", CommandQueryInfo, request, 41, true, maxData, of[QueryInfoRequest]},
	queryInfoResponse:         {"QUERY_INFO Response", "2.2.38", CommandQueryInfo, response, 9, false, maxData, of[QueryInfoResponse]},
	setInfoRequest:            {"SET_INFO Request", "2.2.39", CommandSetInfo, request, 33, true, maxData, of[SetInfoRequest]},
	setInfoResponse:           {"SET_INFO Response", "2.2.40", CommandSetInfo, response, 2, false, maxFixed, of[SetInfoResponse]},
	sessionClosedNotification: {"SERVER_TO_CLIENT Notification", "2.2.44", CommandServerToClientNotification, notification, 12, false, maxFixed, of[SessionClosedNotification]},
}
