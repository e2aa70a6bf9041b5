// Package localuser keeps the server's own accounts in one SQLite file
// (secrets.db): a name, a SID, the NT hash of the password, and the name of a
// system user, the account's Unix twin, which is only remembered here.
//
// The NT hash is as good as the password, and therefore never lies in the file
// as it is. Each is sealed by itself with AES-256-GCM under a key that the
// caller brings, with a random 96-bit nonce; the account's name and number are
// associated data, so that a record moved to another account does not open. The
// file tells at [Open] whether it belongs to the key. Passwords are not kept at
// all. Neither leaves this package in an error or a log.
//
// An account with a role in the administration has a verifier of its password
// besides: PBKDF2, slow to guess at, sealed like the hash. The administration
// compares with that and never with the NT hash ([Store.VerifyPassword]).
//
// What this does not protect from: somebody who has the key as well as the
// file ([LoadKey] puts it into a file beside), and somebody who can write the
// file and puts back an older version of it, flips the disabled flag or names
// another Unix twin.
//
// A [Store] is safe for concurrent use. One process at a time opens the file;
// the lock on the state directory, which is not this package's, sees to it.
// Readers do not wait for a writer (write-ahead log).
package localuser
