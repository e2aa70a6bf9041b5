// Package ntstatus is the NTSTATUS vocabulary of [MS-ERREF] 2.3: the codes
// that SMB answers carry, as Go errors, and the one function that makes a
// code of any other error.
//
// [MS-ERREF]: https://learn.microsoft.com/openspecs/windows_protocols/ms-erref
package ntstatus

import "fmt"

// Status is an NTSTATUS code. It is an error; Success is the exception that
// handlers express by nil.
type Status uint32

// String gives Microsoft's spelling, or the number of a code without a name
// here.
func (s Status) String() string {
	if n, ok := names[s]; ok {
		return n
	}
	return fmt.Sprintf("NTSTATUS 0x%08X", uint32(s))
}

func (s Status) Error() string { return s.String() }

// IsError reports severity "error", the top two bits set. Warnings such as
// BufferOverflow come with a regular response body. [MS-ERREF] 2.3.
func (s Status) IsError() bool { return s>>30 == 3 }
