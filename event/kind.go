package event

import (
	"strconv"
	"strings"
)

// Channel is where Windows files an event: the provider's name without
// "Microsoft-Windows-", and the log.
type Channel string

// Channels.
const (
	ServerAudit        Channel = "SMBServer/Audit"
	ServerSecurity     Channel = "SMBServer/Security"
	ServerOperational  Channel = "SMBServer/Operational"
	ClientAudit        Channel = "SMBClient/Audit"
	ClientSecurity     Channel = "SMBClient/Security"
	ClientConnectivity Channel = "SMBClient/Connectivity"
	OwnSecurity        Channel = "Signet/Security"
	OwnOperational     Channel = "Signet/Operational"
	OwnAdministration  Channel = "Signet/Administration"
	OwnClient          Channel = "Signet/Client"
)

// Level is how bad an event is, in Windows' words.
type Level string

// Levels.
const (
	Information Level = "Information"
	Warning     Level = "Warning"
	Error       Level = "Error"
)

// Kind is one kind of event: a row of the table. Immutable; compared by its
// address.
type Kind struct {
	Name    string // ours, unique without regard to case
	Channel Channel
	ID      int // in its channel; 0: open
	Level   Level
	Text    string // what has happened
	// Switch is the property that has to be True for it; "": it is always
	// raised.
	Switch string
	// ByClient marks what is about the SMB client: package client raises it, or
	// who sets the client's properties.
	ByClient bool
	// Each marks what is a record of its own however often it happens: who
	// changed what is not counted, but told.
	Each bool
	// Unraised marks what nothing raises yet.
	Unraised bool
	// OpenIDs are the numbers of which one is this kind's: documents do not say
	// which.
	OpenIDs []int
}

// Kinds that the server raises.
var (
	SMB1Access = &Kind{
		Name: "SMB1Access", Channel: ServerAudit, ID: 3000, Level: Information, Switch: "server.AuditSmb1Access",
		Text: "a client tried to use SMB1",
	}
	ClientDoesNotSupportSigning = &Kind{
		Name: "ClientDoesNotSupportSigning", Channel: ServerAudit, ID: 3021, Level: Information, Switch: "server.AuditClientDoesNotSupportSigning",
		Text: "the client does not say that it can sign",
	}
	ClientDoesNotSupportEncryption = &Kind{
		Name: "ClientDoesNotSupportEncryption", Channel: ServerAudit, ID: 3022, Level: Information, Switch: "server.AuditClientDoesNotSupportEncryption",
		Text: "the client and the server have no cipher in common",
	}
	GuestLogon = &Kind{
		Name: "GuestLogon", Channel: ServerSecurity, ID: 3023, Level: Warning, Switch: "server.AuditInsecureGuestLogon",
		Text: "a client was signed in as guest",
	}
	ClientSentNoSPN = &Kind{
		Name: "ClientSentNoSPN", Channel: ServerAudit, ID: 3024, Level: Information, Switch: "server.AuditClientSpnSupport",
		Text: "the client did not say which server it meant to reach",
	}
	ClientSentUnknownSPN = &Kind{
		Name: "ClientSentUnknownSPN", Channel: ServerAudit, ID: 3025, Level: Information, Switch: "server.AuditClientSpnSupport",
		Text: "the client meant to reach another server",
	}
	ClientSentEmptySPN = &Kind{
		Name: "ClientSentEmptySPN", Channel: ServerAudit, ID: 3026, Level: Information, Switch: "server.AuditClientSpnSupport",
		Text: "the client named nobody as the server that it meant to reach",
	}
	SMB1ClientDoesNotSign = &Kind{
		Name: "SMB1ClientDoesNotSign", Channel: ServerAudit, ID: 3027, Level: Information, Switch: "server.AuditClientDoesNotSupportSigning",
		Text: "an SMB1 client does not say that it can sign",
	}
	SMB1Refused = &Kind{
		Name: "SMB1Refused", Channel: ServerOperational, ID: 1001, Level: Warning,
		Text: "a client that speaks SMB1 only was refused",
	}
	UnencryptedRefused = &Kind{
		Name: "UnencryptedRefused", Channel: ServerOperational, ID: 1003, Level: Warning,
		Text: "a client that cannot encrypt was refused where encryption is required",
	}
	NegotiateValidationFailed = &Kind{
		Name: "NegotiateValidationFailed", Channel: ServerOperational, ID: 1005, Level: Error,
		Text: "the negotiation was altered on its way: somebody may be in the path",
	}
	AuthenticationFailed = &Kind{
		Name: "AuthenticationFailed", Channel: ServerSecurity, ID: 551, Level: Warning,
		Text: "a sign-in was refused",
	}
	ShareAccessDenied = &Kind{
		Name: "ShareAccessDenied", Channel: ServerSecurity, ID: 1006, Level: Warning,
		Text: "a user was refused at a share",
	}
)

