package krb5

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Bounds of what is read of files.
const (
	maxFile        = 4 << 20 // bytes of a cache or keytab
	maxCredentials = 4096
	maxComponents  = 32
)

// errCache is the start of every error on the content of a credential cache.
var errCache = errors.New("the credential cache cannot be read")

// cache is a credential cache: whose it is, and the tickets.
type cache struct {
	owner   principal
	tickets []ticket
}

// cacheName is the name of the credential cache in use: that of $KRB5CCNAME,
// that of krb5.conf, or FILE:/tmp/krb5cc_UID. explicit tells that the user, by
// the environment, has named it.
func (c *Config) cacheName() (name string, explicit bool) {
	if name := os.Getenv("KRB5CCNAME"); name != "" {
		return name, true
	}
	uid := strconv.Itoa(os.Getuid())
	if c.CacheName != "" {
		return strings.NewReplacer("%{uid}", uid, "%{euid}", strconv.Itoa(os.Geteuid()), "%{USERID}", uid, "%{TEMP}", os.TempDir(), "%{null}", "").Replace(c.CacheName), false
	}
	return "FILE:/tmp/krb5cc_" + uid, false
}

// loadCache reads the cache called name, FILE:path or a path. Where the user has
// not named it, it must belong to the user or root: in /tmp anybody could have
// laid it out, to be served under the name of somebody else.
func loadCache(name string, explicit bool) (*cache, error) {
	path := strings.TrimPrefix(name, "FILE:")
	if kind, _, ok := strings.Cut(path, ":"); ok && !strings.ContainsAny(kind, "/\\") && len(kind) > 1 {
		return nil, fmt.Errorf("the credential cache %s is not of the FILE type: kinit -c FILE:/tmp/krb5cc_%d, and KRB5CCNAME", name, os.Getuid())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !explicit {
		if err := ownFile(f); err != nil {
			return nil, err
		}
	}
	data, err := readFile(f)
	if err != nil {
		return nil, err
	}
	c, err := parseCache(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// readFile reads what fits.
func readFile(f *os.File) ([]byte, error) {
	if i, err := f.Stat(); err != nil || !i.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is no regular file", f.Name()), err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", f.Name(), maxFile)
	}
	return data, err
}

// parseCache takes a cache of version 3 or 4 apart: the file format that MIT
// documents, all in network byte order.
func parseCache(data []byte) (*cache, error) {
	s := cryptobyte.String(data)
	var five, version uint8
	if !s.ReadUint8(&five) || !s.ReadUint8(&version) || five != 5 || version != 3 && version != 4 {
		return nil, fmt.Errorf("%w: it is no cache of version 3 or 4", errCache)
	}
	var header cryptobyte.String
	if version == 4 && !s.ReadUint16LengthPrefixed(&header) {
		return nil, errCache
	}
	c := new(cache)
	if !readCachePrincipal(&s, &c.owner) || len(c.owner.name) == 0 {
		return nil, fmt.Errorf("%w: whose it is", errCache)
	}
	for !s.Empty() {
		if len(c.tickets) == maxCredentials {
			return nil, fmt.Errorf("%w: more than %d tickets", errCache, maxCredentials)
		}
		t, keep, ok := readCredential(&s, version)
		if !ok {
			return nil, fmt.Errorf("%w: ticket %d", errCache, len(c.tickets)+1)
		}
		if keep {
			c.tickets = append(c.tickets, t)
		}
	}
	return c, nil
}

// readCredential reads one entry. keep is false of one that is no ticket:
// caches hold settings, too.
func readCredential(s *cryptobyte.String, version uint8) (t ticket, keep, ok bool) {
	var client principal
	var etype, again uint16
	var key, raw, second cryptobyte.String
	var auth, start, end, renew, flags uint32
	var isKey uint8
	ok = readCachePrincipal(s, &client) && readCachePrincipal(s, &t.service) &&
		s.ReadUint16(&etype) && (version != 3 || s.ReadUint16(&again)) && readCounted(s, &key) &&
		s.ReadUint32(&auth) && s.ReadUint32(&start) && s.ReadUint32(&end) && s.ReadUint32(&renew) &&
		s.ReadUint8(&isKey) && s.ReadUint32(&flags) && skipList(s) && skipList(s) &&
		readCounted(s, &raw) && readCounted(s, &second)
	if !ok || strings.HasPrefix(t.service.realm, "X-CACHECONF") || len(t.service.name) == 0 {
		return t, false, ok
	}
	t.key = types.EncryptionKey{KeyType: int32(etype), KeyValue: append([]byte(nil), key...)}
	t.end = time.Unix(int64(end), 0)
	t.client = client
	t.ticket, keep = parseTicket(raw) // what cannot be read is no ticket of ours
	return t, keep, true
}

// parseTicket reads a ticket as far as it is not encrypted.
func parseTicket(raw []byte) (t messages.Ticket, ok bool) {
	err := parse("ticket", raw, t.Unmarshal)
	return t, err == nil && len(t.SName.NameString) > 0
}

// readCachePrincipal reads a principal; a name without components is one of a
// setting.
func readCachePrincipal(s *cryptobyte.String, p *principal) bool {
	var kind, n uint32
	var text cryptobyte.String
	if !s.ReadUint32(&kind) || !s.ReadUint32(&n) || n > maxComponents || !readCounted(s, &text) {
		return false
	}
	p.realm = string(text)
	for range n {
		if !readCounted(s, &text) {
			return false
		}
		p.name = append(p.name, string(text))
	}
	return true
}

// readCounted reads bytes behind their number.
func readCounted(s *cryptobyte.String, out *cryptobyte.String) bool {
	var n uint32
	return s.ReadUint32(&n) && n <= maxFile && s.ReadBytes((*[]byte)(out), int(n))
}

// skipList passes over addresses or authorization data: none is used.
func skipList(s *cryptobyte.String) bool {
	var n uint32
	if !s.ReadUint32(&n) || n > maxCredentials {
		return false
	}
	for range n {
		var kind uint16
		var data cryptobyte.String
		if !s.ReadUint16(&kind) || !readCounted(s, &data) {
			return false
		}
	}
	return true
}
