package krb5

import (
	"fmt"
)

// maxMessage bounds what is read of a peer, in bytes: a ticket is at most 64
// KiB in Windows, and a KDC's answer holds one and little else.
const maxMessage = 128 << 10

// parse calls f, which gives b to the library, and makes errors of what is too
// long for it and of its panics. what names b.
func parse(what string, b []byte, f func([]byte) error) (err error) {
	if len(b) > maxMessage {
		return fmt.Errorf("%s of %d bytes is too long", what, len(b))
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s cannot be read: %v", what, p)
		}
	}()
	return f(b)
}