// Kinds of our own that the server raises.
var (
	BadSignature = &Kind{
		Name: "BadSignature", Channel: OwnSecurity, ID: 1, Level: Error,
		Text: "a request bore a wrong signature and was refused: somebody may be in the path",
	}
	CannotDecrypt = &Kind{
		Name: "CannotDecrypt", Channel: OwnSecurity, ID: 2, Level: Error,
		Text: "an encrypted message was altered or forged, and the connection closed: somebody may be in the path",
	}
	UnsignedRefused = &Kind{
		Name: "UnsignedRefused", Channel: OwnSecurity, ID: 3, Level: Warning,
		Text: "a request that was neither signed nor encrypted was refused where that is required",
	}
	ExceptionUsed = &Kind{
		Name: "ExceptionUsed", Channel: OwnSecurity, ID: 4, Level: Warning,
		Text: "a client went without protection that is required, by an exception",
	}
	RuleWillRefuse = &Kind{
		Name: "RuleWillRefuse", Channel: OwnSecurity, ID: 5, Level: Warning,
		Text: "a client went without protection, and a rule will refuse it",
	}
)

// Kinds of our own about the log itself.
var (
	EventsDropped = &Kind{
		Name: "EventsDropped", Channel: OwnOperational, ID: 1, Level: Warning,
		Text: "events came faster than they could be kept, and are lost",
	}
	LogRotated = &Kind{
		Name: "LogRotated", Channel: OwnOperational, ID: 2, Level: Information,
		Text: "the oldest events made room",
	}
	AnchorFailed = &Kind{
		Name: "AnchorFailed", Channel: OwnOperational, ID: 3, Level: Warning,
		Text: "the head of the log could not be noted outside",
	}
)

// Kinds of our own about administration. Each tells who did it and by which
// way; what is changed has a record for each property, with what it was and
// what it is.
var (
	ConfigurationChanged = &Kind{
		Name: "ConfigurationChanged", Channel: OwnAdministration, ID: 1, Level: Information, Each: true,
		Text: "the configuration was changed",
	}
	ShareChanged = &Kind{
		Name: "ShareChanged", Channel: OwnAdministration, ID: 2, Level: Information, Each: true,
		Text: "a share was added, changed or removed",
	}
	AccountChanged = &Kind{
		Name: "AccountChanged", Channel: OwnAdministration, ID: 3, Level: Information, Each: true,
		Text: "an account was added, changed or removed",
	}
	ActivityEnded = &Kind{
		Name: "ActivityEnded", Channel: OwnAdministration, ID: 4, Level: Information, Each: true,
		Text: "an administrator closed a session or an open file",
	}
	ConfigurationReloaded = &Kind{
		Name: "ConfigurationReloaded", Channel: OwnAdministration, ID: 5, Level: Information, Each: true,
		Text: "the configuration file was read again",
	}
	AdministratorSignedIn = &Kind{
		Name: "AdministratorSignedIn", Channel: OwnAdministration, ID: 6, Level: Information, Each: true,
		Text: "somebody signed in to the administration",
	}
	AdministratorSignedOut = &Kind{
		Name: "AdministratorSignedOut", Channel: OwnAdministration, ID: 7, Level: Information, Each: true,
		Text: "a sign-in to the administration ended",
	}
	AdministratorSignInFailed = &Kind{
		Name: "AdministratorSignInFailed", Channel: OwnAdministration, ID: 8, Level: Warning,
		Text: "a sign-in to the administration was refused",
	}
	AdministrationRefused = &Kind{
		Name: "AdministrationRefused", Channel: OwnAdministration, ID: 9, Level: Warning,
		Text: "a request to the administration was refused",
	}
	SignInLinkMade = &Kind{
		Name: "SignInLinkMade", Channel: OwnAdministration, ID: 10, Level: Information, Each: true,
		Text: "a link was made that signs in to the administration once",
	}
	PeerAsked = &Kind{
		Name: "PeerAsked", Channel: OwnAdministration, ID: 11, Level: Information, Each: true,
		Text: "an administrator had another server asked for its settings",
	}
)

