//go:build !unix

package ntstatus

// fromErrno knows no errno of this system. Those that mean a missing file, one
// that exists or a missing right are still found by their io/fs error.
func fromErrno(error) (Status, bool) { return 0, false }
