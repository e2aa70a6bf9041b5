package gpo

import (
	"encoding/binary"
	"strings"

	"github.com/signet-smb/signet/internal/wire"
)

// Entry is one registry value that is a property, as a registry would hold it.
type Entry struct {
	Key      string // below the machine's root, without a backslash at either end
	Name     string
	Type     uint32 // REG_SZ 1, REG_DWORD 4, REG_MULTI_SZ 7
	Property string // "server.EncryptData"

	row *row
}

// Entries lists the registry values that are properties, in the order of the
// table. A property that several values make together is none of them.
func Entries() []Entry {
	var list []Entry
	for i := range rows {
		if r := &rows[i]; r.property != "" && r.name != anyName {
			list = append(list, Entry{r.key, r.name, uint32(r.kind), r.property, r})
		}
	}
	return list
}

// FindEntry returns the entry of a key's value, without regard to case.
func FindEntry(key, name string) (e Entry, ok bool) {
	if r := rowOf(&value{key: key, name: name}); r != nil && r.property != "" && r.name != anyName {
		return Entry{r.key, r.name, uint32(r.kind), r.property, r}, true
	}
	return Entry{}, false
}

// Policy reports whether e is of a key that group policy writes. Such a value
// counts against one of the service's own key.
func (e Entry) Policy() bool { return policyKeys[strings.ToLower(e.Key)] }

// Parse makes of a registry value's data the text that the property is set to.
// The error says what is wrong with it, without naming the value.
func (e Entry) Parse(kind uint32, data []byte) (string, error) {
	return e.row.convert.parse(&value{kind: valueType(kind), data: data})
}

// Format makes of what the property prints as its value the data of the
// registry value: strings in UTF-16LE with their NUL, lists with one more.
func (e Entry) Format(text string) []byte {
	d := e.row.convert.format(text)
	switch e.row.kind {
	case typeDWORD:
		return binary.LittleEndian.AppendUint32(nil, d.number)
	case typeMultiString:
		var b []byte
		for _, item := range d.list {
			b = wire.AppendUTF16(b, item+"\x00")
		}
		return append(b, 0, 0)
	}
	return wire.AppendUTF16(nil, d.text+"\x00")
}
