package gpo

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/internal/wire"
)

// What Registry.pol begins with. [MS-GPREG] 2.2.1.
const (
	polSignature = 0x67655250 // "PReg"
	polVersion   = 1
)

// decodePol reads the instructions of Registry.pol in their order, which
// counts. [MS-GPREG] 2.2.1. What they say of data aliases b.
func decodePol(b []byte, file string) ([]*value, error) {
	r := wire.NewReader(b)
	r.Check(r.U32() == polSignature, "signature: it is no Registry.pol")
	r.Check(r.U32() == polVersion, "version: it is not 1")
	var values []*value
	for r.Len() > 0 {
		if len(values) == maxValues {
			return nil, fmt.Errorf("%s holds more than %d values", file, maxValues)
		}
		v := &value{file: file}
		mark(r, '[', "beginning of an instruction")
		v.key = identifier(r, "key")
		mark(r, ';', "separator behind the key")
		v.name = identifier(r, "name of a value")
		mark(r, ';', "separator behind the name")
		v.kind = valueType(r.U32())
		mark(r, ';', "separator behind the type")
		size := r.U32()
		r.Check(size < maxDataBytes, "size: it is above 65535")
		mark(r, ';', "separator behind the size")
		if r.Err() == nil {
			v.data = r.Bytes(int(size))
		}
		mark(r, ']', "end of an instruction")
		r.Check(v.key != "", "key: it is empty")
		values = append(values, v)
	}
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return values, nil
}

// mark reads one of the characters between the fields.
func mark(r *wire.Reader, want rune, field string) { r.Check(rune(r.U16()) == want, field) }

// identifier reads a name up to its NUL. Names that are no UTF-16 are refused:
// what they are shown as would not be what they are.
func identifier(r *wire.Reader, field string) string {
	begin := r.Offset()
	ahead := r.Tail(uint64(begin))
	end := 0
	for scan := wire.NewReader(ahead); scan.U16() != 0; end += 2 {
		if scan.Err() != nil || end > 2*maxNameUnits {
			r.Fail(field + ": it does not end")
			return ""
		}
	}
	name := r.UTF16(end)
	r.U16()
	r.Check(!strings.ContainsRune(name, utf8.RuneError), field+": it is no UTF-16")
	return name
}
