package policy

// EnableAuthRateLimiter is whether failed sign-ins cost time.
var EnableAuthRateLimiter = Define(Key[bool]{
	Name: "server.EnableAuthRateLimiter", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextSession,
	Doc:     "Answer failed sign-ins late, by InvalidAuthenticationDelayTimeInMs.",
	Section: "local",
	Caution: func(enabled bool) string {
		if enabled {
			return ""
		}
		return "Not recommended. Passwords can be tried as fast as the machine computes."
	},
})

// InvalidAuthenticationDelayTimeInMs is what a failed sign-in costs.
var InvalidAuthenticationDelayTimeInMs = Define(Key[uint32]{
	Name: "server.InvalidAuthenticationDelayTimeInMs", Default: 2000, Kind: steps(10000, 100), Scope: PerServer, Reload: NextSession,
	Doc:     "Milliseconds that the answer to a failed sign-in waits; 0 is off.",
	Section: "local",
	Caution: func(delay uint32) string {
		if delay > 0 {
			return ""
		}
		return "Not recommended. Passwords can be tried as fast as the machine computes."
	},
})

// AllowRemoteAdminOverNTLM is whether remote procedures administer for who has
// signed in by NTLM.
var AllowRemoteAdminOverNTLM = Define(Key[bool]{
	Name: "server.AllowRemoteAdminOverNTLM", Default: true, Kind: boolean(), Scope: PerServer, Reload: AtOnce,
	Doc:     "Let who has signed in by NTLM administer by remote procedure calls; False: by Kerberos only.",
	Section: "local",
})

// EnableGuestAccess is whether names without an account become guests. Windows
// has no name for it on the server's side.
var EnableGuestAccess = Define(Key[bool]{
	Name: "server.EnableGuestAccess", Default: false, Kind: boolean(), Scope: PerServer | PerShare, Reload: NextSession,
	Doc:     "Let users without an account in as guests, where neither signing nor encryption is required.",
	Section: "[MS-SMB2] 3.3.5.5.3",
	Caution: func(enabled bool) string {
		if !enabled {
			return ""
		}
		return "Not recommended. Guests prove nothing and can sign nothing: whoever reaches the server uses its shares, and what guests read and write can be altered on the way. They get in only where RequireSecuritySignature and EncryptData are False."
	},
})

// NullSessionPipes are the named pipes for who says no name.
var NullSessionPipes = Define(Key[[]string]{
	Name: "server.NullSessionPipes", Default: []string{"srvsvc"}, Kind: names(), Scope: PerServer, Reload: NextTreeConnect,
	Doc:     "Named pipes that anonymous users may open.",
	Section: "local",
})

// NullSessionShares are the shares for who says no name.
var NullSessionShares = Define(Key[[]string]{
	Name: "server.NullSessionShares", Default: nil, Kind: names(), Scope: PerServer, Reload: NextTreeConnect,
	Doc:     "Shares that anonymous users may connect to, besides IPC$.",
	Section: "local",
	Caution: func(shares []string) string {
		if len(shares) == 0 {
			return ""
		}
		return "Not recommended. Whoever reaches the server uses these shares, unsigned and without a name."
	},
})

var _ = notApplicable("server.EnableAuthenticateUserSharing", false, boolean(),
	"Let users share folders of their own.", "shares are made by administrators only")

var _ = planned("server.EnableForcedLogoff", true, boolean(),
	"End sessions outside the hours in which their users may sign in.", "accounts have no hours yet")
