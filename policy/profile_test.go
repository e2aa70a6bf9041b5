package policy_test

import (
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/policy"
)

func snapshotOf(t *testing.T, profile string) *policy.Snapshot {
	t.Helper()
	v, err := policy.Profile(profile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := policy.Stack(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestProfilesAreThoseOfTheTable compares the profiles with a table that was
// written by hand from what the systems document: a row is a property, a
// column a profile.
func TestProfilesAreThoseOfTheTable(t *testing.T) {
	f, err := os.Open("testdata/profiles.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := rows[0][1:]
	if len(names) != len(policy.Profiles()) {
		t.Errorf("%d columns, %d profiles", len(names), len(policy.Profiles()))
	}
	for column, profile := range names {
		got := make(map[string]string)
		for _, setting := range snapshotOf(t, profile).Settings() {
			got[setting.Name] = setting.Value
		}
		for _, row := range rows[1:] {
			if got[row[0]] != row[1+column] {
				t.Errorf("%s: %s is %q, want %q", profile, row[0], got[row[0]], row[1+column])
			}
			delete(got, row[0])
		}
		// What the table leaves out is the same everywhere.
		for _, setting := range policy.Default().Settings() {
			if value, left := got[setting.Name]; left && value != setting.Value {
				t.Errorf("%s: %s is %q, and not in the table", profile, setting.Name, value)
			}
		}
	}
}

func TestAProfileIsBelowEverythingElse(t *testing.T) {
	profile, err := policy.Profile("Windows-Server-2022")
	if err != nil {
		t.Fatal(err)
	}
	file := policy.NewValues(policy.Origin{Layer: policy.LayerFile, Name: "x"})
	if err := file.Set("server.RequireSecuritySignature", "True"); err != nil {
		t.Fatal(err)
	}
	s, err := policy.Stack(file, profile)
	if err != nil {
		t.Fatal(err)
	}
	if !policy.Get(s, policy.RequireSecuritySignature) || s.ProfileOf() != "windows-server-2022" {
		t.Errorf("signing required %v, profile %q", policy.Get(s, policy.RequireSecuritySignature), s.ProfileOf())
	}
	for _, setting := range s.Settings() {
		lowest := setting.Origin
		if n := len(setting.Covered); n > 0 {
			lowest = setting.Covered[n-1].Origin
		}
		if lowest.String() != "profile windows-server-2022" {
			t.Errorf("%s: lowest origin %q, want the profile, which has a value for everything", setting.Name, lowest)
		}
	}
	if differences := policy.Differences(policy.Default(), s); !slices.ContainsFunc(differences, func(d policy.Difference) bool {
		return d.Name == "client.RequireSecuritySignature" && d.From == "True" && d.To == "False" && d.Caution != ""
	}) {
		t.Errorf("differences to signet: %+v, want client.RequireSecuritySignature with a caution", differences)
	}
}

func TestAnUnknownProfileIsRefusedWithTheNamesThereAre(t *testing.T) {
	_, err := policy.Profile("windows-95")
	e, ok := errors.AsType[*policy.PropertyError](err)
	if !ok || e.Property != "profile" || len(e.Allowed) != len(policy.Profiles()) {
		t.Errorf("%v, want a *PropertyError with all profiles", err)
	}
}

func TestSignetIsTheProfileOfTheDefaults(t *testing.T) {
	if differences := policy.Differences(policy.Default(), snapshotOf(t, "signet")); len(differences) > 0 {
		t.Errorf("%+v, want none", differences)
	}
}

// windowsProperties are the properties that Get-SmbServerConfiguration and
// Get-SmbClientConfiguration print.
var windowsProperties = map[string]string{
	"server": `AnnounceComment AnnounceServer AsynchronousCredits AuditClientCertificateAccess
		AuditClientDoesNotSupportEncryption AuditClientDoesNotSupportSigning AuditInsecureGuestLogon AuditSmb1Access
		AutoDisconnectTimeoutInMinutesV1 AutoDisconnectTimeoutInSecondsV2 AutoShareServer AutoShareWorkstation
		CachedOpenLimit DisableCompression DisableSmbEncryptionOnSecureConnection DurableHandleV2TimeoutInSeconds
		EnableAuthenticateUserSharing EnableAuthRateLimiter EnableDirectoryHandleLeasing EnableDownlevelTimewarp
		EnableForcedLogoff EnableLeasing EnableMailslots EnableMultiChannel EnableOplocks EnableSecuritySignature
		EnableSMB1Protocol EnableSMB2Protocol EnableSMBQUIC EnableStrictNameChecking EncryptData EncryptionCiphers
		InvalidAuthenticationDelayTimeInMs IrpStackSize KeepAliveTime MaxChannelPerSession MaxMpxCount
		MaxSessionPerConnection MaxThreadsPerQueue MaxWorkItems NullSessionPipes NullSessionShares OplockBreakWait
		PendingClientTimeoutInSeconds RejectUnencryptedAccess RequestCompression RequireSecuritySignature
		RestrictNamedpipeAccessViaQuic ServerHidden Smb2CreditsMax Smb2CreditsMin Smb2DialectMax Smb2DialectMin
		SmbServerNameHardeningLevel TreatHostAsStableStorage ValidateAliasNotCircular ValidateShareScope
		ValidateShareScopeNotAliased ValidateTargetName`,
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

func TestEveryPropertyOfWindowsIsDefined(t *testing.T) {
	for side, all := range windowsProperties {
		n, works := 0, 0
		for name := range strings.FieldsSeq(all) {
			n++
			d, err := policy.Find(side + "." + name)
			if err != nil {
				t.Error(err)
				continue
			}
			if d.Name != side+"."+name {
				t.Errorf("%s is spelled %s", name, d.Name)
			}
			if d.State == policy.Works {
				works++
			}
		}
		t.Logf("%s: %d properties of Windows, %d work", side, n, works)
		if side == "server" && works < 25 {
			t.Errorf("%d of the server's properties work, want at least 25", works)
		}
		if side == "client" && works < 15 {
			t.Errorf("%d of the client's properties work, want at least 15", works)
		}
	}
}

func TestWhatDoesNothingSaysWhy(t *testing.T) {
	for _, d := range policy.Definitions() {
		if (d.State == policy.Works) != (d.Why == "") {
			t.Errorf("%s: %v, why %q", d.Name, d.State, d.Why)
		}
	}
}
