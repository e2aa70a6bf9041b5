package gpo

import "strings"

// row is one registry value that is known: the property that it is, or why it
// is none.
type row struct {
	key, name string // without regard to case
	kind      valueType
	property  string // "server.EncryptData"; "" for one that is none
	convert   *conversion
	why       string // of one that is none
}

// The keys of the rows, below the machine's root.
const (
	serverKey       = `System\CurrentControlSet\Services\LanmanServer\Parameters`
	serverPolicyKey = `Software\Policies\Microsoft\Windows\LanmanServer`
	clientKey       = `System\CurrentControlSet\Services\LanmanWorkstation\Parameters`
	clientPolicyKey = `Software\Policies\Microsoft\Windows\LanmanWorkstation`
	providerKey     = `Software\Policies\Microsoft\Windows\NetworkProvider`
	hardenedKey     = providerKey + `\HardenedPaths`
	bowserKey       = `Software\Policies\Microsoft\Windows\Bowser`
	lsaKey          = `System\CurrentControlSet\Control\Lsa`
	msvKey          = lsaKey + `\MSV1_0`
)

const (
	neverSMB1    = "SMB1 is never spoken, and cannot be turned on"
	neverPlain   = "passwords are never sent or taken in the clear"
	neverOldNTLM = "NTLMv2 with 128-bit keys only, always: LM and NTLMv1 are never sent or taken"
)

