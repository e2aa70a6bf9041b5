package policy

import "slices"

// What the profiles have in common. What a system does not know keeps signet's
// value, which protects at least as much.
var (
	// windows is what every Windows has.
	windows = []difference{
		{"client.EnableMultiChannel", "True"},
		{"server.EnableMultiChannel", "True"},
		{"server.EnableStrictNameChecking", "True"},
		{"server.MaxSessionPerConnection", "16384"},
		{"server.NullSessionPipes", ""},
		{"server.PendingClientTimeoutInSeconds", "120"},
	}
	// windowsServer is what the server editions have, without signing.
	windowsServer = slices.Concat(windows, []difference{
		{"server.AsynchronousCredits", "512"},
		{"server.Smb2CreditsMax", "8192"},
		{"server.Smb2CreditsMin", "512"},
	})
	// windowsDesktop is what the others have, without signing.
	windowsDesktop = slices.Concat(windows, []difference{
		{"server.AsynchronousCredits", "64"},
		{"server.Smb2CreditsMax", "2048"},
		{"server.Smb2CreditsMin", "128"},
	})
	inboundNotRequired  = difference{"server.RequireSecuritySignature", "False"}
	outboundNotRequired = difference{"client.RequireSecuritySignature", "False"}
	guestLogons         = difference{"client.EnableInsecureGuestLogons", "True"}
)

// profiles is the table of profiles.
var profiles = []profile{
	{signet, "Signet's own: signing required of both sides, no guests.", nil},
	{"windows-11-24h2-enterprise", "Windows 11 24H2 Enterprise.", windowsDesktop},
	{"windows-11-24h2-pro", "Windows 11 24H2 Pro.", windowsDesktop},
	{"windows-11-24h2-education", "Windows 11 24H2 Education.", windowsDesktop},
	{
		"windows-11-24h2-home", "Windows 11 24H2 Home, which requires signing of nobody.",
		slices.Concat(windowsDesktop, []difference{inboundNotRequired, outboundNotRequired, guestLogons}),
	},
	{
		"windows-server-2025", "Windows Server 2025, which requires signing of servers only.",
		slices.Concat(windowsServer, []difference{inboundNotRequired}),
	},
	{
		"windows-server-2022", "Windows Server 2022, which requires signing of nobody.",
		slices.Concat(windowsServer, []difference{inboundNotRequired, outboundNotRequired}),
	},
	{
		"windows-10", "Windows 10 Home and Pro, which require signing of nobody.",
		slices.Concat(windowsDesktop, []difference{inboundNotRequired, outboundNotRequired, guestLogons}),
	},
	{"domain-controller", "Windows Server 2025 as a domain controller: signing required of both sides.", windowsServer},
	{
		"samba-default", "Samba without a line about it in smb.conf.",
		[]difference{
			inboundNotRequired, outboundNotRequired,
			{"server.AutoDisconnectTimeoutInSecondsV2", "604800"},
			{"server.EnableAuthRateLimiter", "False"},
			{"server.EnableMultiChannel", "True"},
			{"server.KeepAliveTime", "5"},
		},
	},
}