// Kinds of Windows' client, for whoever reads logs of both ends by one table.
//
// Missing: an SMB client that raises them.
var (
	ServerDoesNotSupportEncryption = &Kind{
		Name: "ServerDoesNotSupportEncryption", Channel: ClientAudit, Level: Information, ByClient: true, OpenIDs: []int{31998, 31999},
		Switch: "client.AuditServerDoesNotSupportEncryption", Text: "the server does not support encryption",
	}
	ServerDoesNotSupportSigning = &Kind{
		Name: "ServerDoesNotSupportSigning", Channel: ClientAudit, Level: Information, ByClient: true, OpenIDs: []int{31998, 31999},
		Switch: "client.AuditServerDoesNotSupportSigning", Text: "the server does not support signing",
	}
	ClientNegotiateValidationFailed = &Kind{
		Name: "ClientNegotiateValidationFailed", Channel: ClientSecurity, ID: 31012, Level: Error, ByClient: true,
		Text: "the negotiation was altered on its way",
	}
	SignatureValidationFailed = &Kind{
		Name: "SignatureValidationFailed", Channel: ClientSecurity, ID: 31013, Level: Error, ByClient: true,
		Text: "a reply bore a wrong signature",
	}
	UnencryptedMessage = &Kind{
		Name: "UnencryptedMessage", Channel: ClientSecurity, ID: 31014, Level: Error, ByClient: true,
		Text: "a reply was not encrypted",
	}
	ReplyCannotBeDecrypted = &Kind{
		Name: "ReplyCannotBeDecrypted", Channel: ClientSecurity, ID: 31015, Level: Error, ByClient: true,
		Text: "a reply could not be decrypted",
	}
	SigningNotDefault = &Kind{
		Name: "SigningNotDefault", Channel: ClientSecurity, ID: 31016, Level: Warning, ByClient: true,
		Text: "the signing settings are not the default",
	}
	InsecureGuestLogonRefused = &Kind{
		Name: "InsecureGuestLogonRefused", Channel: ClientSecurity, ID: 31017, Level: Error, ByClient: true,
		Text: "a guest sign-in was refused",
	}
	InsecureGuestLogonsEnabled = &Kind{
		Name: "InsecureGuestLogonsEnabled", Channel: ClientSecurity, ID: 31018, Level: Warning, ByClient: true,
		Text: "guest sign-ins were switched on",
	}
	InsecureGuestLogonAllowed = &Kind{
		Name: "InsecureGuestLogonAllowed", Channel: ClientSecurity, ID: 31022, Level: Warning, ByClient: true, Switch: "client.AuditInsecureGuestLogon",
		Text: "a guest sign-in was allowed",
	}
	NTLMFallback = &Kind{
		Name: "NTLMFallback", Channel: OwnClient, ID: 1, Level: Warning, ByClient: true,
		Text: "a user signed in by NTLM where Kerberos was to be used",
	}
	TargetIsAddress = &Kind{
		Name: "TargetIsAddress", Channel: OwnClient, ID: 2, Level: Warning, ByClient: true,
		Text: "a server was reached by its address",
	}
	TargetIsAlias = &Kind{
		Name: "TargetIsAlias", Channel: OwnClient, ID: 3, Level: Warning, ByClient: true,
		Text: "a server was reached by an alias",
	}
	QUICConnection = &Kind{
		Name: "QUICConnection", Channel: ClientConnectivity, ID: 30832, Level: Information, ByClient: true, Unraised: true,
		Text: "a connection over QUIC",
	}
)

// kinds is the table of all kinds.
var kinds = []*Kind{
	SMB1Access, ClientDoesNotSupportSigning, ClientDoesNotSupportEncryption, GuestLogon,
	ClientSentNoSPN, ClientSentUnknownSPN, ClientSentEmptySPN, SMB1ClientDoesNotSign,
	SMB1Refused, UnencryptedRefused, NegotiateValidationFailed, AuthenticationFailed, ShareAccessDenied,
	BadSignature, CannotDecrypt, UnsignedRefused, ExceptionUsed, RuleWillRefuse,
	EventsDropped, LogRotated, AnchorFailed,
	ConfigurationChanged, ShareChanged, AccountChanged, ActivityEnded, ConfigurationReloaded,
	AdministratorSignedIn, AdministratorSignedOut, AdministratorSignInFailed, AdministrationRefused, SignInLinkMade, PeerAsked,
	ServerDoesNotSupportEncryption, ServerDoesNotSupportSigning,
	ClientNegotiateValidationFailed, SignatureValidationFailed, UnencryptedMessage, ReplyCannotBeDecrypted, SigningNotDefault,
	InsecureGuestLogonRefused, InsecureGuestLogonsEnabled, InsecureGuestLogonAllowed, NTLMFallback, TargetIsAddress, TargetIsAlias, QUICConnection,
}

// Kinds returns the table of all kinds.
func Kinds() []*Kind { return append([]*Kind(nil), kinds...) }

// Channels returns the channels that kinds are in, each once, in their order.
func Channels() (all []Channel) {
	seen := make(map[Channel]bool)
	for _, k := range kinds {
		if !seen[k.Channel] {
			seen[k.Channel] = true
			all = append(all, k.Channel)
		}
	}
	return all
}

// ByName returns the kind called name, without regard to case; nil if there is
// none.
func ByName(name string) *Kind {
	for _, k := range kinds {
		if strings.EqualFold(k.Name, name) {
			return k
		}
	}
	return nil
}

// IsCalled reports whether word is k's name or number. A number that may be
// k's or another's is both.
func (k *Kind) IsCalled(word string) bool {
	if strings.EqualFold(k.Name, word) {
		return true
	}
	n, err := strconv.Atoi(word)
	if err != nil || n == 0 {
		return false
	}
	for _, open := range k.OpenIDs {
		if n == open {
			return true
		}
	}
	return n == k.ID
}
