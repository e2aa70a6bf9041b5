package policy

// audited is a property that lets events of one kind be raised.
func audited(name, doc, section string) Key[bool] {
	return Key[bool]{
		Name: "server." + name, Default: false, Kind: boolean(), Scope: PerServer, Reload: NextSession,
		Doc: doc, Section: section,
	}
}

// AuditClientDoesNotSupportSigning is about clients that do not say that they
// can sign.
var AuditClientDoesNotSupportSigning = Define(audited("AuditClientDoesNotSupportSigning",
	"Raise an event for each sign-in of a client that does not say that it can sign.", "[MS-SMB2] 2.2.3 SecurityMode"))

// AuditClientDoesNotSupportEncryption is about clients that share no cipher
// with the server.
var AuditClientDoesNotSupportEncryption = Define(audited("AuditClientDoesNotSupportEncryption",
	"Raise an event for each sign-in of a client that cannot encrypt.", "[MS-SMB2] 2.2.3.1.2"))

// AuditInsecureGuestLogon is about guests.
var AuditInsecureGuestLogon = Define(audited("AuditInsecureGuestLogon",
	"Raise an event for each sign-in as guest.", "[MS-SMB2] 3.3.5.5.3 SMB2_SESSION_FLAG_IS_GUEST"))

// AuditSmb1Access is about clients that speak nothing newer than SMB1.
var AuditSmb1Access = Define(audited("AuditSmb1Access",
	"Raise an event for each attempt to use SMB1.", "[MS-SMB2] 3.3.5.3"))

// AuditClientSpnSupport is about clients that do not name the server that they
// mean to reach. Windows has it in the registry only.
var AuditClientSpnSupport = Define(audited("AuditClientSpnSupport",
	"Raise an event for each sign-in that does not name this server as its target.", "[MS-NLMP] 2.2.2.1 MsvAvTargetName"))
