// Package admin is how Signet is administered: HTTP with JSON over the unix
// socket of the running server, and the client that the commands use.
//
//	GET    /api/v1/status                   what is in force, and who is signed in
//	GET    /api/v1/users                    the accounts
//	POST   /api/v1/users                    add one
//	PUT    /api/v1/users/{name}/password    set its password
//	DELETE /api/v1/users/{name}             remove it
//	GET    /api/v1/events                   what has happened
//	GET    /api/v1/events/stream            what happens, as server-sent events
//	POST   /api/v1/events/verify            whether somebody has altered that
//	GET    /api/v1/config                   the properties, as they are in force
//	PATCH  /api/v1/config                   change some, all of them or none
//	GET    /openapi.json                    all this, for programs
//
// A command uses the same handler when no server runs, called in its own
// process ([InProcess]), so there is one way to do each thing.
//
// Who may call is decided by the kernel's word for who they are (SO_PEERCRED, Linux):
// root and the user that the server runs as are administrators; members of the
// operators' group see everything and change what lowers no protection; all
// others are refused. A request without a known caller is refused too.
// Passwords come in
// and never go out: no reply, error or log record carries one.
//
// The package knows neither server nor accounts; it declares what it needs of
// them ([Inspector], [Accounts]).
//
// Missing: viewers, TCP with sign-in.
package admin
