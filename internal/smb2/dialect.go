package smb2

import (
	"fmt"

	"github.com/signet-smb/signet/internal/wire"
)

// Dialect is a dialect revision number. [MS-SMB2] 2.2.3.
type Dialect uint16

// Dialects. [MS-SMB2] 2.2.3, 2.2.4.
const (
	Dialect202      Dialect = 0x0202
	Dialect210      Dialect = 0x0210
	Dialect300      Dialect = 0x0300
	Dialect302      Dialect = 0x0302
	Dialect311      Dialect = 0x0311
	DialectWildcard Dialect = 0x02FF
)

// String gives the specification's spelling: "3.1.1".
func (d Dialect) String() string {
	switch d {
	case Dialect202:
		return "2.0.2"
	case Dialect210:
		return "2.1"
	case Dialect300:
		return "3.0"
	case Dialect302:
		return "3.0.2"
	case Dialect311:
		return "3.1.1"
	case DialectWildcard:
		return "2.???"
	}
	return fmt.Sprintf("Dialect(0x%04X)", uint16(d))
}

// decodeDialects reads n dialects at the cursor.
func decodeDialects(r *wire.Reader, n uint16) []Dialect {
	return decodeList[Dialect](r, n, MaxDialects, "DialectCount")
}

// appendDialects writes what decodeDialects reads.
func appendDialects(w *wire.Writer, dialects []Dialect) { appendList(w, dialects) }

// decodeList reads n 16-bit identifiers at the cursor; nil when n is 0. field
// is what announced n, which must not exceed limit.
func decodeList[T ~uint16](r *wire.Reader, n uint16, limit int, field string) []T {
	r.Check(int(n) <= limit && 2*int(n) <= r.Len(), field)
	if n == 0 || r.Err() != nil {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = T(r.U16())
	}
	return list
}

// appendList writes what decodeList reads.
func appendList[T ~uint16](w *wire.Writer, list []T) {
	for _, v := range list {
		w.U16(uint16(v))
	}
}
