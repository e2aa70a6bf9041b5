package policy

import (
	"fmt"
	"strings"
)

// PropertyError is the refusal of a property or of its value.
type PropertyError struct {
	Property string   // "server.EncryptData", as it is spelled if there is one
	Problem  string   // what is wrong with it
	Allowed  []string // the values, or the properties, that there are; nil if that does not help
}

func (e *PropertyError) Error() string {
	text := e.Property + " " + e.Problem
	if len(e.Allowed) > 0 {
		text += "; there are " + strings.Join(e.Allowed, ", ")
	}
	return text
}

// Find returns the definition of the property called name, "server.Name" or
// "client.Name" without regard to case. The error is a *[PropertyError].
func Find(name string) (Definition, error) {
	for _, d := range definitions {
		if strings.EqualFold(d.Name, name) {
			return d, nil
		}
	}
	side, property, _ := strings.Cut(name, ".")
	e := &PropertyError{Property: name, Problem: "is no property"}
	for _, d := range definitions {
		if s, p, _ := strings.Cut(d.Name, "."); strings.EqualFold(s, side) {
			e.Allowed = append(e.Allowed, p)
		}
	}
	for known := range strings.FieldsSeq(windowsProperties[strings.ToLower(side)]) {
		if strings.EqualFold(known, property) {
			e.Property, e.Problem = strings.ToLower(side)+"."+known, "does nothing in this version yet, and so cannot be set"
		}
	}
	return Definition{}, e
}

// Parse reads a value of the property. The error is a *[PropertyError].
func (d Definition) Parse(text string) (any, error) {
	if value, ok := d.parse(text); ok {
		return value, nil
	}
	return nil, &PropertyError{Property: d.Name, Problem: fmt.Sprintf("cannot be %q", text), Allowed: d.Allowed}
}

// windowsProperties are the other properties that Windows has: of
// Get-SmbServerConfiguration and Get-SmbClientConfiguration.
var windowsProperties = map[string]string{
	"server": `AnnounceComment AnnounceServer AuditClientCertificateAccess
		AutoDisconnectTimeout AutoDisconnectTimeoutInMinutesV1 AutoDisconnectTimeoutInSecondsV2 AutoShareServer AutoShareWorkstation
		CachedOpenLimit DisableCompression DisableSmbEncryptionOnSecureConnection DurableHandleV2TimeoutInSeconds
		EnableAuthenticateUserSharing EnableAuthRateLimiter EnableDirectoryHandleLeasing EnableDownlevelTimewarp
		EnableForcedLogoff EnableGuestAccess EnableLeasing EnableMailslots EnableOplocks EnableSecuritySignature
		EnableSMB1Protocol EnableSMB2Protocol EnableSMBQUIC EnableStrictNameChecking InvalidAuthenticationDelayTimeInMs
		IrpStackSize KeepAliveTime MaxChannelPerSession MaxMpxCount MaxThreadsPerQueue
		MaxWorkItems NullSessionPipes NullSessionShares OplockBreakWait RequestCompression RestrictNamedpipeAccessViaQuic
		ServerHidden SmbServerNameHardeningLevel TreatHostAsStableStorage ValidateAliasNotCircular
		ValidateShareScope ValidateShareScopeNotAliased ValidateTargetName`,
	"client": `AuditInsecureGuestLogon AuditServerDoesNotSupportEncryption AuditServerDoesNotSupportSigning BlockNTLM
		BlockNTLMServerExceptionList CompressibilitySamplingSize CompressibleThreshold ConnectionCountPerRssNetworkInterface
		DirectoryCacheEntriesMax DirectoryCacheEntrySizeMax DirectoryCacheLifetime DisableCompression
		DisabledSMBQUICServerExceptionList DormantFileLimit EnableBandwidthThrottling EnableByteRangeLockingOnReadOnlyFiles
		EnableCompressibilitySampling EnableInsecureGuestLogons EnableLargeMtu EnableLoadBalanceScaleOut EnableMailslots
		EnableMultiChannel EnableSecuritySignature EnableSMBQUIC EncryptionCiphers ExtendedSessionTimeout
		FileInfoCacheEntriesMax FileInfoCacheLifetime FileNotFoundCacheEntriesMax FileNotFoundCacheLifetime
		ForceSMBEncryptionOverQuic InvalidAuthenticationCacheLifetime KeepConn MaxCmds MaximumConnectionCountPerServer
		OplocksDisabled RequestCompression RequireEncryption RequireSecuritySignature SessionTimeout SkipCertificateCheck
		Smb2DialectMax Smb2DialectMin UseOpportunisticLocking WindowSizeThreshold`,
}
