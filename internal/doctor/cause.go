package doctor

// Cause is one reason why connections fail. Immutable.
type Cause struct {
	ID    string // "guest-only": the same for ever
	Title string // one line
	Why   string // what happens, in a sentence or two

	// What mends it on each end; "" if nothing there does. Any one of them
	// will do unless it says more.
	Server string
	Client string

	// Refused says that it is a policy that said no, ours or the server's:
	// exit code 3.
	Refused bool
}

// device is the cure wherever a server cannot do what it should.
const device = "Install newer firmware or software on it. If there is none, put a gateway in front (signet gateway), so that clients stay strict"

// Causes are all reasons that the doctor knows, in the order in which a
// connection meets them.
var Causes = []Cause{
	{
		ID: "name-not-resolved", Title: "The server's name is not found",
		Why:    "Neither DNS nor mDNS knows the name, so nothing was sent to any server.",
		Server: "Register the name in DNS, or let the server announce itself (signet serve --discovery on).",
		Client: "Check the spelling, and the DNS server in use. Try the name with its domain, or with .local.",
	},
	{
		ID: "host-unreachable", Title: "There is no way to the server",
		Why:    "The name has an address, but the network says that nothing can be sent there.",
		Server: "Check that the machine is on, and its network cable, Wi-Fi and gateway.",
		Client: "Check the route, the VPN, and that both are in networks that may speak to each other.",
	},
	{
		ID: "port-closed", Title: "No SMB server listens on this port",
		Why:    "The machine answers, and says that nobody listens on the port.",
		Server: "Start the file server. Signet that runs without root may listen on 4445 instead of 445.",
		Client: "Check the port: smb://host:port/share; on Windows 11 24H2 and later, net use ... /TCPPORT:port.",
	},
	{
		ID: "port-filtered", Title: "Something between swallows the connection",
		Why:    "Nothing comes back, neither yes nor no: a firewall drops it, the machine is off, or it is too busy to answer. Many internet providers block port 445.",
		Server: "Allow the port in the firewall of the server; on Windows, the rule group File and Printer Sharing (Restrictive).",
		Client: "Check the firewalls between, or use a VPN. Over the internet use another port than 445.",
	},
	{
		ID: "not-smb", Title: "What listens there is no SMB server",
		Why:    "The answer is not SMB: another service has this port.",
		Server: "Find out what listens on the port, and let the file server have it.",
		Client: "Check host and port.",
	},
	{
		ID: "silent", Title: "The server accepts connections and says nothing",
		Why:    "No answer came in time: the server hangs, is overloaded, or is no SMB server.",
		Server: "Look at its load and its log, and restart the file service.",
		Client: "Try again with more patience (--timeout 60s).",
	},
	{
		ID: "host-refused", Title: "The server does not speak with this machine",
		Why:     "It answers that it takes no session from this address: its list of allowed hosts lacks this one.",
		Server:  "Allow the client's address; in smb.conf: hosts allow, hosts deny, interfaces.",
		Refused: true,
	},
	{
		ID: "server-full", Title: "The server takes no more connections",
		Why:    "It hangs up before the first word, or says that it lacks room for one more: too many connections, sessions or processes, or too little memory. Few servers hang up so on addresses that they do not allow.",
		Server: "End idle sessions (signet session list; on Windows Get-SmbSession), or raise the limit: in smb.conf max smbd processes, for Signet see docs/limits.md. Desktop Windows takes 20 at most.",
		Client: "Close connections that are not needed, and try again later.",
	},
	{
		ID: "smb1-only", Title: "The server speaks SMB1 only",
		Why:    "It has no SMB 2 or 3, and SMB1 cannot be made safe: Signet never speaks it.",
		Server: "Turn on SMB 2 or 3; in smb.conf: server max protocol = SMB3. " + device + ".",
		Client: "Nothing. Do not turn SMB1 on.",
	},
	{
		ID: "no-common-dialect", Title: "Client and server have no SMB dialect in common",
		Why:     "Both speak SMB 2 or 3, but no version that both allow.",
		Server:  "Widen server.Smb2DialectMin and server.Smb2DialectMax; in smb.conf server min protocol and server max protocol. For an old device: newer firmware, or signet gateway.",
		Client:  "Set client.Smb2DialectMax to None. Lower client.Smb2DialectMin only for this server, and only until its firmware is new.",
		Refused: true,
	},
	{
		ID: "dialect-cluster", Title: "The cluster's level does not allow this dialect",
		Why:    "Nodes of the cluster run different versions, and until all are new the cluster speaks what the oldest speaks.",
		Server: "Finish the upgrade: Update-ClusterFunctionalLevel.",
		Client: "Nothing: clients come back with a lower dialect by themselves.",
	},
	{
		ID: "no-common-hash", Title: "Client and server have no preauthentication hash in common",
		Why:    "Dialect 3.1.1 protects the negotiation by SHA-512, and one end does not have it.",
		Server: device + ".",
		Client: "Update the client.",
	},
	{
		ID: "no-signing", Title: "The server does not sign",
		Why:     "The server's answers prove nothing: anybody between could have sent or changed them. The client requires signatures.",
		Server:  "Turn signing on: server.RequireSecuritySignature = True; in smb.conf server signing = mandatory. " + device + ".",
		Client:  "Leave it strict. For one device that nobody can mend, a rule for that device alone, with an end date, gives time to replace it.",
		Refused: true,
	},
	{
		ID: "guest-only", Title: "The server took the user for a guest",
		Why:     "A guest has no key, so nothing can be signed or encrypted, and whoever sits between can be anybody. The client takes no guest sign-in. The server lets in as guests either everybody, or whoever it does not know.",
		Server:  "Make an account and use it (signet user add NAME), and turn guests off: EnableGuestAccess = False; in smb.conf map to guest = never, and no guest ok. A device that only knows guests: newer firmware, or signet gateway in front.",
		Client:  "Sign in with an account that the server knows, as name, HOST\\name or name@domain. Leave EnableInsecureGuestLogons off.",
		Refused: true,
	},
	{
		ID: "anonymous-refused", Title: "The server wants to know who signs in",
		Why:     "Nobody's name was given, and the server lets nobody in without one.",
		Client:  "Give an account: smb://name@host/share, or --user NAME.",
		Refused: true,
	},
	{
		ID: "ntlmv1-only", Title: "The server knows NTLMv1 only",
		Why:     "Its challenge lacks what NTLMv2 needs. NTLMv1 can be broken within hours, so the client sent no answer to it.",
		Server:  "Allow NTLMv2; in smb.conf ntlm auth = ntlmv2-only; on Windows LAN Manager authentication level: send NTLMv2 only. " + device + ".",
		Client:  "Nothing: leave NTLMv1 off.",
		Refused: true,
	},
	{
		ID: "ntlm-blocked-here", Title: "This client may not use NTLM",
		Why:     "client.BlockNTLM is True, and this client has no Kerberos ticket for the server.",
		Server:  "Join it to the domain, and register the name that clients use: setspn -S cifs/NAME MACHINE.",
		Client:  "Use the name that Kerberos knows rather than an address or an alias. For one server without Kerberos, add it to client.BlockNTLMServerExceptionList.",
		Refused: true,
	},
	{
		ID: "ntlm-blocked-there", Title: "The server, or its domain, refuses NTLM",
		Why:     "The password may be right: it was not even looked at.",
		Server:  "Give clients a name that Kerberos knows (setspn -S cifs/NAME MACHINE), or allow NTLMv2 for this server: Restrict NTLM: Add server exceptions; in smb.conf ntlm auth = ntlmv2-only.",
		Client:  "Sign in by Kerberos: a domain account, and the server's own name rather than an address.",
		Refused: true,
	},
	{
		ID: "kerberos-needed", Title: "The server offers Kerberos only",
		Why:     "Its list of ways to sign in has Kerberos, and no NTLM.",
		Server:  "Allow NTLMv2 for clients outside the domain; in smb.conf ntlm auth = ntlmv2-only.",
		Client:  "Sign in with a domain account and a ticket (kinit, then -k), by the server's own name.",
		Refused: true,
	},
	{
		ID: "ticket-missing", Title: "There is no Kerberos ticket",
		Why:    "Kerberos was asked for, and neither a ticket nor a key or password to get one with is there. Tickets are looked for in the file that KRB5CCNAME names, or in /tmp/krb5cc_UID.",
		Client: "Get a ticket: kinit NAME@REALM. Or give name and password: -k --user NAME@REALM. Where tickets are kept elsewhere (KEYRING, KCM): kinit -c FILE:/tmp/krb5cc_$(id -u).",
	},
	{
		ID: "ticket-expired", Title: "The Kerberos ticket has expired",
		Why:    "A ticket is good for some hours, and this one's have passed.",
		Client: "Get a new one: kinit.",
	},
	{
		ID: "kdc-unreachable", Title: "No Kerberos server (KDC) can be reached",
		Why:    "The file server is not at fault: what gives out tickets does not answer on port 88, or nobody says where it is.",
		Server: "Check that the domain controllers run, and that DNS has _kerberos._tcp.REALM.",
		Client: "Check the DNS server in use, the VPN, the firewalls between (TCP 88), and [realms] in krb5.conf.",
	},
	{
		ID: "kdc-refused", Title: "The Kerberos server (KDC) gives no ticket",
		Why:     "It answers, and says no: by a policy of the domain, or because the request needs what this client lacks, such as a smart card.",
		Server:  "The log of the KDC says why: on Windows the events 4768, 4769 and 4771 of the domain controller.",
		Client:  "Try kinit and kvno cifs/HOST: they meet the same refusal.",
		Refused: true,
	},
	{
		ID: "kerberos-etype", Title: "There is no Kerberos encryption type in common",
		Why:     "This client takes AES only. RC4 and DES can be broken, and a KDC of today gives them to no one either.",
		Server:  "Give the account AES keys: set its password anew, and msDS-SupportedEncryptionTypes to 24; for a keytab, write it again with ktpass /crypto AES256-SHA1.",
		Client:  "Set the user's password anew, if the account is older than the domain's AES.",
		Refused: true,
	},
	{
		ID: "kerberos-not-offered", Title: "The server does not take Kerberos",
		Why:     "Its list of ways to sign in lacks Kerberos: it belongs to no domain, or has no key.",
		Server:  "Join it to the domain; in smb.conf security = ads, or kerberos method = dedicated keytab.",
		Client:  "Leave -k and --block-ntlm away for this one server, so that NTLMv2 is used.",
		Refused: true,
	},
	{
		ID: "kerberos-refused", Title: "The server refuses the Kerberos ticket",
		Why:     "There is a ticket, and the server cannot open it or does not take its user: its keytab is older than the ticket, another account has the service's name, the ticket was used before, or the user is unknown to it.",
		Server:  "Write the keytab anew (net ads keytab create, ktpass), look for doubled names (setspn -X), and check that the user exists there.",
		Client:  "Throw the old tickets away (kdestroy; on Windows klist purge) and get new ones.",
		Refused: true,
	},
	{
		ID: "server-not-proved", Title: "The server does not prove who it is",
		Why:     "It let the user in and could not show that it has the key of its own ticket, or a KDC's answer was not the KDC's. The client has ended it: somebody may be in the path.",
		Server:  "Check the keytab and who else answers at this address.",
		Client:  "Check the address behind the name. Do not use NTLM instead.",
		Refused: true,
	},
	{
		ID: "no-common-cipher", Title: "Client and server have no cipher in common",
		Why:     "Encryption is required, and the lists of ciphers do not meet. AES-256 needs Windows 11, Server 2022 or Samba 4.15 on both ends; dialects 3.0 and 3.0.2 know AES-128-CCM only.",
		Server:  "Add a cipher of the client's list to server.EncryptionCiphers; in smb.conf server smb3 encryption algorithms.",
		Client:  "Add a cipher of the server's list to client.EncryptionCiphers: AES_128_GCM is understood by all.",
		Refused: true,
	},
	{
		ID: "encryption-required", Title: "The server requires encryption",
		Why:     "It refuses whoever cannot encrypt, and this client did not offer to: encryption needs dialect 3.0 or later and a cipher.",
		Server:  "Nothing, if that is meant so: server.EncryptData, or EncryptData of the share; in smb.conf server smb encrypt = required.",
		Client:  "Set client.Smb2DialectMax to None, and client.EncryptionCiphers to its default.",
		Refused: true,
	},
	{
		ID: "encryption-missing", Title: "The server cannot encrypt",
		Why:     "client.RequireEncryption is True, and the server has neither dialect 3.0 nor a cipher.",
		Server:  "Turn on dialect 3.1.1 and encryption; in smb.conf server smb encrypt = if_required. " + device + ".",
		Client:  "Leave it strict. A rule for this one device, with an end date, gives time to replace it.",
		Refused: true,
	},
	{
		ID: "name-refused", Title: "The server does not go by this name",
		Why:     "It knows the name that it was called by as none of its own, and its strict checking of names refuses others: against relayed sign-ins.",
		Server:  "Add the name: signet names add NAME; on Windows netdom computername HOST /add:NAME. Else loosen EnableStrictNameChecking or SmbServerNameHardeningLevel.",
		Client:  "Call the server by its own name, rather than by an address or an alias.",
		Refused: true,
	},
	{
		ID: "spn-missing", Title: "Kerberos does not know the server by this name",
		Why:     "The name is an alias (CNAME) or an old one, for which no account holds the service cifs/NAME, or the wrong account does.",
		Server:  "Register it: netdom computername HOST /add:ALIAS, or setspn -S cifs/ALIAS MACHINE; setspn -X finds duplicates. A machine that was cloned or restored may have to join the domain again.",
		Client:  "Use the server's own full name.",
		Refused: true,
	},
	{
		ID: "wrong-password", Title: "User name or password is wrong",
		Why:     "The server has looked and says no. Nothing is wrong with signing.",
		Server:  "Check that the account is there (signet user list; pdbedit -L), and set its password anew. Samba has passwords of its own: smbpasswd -a NAME.",
		Client:  "Check name, domain (HOST\\name for accounts of the server) and password, and what Windows has saved: cmdkey /list.",
		Refused: true,
	},
	{
		ID: "account-disabled", Title: "The account is disabled",
		Why:     "The password was right or not looked at; the account may not be used.",
		Server:  "Enable it: signet user enable NAME; smbpasswd -e NAME; on Windows Enable-LocalUser or Enable-ADAccount.",
		Refused: true,
	},
	{
		ID: "account-expired", Title: "The account has expired",
		Why:     "The account had an end date, and that has passed.",
		Server:  "Give it a later one: Set-ADAccountExpiration; in Samba pdbedit -u NAME -K never.",
		Refused: true,
	},
	{
		ID: "account-locked", Title: "The account is locked out",
		Why:     "Somebody, perhaps a device with an old password, has tried too often.",
		Server:  "Unlock it: Unlock-ADAccount; pdbedit -u NAME -z. Find out who tries: the log names the client.",
		Client:  "Remove the old password wherever it is saved, then wait or ask to be unlocked.",
		Refused: true,
	},
	{
		ID: "password-expired", Title: "The password has expired or must be changed",
		Why:     "The password was right, and it is too old.",
		Server:  "Set a new one: signet user passwd NAME; smbpasswd NAME.",
		Client:  "Change it: on Windows Ctrl-Alt-Del, elsewhere smbpasswd -r HOST -U NAME.",
		Refused: true,
	},
	{
		ID: "logon-not-allowed", Title: "The account may not sign in here and now",
		Why:     "It is restricted in its hours, its machines, the kind of sign-in, or it has an empty password.",
		Server:  "Look at the account's hours and workstations, and at the right Access this computer from the network. Accounts with empty passwords cannot come over the network.",
		Refused: true,
	},
	{
		ID: "no-logon-server", Title: "The server cannot reach its domain",
		Why:    "The account is one of a domain, and no domain controller answered the server, or the server's own account there is broken.",
		Server: "Check its DNS and its way to the domain controllers; Test-ComputerSecureChannel -Repair, or net ads testjoin.",
		Client: "Check the domain in front of the user name.",
	},
	{
		ID: "credentials-lost", Title: "Windows has no usable saved sign-in",
		Why:    "The saved password cannot be used for this: storing passwords is forbidden, the session that held them has ended, or Kerberos cannot be had and NTLM is not allowed.",
		Client: "Remove what is saved (cmdkey /delete:HOST) and sign in again with an account that the server knows, by its name rather than its address.",
	},
	{
		ID: "two-users", Title: "Two users at one server",
		Why:    "Windows holds connections to a server for one user at a time, and there is one already under another name: a mapped drive, or an open Explorer window.",
		Client: "End the other one: net use, then net use \\\\HOST\\share /delete for each, \\\\HOST\\IPC$ too. Or use the server's other name or its address for the second user.",
	},
	{
		ID: "clock-skew", Title: "The clocks differ",
		Why:    "Kerberos allows 5 minutes between two clocks, and some servers limit NTLMv2 too.",
		Server: "Set the clock and keep it right: timedatectl set-ntp true; w32tm /resync.",
		Client: "Set the clock and keep it right.",
	},
	{
		ID: "share-missing", Title: "The server has no share of this name",
		Why:    "The sign-in worked. The share is called otherwise, was removed, or is not shown to this user.",
		Server: "List the shares: signet share list; Get-SmbShare; testparm -s.",
		Client: "Check the spelling: the share's name, not the folder's.",
	},
	{
		ID: "no-right", Title: "The user has no right here",
		Why:     "The sign-in worked; the share, or its folder, does not admit this user. Both rights are needed, those of the share and those of the files.",
		Server:  "Grant both: signet share grant SHARE NAME read|change|full (Grant-SmbShareAccess; valid users in smb.conf), and the rights of the folder.",
		Client:  "Sign in as a user who has the right.",
		Refused: true,
	},
	{
		ID: "path-missing", Title: "The file or folder is not there",
		Why:    "The share is there; the path in it is not.",
		Client: "Check the path. For mount.cifs: the name behind //host/ must be a share, prefixpath= the folder in it.",
	},
	{
		ID: "dfs-elsewhere", Title: "The files are on another server",
		Why:    "The path belongs to a DFS namespace, and the client was sent elsewhere and cannot follow.",
		Server: "Check the folder's targets: Get-DfsnFolderTarget.",
		Client: "Use the target itself. For mount.cifs: without nodfs, and with the keyutils package.",
	},
	{
		ID: "signature-altered", Title: "An answer was altered or forged",
		Why:     "A signature is wrong: somebody in the path has changed the message, or the server signs wrongly, as some versions of ksmbd do with large answers. Nothing of it was used.",
		Server:  "Install its updates. See whether a direct cable, without appliances that optimize traffic, mends it.",
		Client:  "Do not go on over this network until it is clear who alters messages. Look for proxies, WAN optimizers and inspecting firewalls.",
		Refused: true,
	},
	{
		ID: "request-unsigned", Title: "The server found a request wrongly signed",
		Why:    "It requires signatures, and one was missing or wrong: a client that cannot sign, or somebody in the path.",
		Server: "Nothing: it does right.",
		Client: "Update the client, and let it sign. Look for whoever alters messages on the way.",
	},
	{
		ID: "session-lost", Title: "The server has ended the session",
		Why:    "It was restarted, somebody closed the session, or its Kerberos ticket ran out.",
		Server: "Look into its log for why: signet event list.",
		Client: "Connect again.",
	},
	{
		ID: "connection-lost", Title: "The connection broke off",
		Why:    "The server, or something between, has ended the connection in the middle.",
		Server: "Look into its log for why, and for limits that were met.",
		Client: "Try again. If it breaks off at the same place each time, the server or an appliance between dislikes that request.",
	},
	{
		ID: "protocol-broken", Title: "The server breaks the protocol",
		Why:    "Its answer is one that no server may give: the server is faulty, or somebody alters what it says.",
		Server: device + ".",
		Client: "Tell us of it, with the line above.",
	},
	{
		ID: "bad-request", Title: "One end does not understand the other",
		Why:    "A request or an option is not known, or not valid there.",
		Server: "Install its updates.",
		Client: "Leave out mount options that are not needed, above all vers=, sec= and port=. Update the client.",
	},
	{
		ID: "in-use", Title: "It is in use",
		Why:    "Something else holds the file, the folder or the mount point.",
		Server: "See who holds it: signet openfile list; Get-SmbOpenFile.",
		Client: "Close what uses it, or take another mount point.",
	},
	{
		ID: "no-space", Title: "There is no room on the server",
		Why:    "The disk or the user's quota is full.",
		Server: "Make room, or raise the quota.",
	},
	{
		ID: "unknown", Title: "The doctor does not know this failure",
		Why:    "It is none of those that the doctor tells apart.",
		Server: "Look into its log at this time.",
		Client: "Compare the code with what the server's maker says of it.",
	},
}

// cause is the cause called id, which there must be.
func cause(id string) *Cause {
	for i := range Causes {
		if Causes[i].ID == id {
			return &Causes[i]
		}
	}
	panic("doctor: no cause " + id)
}
