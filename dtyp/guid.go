package dtyp

import "fmt"

// GUID is a globally unique identifier in wire order. [MS-DTYP] 2.3.4.2.
type GUID [16]byte

// String gives the curly-braced form without braces, in the customary mixed
// byte order. [MS-DTYP] 2.3.4.3.
func (g GUID) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x",
		uint32(g[3])<<24|uint32(g[2])<<16|uint32(g[1])<<8|uint32(g[0]),
		uint16(g[5])<<8|uint16(g[4]), uint16(g[7])<<8|uint16(g[6]), g[8:10], g[10:])
}
