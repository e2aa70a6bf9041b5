package krb5

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/cryptobyte"

	"github.com/jcmturner/gokrb5/v8/types"
)

// errKeytab is every error on the content of a keytab: what is in it is secret.
var errKeytab = errors.New("the keytab cannot be read")

// keytab is a file of keys.
type keytab []keytabEntry

// keytabEntry is one key.
type keytabEntry struct {
	owner   principal
	version uint32
	key     types.EncryptionKey
}

// loadKeytab reads the keytab called name, FILE:path or a path.
func loadKeytab(name string) (keytab, error) {
	path := strings.TrimPrefix(name, "FILE:")
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readFile(f)
	if err != nil {
		return nil, err
	}
	k, err := parseKeytab(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

// parseKeytab takes a keytab of version 2 apart: the file format that MIT
// documents, all in network byte order.
func parseKeytab(data []byte) (keytab, error) {
	s := cryptobyte.String(data)
	var five, version uint8
	if !s.ReadUint8(&five) || !s.ReadUint8(&version) || five != 5 || version != 2 {
		return nil, errKeytab
	}
	var k keytab
	for len(s) >= 4 {
		var size uint32
		s.ReadUint32(&size)
		hole := int32(size) < 0 // where an entry was
		if hole {
			size = -size
		}
		var entry []byte
		if size == 0 {
			break // the rest was never used
		}
		if size > maxFile || !s.ReadBytes(&entry, int(size)) || len(k) == maxCredentials {
			return nil, errKeytab
		}
		if hole {
			continue
		}
		e, ok := readKeytabEntry(entry)
		if !ok {
			return nil, errKeytab
		}
		k = append(k, e)
	}
	return k, nil
}

func readKeytabEntry(s cryptobyte.String) (e keytabEntry, ok bool) {
	var n, etype uint16
	var text, key cryptobyte.String
	if !s.ReadUint16(&n) || n == 0 || n > maxComponents || !s.ReadUint16LengthPrefixed(&text) {
		return e, false
	}
	e.owner.realm = string(text)
	for range n {
		if !s.ReadUint16LengthPrefixed(&text) {
			return e, false
		}
		e.owner.name = append(e.owner.name, string(text))
	}
	var kind, made uint32
	var short uint8
	if !s.ReadUint32(&kind) || !s.ReadUint32(&made) || !s.ReadUint8(&short) ||
		!s.ReadUint16(&etype) || !s.ReadUint16LengthPrefixed(&key) {
		return e, false
	}
	e.version = uint32(short)
	var long uint32
	if s.ReadUint32(&long) && long != 0 {
		e.version = long
	}
	e.key = types.EncryptionKey{KeyType: int32(etype), KeyValue: append([]byte(nil), key...)}
	return e, true
}

// find is the newest key of owner of the encryption type.
func (k keytab) find(owner principal, etype int32) (key types.EncryptionKey, ok bool) {
	newest := uint32(0)
	for _, e := range k {
		if e.owner.String() == owner.String() && e.key.KeyType == etype && (!ok || e.version >= newest) {
			key, newest, ok = e.key, e.version, true
		}
	}
	return key, ok
}
