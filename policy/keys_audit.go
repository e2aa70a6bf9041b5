package policy

const noEvents = "events are not recorded yet"

var (
	_ = planned("server.AuditClientDoesNotSupportEncryption", false, boolean(), "Record clients that cannot encrypt.", noEvents)
	_ = planned("server.AuditClientDoesNotSupportSigning", false, boolean(), "Record clients that do not offer to sign.", noEvents)
	_ = planned("server.AuditInsecureGuestLogon", false, boolean(), "Record sign-ins as guest.", noEvents)
	_ = planned("server.AuditSmb1Access", false, boolean(), "Record clients that ask for SMB1.", noEvents)
)