// rows is the table of registry values: what Windows keeps for the SMB server
// and client under its own keys and under those of its policies, and what of
// LSA is about their sign-ins. Where a policy key and a parameters key mean the
// same property, the policy key counts, as on Windows: see policyKeys.
var rows = []row{
	// Who signs and seals.
	{serverKey, "RequireSecuritySignature", typeDWORD, "server.RequireSecuritySignature", boolean, ""},
	{serverKey, "EnableSecuritySignature", typeDWORD, "server.EnableSecuritySignature", boolean, ""},
	{serverKey, "EncryptData", typeDWORD, "server.EncryptData", boolean, ""},
	{serverKey, "RejectUnencryptedAccess", typeDWORD, "server.RejectUnencryptedAccess", boolean, ""},
	{serverPolicyKey, "CipherSuiteOrder", typeMultiString, "server.EncryptionCiphers", names, ""},
	{serverPolicyKey, "HonorCipherSuiteOrder", typeDWORD, "", nil, "the server's order always counts"},
	{clientKey, "RequireSecuritySignature", typeDWORD, "client.RequireSecuritySignature", boolean, ""},
	{clientKey, "EnableSecuritySignature", typeDWORD, "client.EnableSecuritySignature", boolean, ""},
	{clientKey, "RequireEncryption", typeDWORD, "client.RequireEncryption", boolean, ""},
	{clientPolicyKey, "RequireEncryption", typeDWORD, "client.RequireEncryption", boolean, ""},
	{clientPolicyKey, "CipherSuiteOrder", typeMultiString, "client.EncryptionCiphers", names, ""},

	// Dialects.
	{serverKey, "MinSmb2Dialect", typeDWORD, "server.Smb2DialectMin", dialect, ""},
	{serverKey, "MaxSmb2Dialect", typeDWORD, "server.Smb2DialectMax", dialect, ""},
	{serverPolicyKey, "MinSmb2Dialect", typeDWORD, "server.Smb2DialectMin", dialect, ""},
	{serverPolicyKey, "MaxSmb2Dialect", typeDWORD, "server.Smb2DialectMax", dialect, ""},
	{clientKey, "MinSmb2Dialect", typeDWORD, "client.Smb2DialectMin", dialect, ""},
	{clientKey, "MaxSmb2Dialect", typeDWORD, "client.Smb2DialectMax", dialect, ""},
	{clientPolicyKey, "MinSmb2Dialect", typeDWORD, "client.Smb2DialectMin", dialect, ""},
	{clientPolicyKey, "MaxSmb2Dialect", typeDWORD, "client.Smb2DialectMax", dialect, ""},
	{serverKey, "SMB1", typeDWORD, "", nil, neverSMB1},
	{serverKey, "SMB2", typeDWORD, "server.EnableSMB2Protocol", boolean, ""},
	{`System\CurrentControlSet\Services\MrxSmb10`, "Start", typeDWORD, "", nil, neverSMB1},
	{`System\CurrentControlSet\Services\LanmanWorkstation`, "DependOnService", typeMultiString, "", nil, neverSMB1},

	// Guests, anonymous users, sign-ins.
	{clientKey, "AllowInsecureGuestAuth", typeDWORD, "client.EnableInsecureGuestLogons", boolean, ""},
	{clientPolicyKey, "AllowInsecureGuestAuth", typeDWORD, "client.EnableInsecureGuestLogons", boolean, ""},
	{serverKey, "NullSessionPipes", typeMultiString, "server.NullSessionPipes", names, ""},
	{serverKey, "NullSessionShares", typeMultiString, "server.NullSessionShares", names, ""},
	{serverKey, "RestrictNullSessAccess", typeDWORD, "", nil, "anonymous users always reach server.NullSessionPipes and server.NullSessionShares only"},
	{serverKey, "EnableAuthRateLimiter", typeDWORD, "server.EnableAuthRateLimiter", boolean, ""},
	{serverPolicyKey, "EnableAuthRateLimiter", typeDWORD, "server.EnableAuthRateLimiter", boolean, ""},
	{serverKey, "InvalidAuthenticationDelayTimeInMs", typeDWORD, "server.InvalidAuthenticationDelayTimeInMs", decimal, ""},
	{serverPolicyKey, "InvalidAuthenticationDelayTimeInMs", typeDWORD, "server.InvalidAuthenticationDelayTimeInMs", decimal, ""},
	{clientKey, "BlockNTLM", typeDWORD, "client.BlockNTLM", boolean, ""},
	{clientPolicyKey, "BlockNTLM", typeDWORD, "client.BlockNTLM", boolean, ""},
	{clientKey, "BlockNTLMServerExceptionList", typeMultiString, "client.BlockNTLMServerExceptionList", names, ""},
	{clientPolicyKey, "BlockNTLMServerExceptionList", typeMultiString, "client.BlockNTLMServerExceptionList", names, ""},
	{msvKey, "RestrictSendingNTLMTraffic", typeDWORD, "client.BlockNTLM", restrictNTLM, ""},
	{msvKey, "ClientAllowedNTLMServers", typeMultiString, "client.BlockNTLMServerExceptionList", names, ""},
	{msvKey, "RestrictReceivingNTLMTraffic", typeDWORD, "", nil, "the server cannot refuse NTLM yet: it has no other way to sign in"},
	{msvKey, "AuditReceivingNTLMTraffic", typeDWORD, "", nil, "every sign-in is by NTLM, and logged"},
	{msvKey, "NTLMMinClientSec", typeDWORD, "", nil, neverOldNTLM},
	{msvKey, "NTLMMinServerSec", typeDWORD, "", nil, neverOldNTLM},
	{msvKey, "allownullsessionfallback", typeDWORD, "", nil, "nobody falls back to an anonymous session"},
	{lsaKey, "LmCompatibilityLevel", typeDWORD, "", nil, neverOldNTLM},
	{lsaKey, "NoLMHash", typeDWORD, "", nil, "LM hashes are never stored"},
	{lsaKey, "RestrictAnonymous", typeDWORD, "", nil, "anonymous users always reach server.NullSessionPipes and server.NullSessionShares only"},
	{lsaKey, "RestrictAnonymousSAM", typeDWORD, "", nil, "accounts are listed over the network to who has a role in the administration only"},
	{lsaKey, "RestrictRemoteSAM", typeString, "", nil, "accounts are listed over the network to who has a role in the administration only"},
	{lsaKey, "EveryoneIncludesAnonymous", typeDWORD, "", nil, "Everyone never includes anonymous users"},
	{lsaKey, "ForceGuest", typeDWORD, "", nil, "an account is never made a guest"},
	{lsaKey, "LimitBlankPasswordUse", typeDWORD, "", nil, "accounts without a password do not exist"},
	{lsaKey, "UseMachineId", typeDWORD, "", nil, "Signet signs in as the account that is given, never as the machine"},
	{clientKey, "EnablePlainTextPassword", typeDWORD, "", nil, neverPlain},

	// Names and relays.
	{serverKey, "SmbServerNameHardeningLevel", typeDWORD, "server.SmbServerNameHardeningLevel", decimal, ""},
	{serverKey, "DisableStrictNameChecking", typeDWORD, "server.EnableStrictNameChecking", inverse, ""},
	{serverKey, "OptionalNames", typeMultiString, "server.OptionalNames", names, ""},
	{serverKey, "srvcomment", typeString, "server.AnnounceComment", text, ""},
	{serverKey, "Hidden", typeDWORD, "server.ServerHidden", boolean, ""},

	// What is recorded.
	{serverKey, "AuditSmb1Access", typeDWORD, "server.AuditSmb1Access", boolean, ""},
	{serverKey, "AuditClientDoesNotSupportSigning", typeDWORD, "server.AuditClientDoesNotSupportSigning", boolean, ""},
	{serverPolicyKey, "AuditClientDoesNotSupportSigning", typeDWORD, "server.AuditClientDoesNotSupportSigning", boolean, ""},
	{serverKey, "AuditClientDoesNotSupportEncryption", typeDWORD, "server.AuditClientDoesNotSupportEncryption", boolean, ""},
	{serverPolicyKey, "AuditClientDoesNotSupportEncryption", typeDWORD, "server.AuditClientDoesNotSupportEncryption", boolean, ""},
	{serverKey, "AuditInsecureGuestLogon", typeDWORD, "server.AuditInsecureGuestLogon", boolean, ""},
	{serverPolicyKey, "AuditInsecureGuestLogon", typeDWORD, "server.AuditInsecureGuestLogon", boolean, ""},
	{serverKey, "AuditClientSpnSupport", typeDWORD, "server.AuditClientSpnSupport", boolean, ""},
	{serverPolicyKey, "AuditClientSpnSupport", typeDWORD, "server.AuditClientSpnSupport", boolean, ""},
	{clientKey, "AuditServerDoesNotSupportSigning", typeDWORD, "client.AuditServerDoesNotSupportSigning", boolean, ""},
	{clientPolicyKey, "AuditServerDoesNotSupportSigning", typeDWORD, "client.AuditServerDoesNotSupportSigning", boolean, ""},
	{clientKey, "AuditServerDoesNotSupportEncryption", typeDWORD, "client.AuditServerDoesNotSupportEncryption", boolean, ""},
	{clientPolicyKey, "AuditServerDoesNotSupportEncryption", typeDWORD, "client.AuditServerDoesNotSupportEncryption", boolean, ""},
	{clientKey, "AuditInsecureGuestLogon", typeDWORD, "client.AuditInsecureGuestLogon", boolean, ""},
	{clientPolicyKey, "AuditInsecureGuestLogon", typeDWORD, "client.AuditInsecureGuestLogon", boolean, ""},

	// Time, size, speed.
	{serverKey, "AutoDisconnect", typeDWORD, "server.AutoDisconnectTimeoutInSecondsV2", idleMinutes, ""},
	{serverKey, "EnableForcedLogOff", typeDWORD, "server.EnableForcedLogoff", boolean, ""},
	{serverKey, "Smb2CreditsMin", typeDWORD, "server.Smb2CreditsMin", decimal, ""},
	{serverKey, "Smb2CreditsMax", typeDWORD, "server.Smb2CreditsMax", decimal, ""},
	{serverKey, "AsynchronousCredits", typeDWORD, "server.AsynchronousCredits", decimal, ""},
	{serverKey, "DisableMultiChannel", typeDWORD, "server.EnableMultiChannel", inverse, ""},
	{serverKey, "EnableOplocks", typeDWORD, "server.EnableOplocks", boolean, ""},
	{serverKey, "DisableLeasing", typeDWORD, "server.EnableLeasing", inverse, ""},
	{serverKey, "DisableCompression", typeDWORD, "server.DisableCompression", boolean, ""},
	{serverKey, "TreatHostAsStableStorage", typeDWORD, "server.TreatHostAsStableStorage", boolean, ""},
	{serverKey, "AutoShareServer", typeDWORD, "server.AutoShareServer", boolean, ""},
	{serverKey, "AutoShareWks", typeDWORD, "server.AutoShareWorkstation", boolean, ""},
	{serverPolicyKey, "EnableSMBQUIC", typeDWORD, "server.EnableSMBQUIC", boolean, ""},
	{clientKey, "DisableMultiChannel", typeDWORD, "client.EnableMultiChannel", inverse, ""},
	{clientKey, "DisableLargeMtu", typeDWORD, "client.EnableLargeMtu", inverse, ""},
	{clientKey, "DirectoryCacheLifetime", typeDWORD, "client.DirectoryCacheLifetime", decimal, ""},
	{clientKey, "FileInfoCacheLifetime", typeDWORD, "client.FileInfoCacheLifetime", decimal, ""},
	{clientKey, "FileNotFoundCacheLifetime", typeDWORD, "client.FileNotFoundCacheLifetime", decimal, ""},
	{clientKey, "SessTimeout", typeDWORD, "client.SessionTimeout", decimal, ""},
	{clientKey, "ExtendedSessTimeout", typeDWORD, "client.ExtendedSessionTimeout", decimal, ""},
	{clientKey, "KeepConn", typeDWORD, "client.KeepConn", decimal, ""},
	{clientKey, "MaxCmds", typeDWORD, "client.MaxCmds", decimal, ""},
	{clientKey, "OplocksDisabled", typeDWORD, "client.OplocksDisabled", boolean, ""},
	{clientPolicyKey, "EnableSMBQUIC", typeDWORD, "client.EnableSMBQUIC", boolean, ""},

	// What else is near.
	{bowserKey, "EnableMailslots", typeDWORD, "server.EnableMailslots", boolean, ""},
	{providerKey, "EnableMailslots", typeDWORD, "client.EnableMailslots", boolean, ""},
	{hardenedKey, anyName, typeString, "client.HardenedPaths", hardenedPath, ""}, // all of them together: hardened
}

// anyName is the name of a row for all values of its key.
const anyName = "*"

// policyKeys are keys whose values count against those of others of the same
// object that mean the same property.
var policyKeys = map[string]bool{
	strings.ToLower(serverPolicyKey): true, strings.ToLower(clientPolicyKey): true,
}

// rowOf returns the row of a value, or nil.
func rowOf(v *value) *row {
	for i := range rows {
		r := &rows[i]
		if strings.EqualFold(r.key, v.key) && (r.name == anyName || strings.EqualFold(r.name, v.name)) {
			return r
		}
	}
	return nil
}

// Mapping is one registry value that is a property, for documents.
type Mapping struct {
	Path     string // without the machine's root
	Type     string // "REG_DWORD"
	Property string // "server.EncryptData"
}

// Mappings lists what registry values are which properties.
func Mappings() []Mapping {
	var list []Mapping
	for _, r := range rows {
		if r.property != "" {
			list = append(list, Mapping{r.key + `\` + r.name, r.kind.String(), r.property})
		}
	}
	return list
}
