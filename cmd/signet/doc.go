// Signet is an SMB server, and the commands that administer it. See
// signet --help; each sub-command is one file here.
//
// A command that reads or changes state speaks to the running server over its
// socket, or, if none runs, takes the lock on the state directory and calls
// the same handlers in its own process (connect.go).
//
// Exit codes are a contract (exit.go). Results go to standard output, words
// about them to standard error.
package main
