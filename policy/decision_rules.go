package policy

// row is a row of the table of what is decided.
type row struct {
	applies  func(Situation) bool
	decision Decision
}

// The rules by which a client is refused that cannot encrypt.
const (
	RuleNoKey          = "no key, client requires signing"
	RuleNoGuest        = "client takes no guest sign-in"
	RuleClientEncrypts = "client encrypts, session cannot"
	RuleServerEncrypts = "server encrypts, client cannot"
	RuleShareEncrypts  = "share encrypts, client cannot"
)

// rows is the table; the first row that applies decides. What rules say is part
// of what the server and the share demand by then: see Situation.ruled.
var rows = []row{
	// The server, at SESSION_SETUP.
	{
		func(s Situation) bool { return s.Identity == Guest && !s.Server.AllowGuest },
		Decision{
			Refused, ServerSide, StatusLogonFailure, "guests off",
			"The server has no account of that name, and EnableGuestAccess is False.", "local",
		},
	},
	{
		func(s Situation) bool { return s.Identity != User && s.Server.RequireSigning },
		Decision{
			Refused, ServerSide, StatusAccessDenied, "no key, server requires signing",
			"Guests and anonymous users cannot sign, and the server's RequireSecuritySignature is True, or a rule requires it.", "[MS-SMB2] 3.3.5.5.3",
		},
	},
	{
		func(s Situation) bool { return s.Identity != User && s.Server.EncryptData },
		Decision{
			Refused, ServerSide, StatusAccessDenied, "no key, server encrypts",
			"Guests and anonymous users cannot encrypt, and the server's EncryptData is True, or a rule requires it.", "[MS-SMB2] 3.3.5.5.3",
		},
	},
	{
		func(s Situation) bool { return s.Server.EncryptData && s.Server.RejectUnencrypted && !s.canSeal() },
		Decision{
			Refused, ServerSide, StatusAccessDenied, RuleServerEncrypts,
			"The client cannot encrypt; the server's EncryptData, or a rule, requires it, and RejectUnencryptedAccess is True.", "[MS-SMB2] 3.3.5.5",
		},
	},
	// The client, when it reads the reply.
	{
		func(s Situation) bool { return s.Identity != User && s.Client.RequireSigning },
		Decision{
			Refused, ClientSide, StatusGuestSigningBlocked, RuleNoKey,
			"Guests and anonymous users cannot sign, and the client's RequireSecuritySignature is True.", "[MS-SMB2] 3.2.5.3.1",
		},
	},
	{
		func(s Situation) bool {
			return s.Identity == Guest && !s.Client.AllowGuest
		},
		Decision{
			Refused, ClientSide, StatusGuestLogonBlocked, RuleNoGuest,
			"The server took the user for a guest, and the client's EnableInsecureGuestLogons is False.", "[MS-SMB2] 3.2.5.3.1",
		},
	},
	{
		func(s Situation) bool { return s.Client.RequireEncryption && !s.canSeal() },
		Decision{
			Refused, ClientSide, StatusAccessDenied, RuleClientEncrypts,
			"The client's RequireEncryption is True, and nothing can be encrypted in this session.", "[MS-SMB2] 3.2.5.3.1",
		},
	},
	// Each request, by what the session demands.
	{
		func(s Situation) bool { return (s.Server.EncryptData || s.Client.RequireEncryption) && s.canSeal() },
		Decision{
			Sealed, 0, StatusSuccess, "session sealed",
			"One of both sides requires encryption of the session: the cipher's tag is the signature.", "[MS-SMB2] 3.3.5.5.3",
		},
	},
	{
		func(s Situation) bool {
			return s.Identity == User && (s.Client.RequireSigning || s.Server.RequireSigning) && !s.CanSign
		},
		Decision{
			Refused, ServerSide, StatusAccessDenied, "signing required, client does not sign",
			"The session requires signing, and the client's requests are not signed.", "[MS-SMB2] 3.3.5.2.4",
		},
	},
	// The server, at TREE_CONNECT.
	{
		func(s Situation) bool { return s.Identity == User && s.Dialect == SMB311 && !s.CanSign },
		Decision{
			Refused, ServerSide, StatusConnectionReset, "3.1.1 TREE_CONNECT unsigned",
			"At SMB 3.1.1 a TREE_CONNECT that is neither signed nor encrypted ends the connection, required or not.", "[MS-SMB2] 3.3.5.7",
		},
	},
	{
		func(s Situation) bool { return s.Identity != User && (s.Share.RequireSigning || s.Share.EncryptData) },
		Decision{
			Refused, ServerSide, StatusAccessDenied, "no key, share demands protection",
			"Guests and anonymous users can neither sign nor encrypt, and the share demands it.", "[MS-SMB2] 3.3.5.7",
		},
	},
	{
		func(s Situation) bool { return s.Share.EncryptData && s.Server.RejectUnencrypted && !s.canSeal() },
		Decision{
			Refused, ServerSide, StatusAccessDenied, RuleShareEncrypts,
			"The client cannot encrypt; the share, or a rule for it, requires it, and the server's RejectUnencryptedAccess is True.", "[MS-SMB2] 3.3.5.7",
		},
	},
	{
		func(s Situation) bool { return s.Share.RequireSigning && !s.CanSign },
		Decision{
			Refused, ServerSide, StatusAccessDenied, "share requires signing, client does not sign",
			"The share, or a rule for it, requires signing, and the client's requests are not signed.", "local",
		},
	},
	// Each request, by what the share demands.
	{
		func(s Situation) bool { return s.Identity != User },
		Decision{
			Plain, 0, StatusSuccess, "no key",
			"Guests and anonymous users have no key to sign with, and nobody requires it.", "[MS-SMB2] 3.3.5.5.3",
		},
	},
	{
		func(s Situation) bool { return s.Share.EncryptData && s.canSeal() },
		Decision{
			Sealed, 0, StatusSuccess, "share sealed",
			"The share requires encryption: the cipher's tag is the signature.", "[MS-SMB2] 3.3.5.2.11",
		},
	},
	{
		func(s Situation) bool {
			return s.Client.RequireSigning || s.Server.RequireSigning || s.Share.RequireSigning
		},
		Decision{
			Signed, 0, StatusSuccess, "signing required",
			"One of both sides, or the share, requires signing.", "[MS-SMB2] 3.3.5.5.3",
		},
	},
}

// everythingElse is what is left: nobody requires anything of a user.
var everythingElse = Decision{
	Plain, 0, StatusSuccess, "nobody requires signing",
	"Neither side requires signing; the last SESSION_SETUP reply and, at SMB 3.1.1, the TREE_CONNECT are signed all the same.", "[MS-SMB2] 3.3.5.5.3",
}
