// Package admin is how Signet is administered: HTTP with JSON over the unix
// socket of the running server, the client that the commands use, and the same
// over TCP for administrators who have signed in.
//
//	GET    /api/v1/status                   what is in force, and who is signed in
//	GET    /api/v1/sessions/stream          who is signed in, as server-sent events
//	GET    /api/v1/users                    the accounts
//	POST   /api/v1/users                    add one
//	PUT    /api/v1/users/{name}/password    set its password
//	DELETE /api/v1/users/{name}             remove it
//	GET    /api/v1/events                   what has happened
//	GET    /api/v1/events/stream            what happens, as server-sent events
//	POST   /api/v1/events/verify            whether somebody has altered that
//	GET    /api/v1/config                   the properties, as they are in force
//	PATCH  /api/v1/config                   change some, all of them or none
//	POST   /api/v1/config/what-if           whom that would shut out
//	POST   /api/v1/sign-in                  sign in, over TCP
//	POST   /api/v1/sign-in-links            a link that does, over the socket
//	GET    /openapi.json                    all this and more, for programs
//	GET    /metrics, /healthz, /readyz      how the server fares, for programs that watch it
//
// A command uses the same handler when no server runs, called in its own
// process ([InProcess]), so there is one way to do each thing.
//
// # Who may do what
//
// Each operation names the [Role] that it needs where it is registered; the
// OpenAPI document tells it. One that names none is refused to everybody.
//
// Over the socket a caller's role is the kernel's word for who it is
// (SO_PEERCRED, Linux): root and the user that the server runs as are
// administrators; members of the operators' group are operators; all others are
// refused. Over TCP it is that of the account that signed in ([SignIns]), and a
// [Console] sees to it that no page of another site can use it. A request
// without a known caller is refused in any case.
//
// Passwords come in and never go out: no reply, error, event or log record
// carries one. Of cookies, tokens and links only hashes are kept.
//
// Changes and refusals are events of a [Recorder], with who and from where.
//
// The package knows neither server nor accounts; it declares what it needs of
// them ([Inspector], [Accounts], [Administrators]).
//
// # Locks
//
// handlers.changing is held over a look at a share or an account, its change,
// and its event. SignIns.mu, streams.mu and limiter.mu guard memory only and
// are leaves.
//
// The page is package web's, which knows the API by its OpenAPI document only.
package admin
