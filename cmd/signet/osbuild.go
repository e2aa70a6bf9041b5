package main

import (
	"fmt"

	"github.com/signet-smb/signet/auth/ntlm"
)

// systemBuild is a system as it introduces itself when somebody signs in by
// NTLM, and what it demands of signing unless somebody has set it otherwise.
type systemBuild struct {
	major, minor uint8
	build        uint16 // and all above, up to the next row
	name         string
	demands      string
}

// What systems demand.
const (
	demandsOfNew = "As a client it demands signing of every server and takes no guest sign-in; as a server it demands signing if it is a domain controller, or Windows 11 Enterprise, Pro or Education. Windows 11 Home demands neither."
	demandsOfOld = "As a client it demands signing for SYSVOL and NETLOGON only; as a server only if it is a domain controller."
)

// systemBuilds is the table, each row before those with lower builds.
var systemBuilds = []systemBuild{
	{10, 0, 26100, "Windows 11 24H2, Windows Server 2025 or later", demandsOfNew},
	{10, 0, 25905, "a preview of Windows 11 24H2 or Windows Server 2025", demandsOfNew},
	{10, 0, 22000, "Windows 11 before 24H2, Windows Server 23H2", demandsOfOld},
	{10, 0, 20348, "Windows Server 2022", demandsOfOld},
	{10, 0, 10240, "Windows 10, Windows Server 2016 or 2019", demandsOfOld},
	{10, 0, 0, "Signet, or another server that tells no build", ""},
	{6, 1, 7600, "Windows 7 or Windows Server 2008 R2", demandsOfOld},
	{6, 1, 0, "Samba, or another server that tells no build", ""},
}

// systemOf finds what is known of a version; nil if nothing is.
func systemOf(v ntlm.Version) *systemBuild {
	for i := range systemBuilds {
		if b := &systemBuilds[i]; b.major == v.Major && b.minor == v.Minor && v.Build >= b.build {
			return b
		}
	}
	return nil
}

// versionText writes a version as Windows does; "" of a server that told none.
func versionText(v ntlm.Version) string {
	if v == (ntlm.Version{}) {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Build)
}
