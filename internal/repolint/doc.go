// Package repolint is the rules of this repository as tests: which package may
// import which, what every file must say and must not, how secrets are
// compared, and which sections of [MS-SMB2] the code answers for.
//
// It holds tests only. A rule is a function over one parsed file; it is named
// after what it demands, says why in its message, and is itself tested with a
// file that breaks it (rules_test.go).
//
// # Marks
//
// A line may carry a mark that excuses it, always with the reason:
//
//	//repolint:public REASON    these bytes are no secret: compare them plainly
//
// # Coverage
//
// docs/spec/coverage.md is generated from the references in comments:
//
//	go test ./internal/repolint -run Coverage -update
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
package repolint
