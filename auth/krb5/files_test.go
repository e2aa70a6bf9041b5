package krb5

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// counted puts the length before b, in n bytes.
func counted(n int, b string) []byte {
	if n == 2 {
		return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// encodePrincipal is a name as a cache has it.
func encodePrincipal(p principal) []byte {
	b := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 1}, uint32(len(p.name)))
	b = append(b, counted(4, p.realm)...)
	for _, n := range p.name {
		b = append(b, counted(4, n)...)
	}
	return b
}

// encodeCache writes a cache of version 4, with the settings that MIT puts in
// it, too.
func encodeCache(t testing.TB, owner principal, tickets ...ticket) []byte {
	t.Helper()
	b := []byte{5, 4, 0, 12, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0}
	b = append(b, encodePrincipal(owner)...)
	one := func(service principal, key types.EncryptionKey, end time.Time, raw string) {
		b = append(b, encodePrincipal(owner)...)
		b = append(b, encodePrincipal(service)...)
		b = binary.BigEndian.AppendUint16(b, uint16(key.KeyType))
		b = append(b, counted(4, string(key.KeyValue))...)
		for range 2 {
			b = binary.BigEndian.AppendUint32(b, 0)
		}
		b = binary.BigEndian.AppendUint32(b, uint32(end.Unix()))
		b = append(b, make([]byte, 4+1+4)...) // renewable till, is a session key, flags
		b = append(b, 0, 0, 0, 1, 0, 2)       // one address, of type 2
		b = append(b, counted(4, "\x7f\x00\x00\x01")...)
		b = append(b, 0, 0, 0, 0) // no authorization data
		b = append(b, counted(4, raw)...)
		b = append(b, counted(4, "")...)
	}
	one(principal{"X-CACHECONF:", []string{"krb5_ccache_conf_data", "pa_type", "krbtgt"}}, types.EncryptionKey{}, time.Time{}, "2")
	for _, k := range tickets {
		raw, err := k.ticket.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		one(k.service, k.key, k.end, string(raw))
	}
	return b
}

// aTicket is one of ann's, for ten hours.
func aTicket(service principal) ticket {
	return ticket{
		client: principal{testRealm, []string{testUser}}, service: service, end: time.Now().Add(10 * time.Hour).Truncate(time.Second),
		key: types.EncryptionKey{KeyType: 18, KeyValue: bytesOf(1, 32)},
		ticket: messages.Ticket{
			TktVNO: 5, Realm: service.realm, SName: service.wire(nameService), EncPart: types.EncryptedData{EType: 18, KVNO: 1, Cipher: []byte("sealed")},
		},
	}
}

func write(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCacheGivesItsTickets(t *testing.T) {
	owner := principal{testRealm, []string{testUser}}
	tgt, service := aTicket(krbtgt(testRealm, testRealm)), aTicket(principal{testRealm, []string{"cifs", "fs1.signet.test"}})
	b := encodeCache(t, owner, tgt, service)
	c, err := parseCache(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.owner, owner) || len(c.tickets) != 2 || !reflect.DeepEqual(c.tickets[1], service) {
		t.Errorf("owner %v, tickets\n got %+v\nwant %+v", c.owner, c.tickets, []ticket{tgt, service})
	}
	for n := range b {
		c, err := parseCache(b[:n])
		if err == nil && len(c.tickets) == 2 {
			t.Errorf("%d of %d bytes are the whole cache", n, len(b))
		}
	}
	path := write(t, b)
	client, err := NewClient(Options{Cache: "FILE:" + path, Config: &Config{}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := client.ticketFor(t.Context(), testService); err != nil || client.Principal() != "ann@SIGNET.TEST" || !reflect.DeepEqual(got, service) {
		t.Errorf("%v has %+v, %v", client.Principal(), got, err)
	}
	for user, ok := range map[string]bool{"ann@signet.test": true, "eve@SIGNET.TEST": false, "ann@OTHER.TEST": false} {
		_, err := NewClient(Options{User: user, Cache: path, Config: &Config{}})
		if (err == nil) != ok || !ok && reasonOf(err) != NoTicket {
			t.Errorf("%s: %v", user, err)
		}
	}
}

func TestWhatIsInACacheMayBeOfNoUse(t *testing.T) {
	owner := principal{testRealm, []string{testUser}}
	expired, weak := aTicket(krbtgt(testRealm, testRealm)), aTicket(krbtgt(testRealm, testRealm))
	expired.end = time.Now().Add(-time.Hour)
	weak.key = types.EncryptionKey{KeyType: 23, KeyValue: bytesOf(1, 16)}
	for _, row := range []struct {
		tickets []ticket
		want    Reason
	}{
		{nil, NoTicket},
		{[]ticket{expired}, TicketExpired},
		{[]ticket{weak}, NoEncryptionType},
		{[]ticket{aTicket(principal{testRealm, []string{"cifs", "fs2"}})}, NoTicket},
	} {
		c, err := NewClient(Options{Cache: write(t, encodeCache(t, owner, row.tickets...)), Config: &Config{}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.ticketFor(t.Context(), testService); reasonOf(err) != row.want {
			t.Errorf("%d tickets: %v, want %v", len(row.tickets), err, row.want)
		}
	}
}

func TestCacheThatCannotBeReadIsNoTicket(t *testing.T) {
	huge := filepath.Join(t.TempDir(), "huge")
	if err := os.WriteFile(huge, []byte{5, 4}, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<30); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"FILE:" + filepath.Join(t.TempDir(), "absent"), t.TempDir(), huge, write(t, nil), write(t, []byte("\x05\x02junk")),
		write(t, []byte("\x05\x04\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff")), "KEYRING:persistent:0", "KCM:", "DIR:/tmp/x", "MEMORY:x",
	} {
		if _, err := NewClient(Options{Cache: name, Config: &Config{}}); reasonOf(err) != NoTicket {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCacheThatAnotherUserLaidOutIsNotUsed(t *testing.T) {
	path := write(t, encodeCache(t, principal{testRealm, []string{"eve"}}))
	if _, err := loadCache("FILE:"+path, false); err != nil {
		t.Errorf("our own: %v", err)
	}
	if os.Geteuid() != 0 {
		return // only root can give a file away
	}
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := loadCache("FILE:"+path, false); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("the default cache: %v", err)
	}
	if _, err := loadCache("FILE:"+path, true); err != nil {
		t.Errorf("one that was named: %v", err)
	}
}

// encodeKeytab writes a keytab of version 2, with a hole where an entry was.
func encodeKeytab(entries ...keytabEntry) []byte {
	b := []byte{5, 2, 0xFF, 0xFF, 0xFF, 0xFC, 9, 9, 9, 9}
	for _, e := range entries {
		one := binary.BigEndian.AppendUint16(nil, uint16(len(e.owner.name)))
		one = append(one, counted(2, e.owner.realm)...)
		for _, n := range e.owner.name {
			one = append(one, counted(2, n)...)
		}
		one = append(one, 0, 0, 0, 1, 0, 0, 0, 0, byte(e.version))
		one = binary.BigEndian.AppendUint16(one, uint16(e.key.KeyType))
		one = append(one, counted(2, string(e.key.KeyValue))...)
		one = binary.BigEndian.AppendUint32(one, e.version)
		b = append(b, counted(4, string(one))...)
	}
	return append(b, 0, 0, 0, 0)
}

func TestKeytabGivesTheNewestKey(t *testing.T) {
	r := newRealm(t)
	owner := principal{testRealm, []string{testUser}}
	old := types.EncryptionKey{KeyType: r.etype, KeyValue: bytesOf(1, 32)}
	entries := []keytabEntry{{owner, 300, r.userKey()}, {owner, 299, old}, {owner, 301, types.EncryptionKey{KeyType: 23, KeyValue: bytesOf(2, 16)}}}
	path := write(t, encodeKeytab(entries...))
	c := r.client(func(o *Options) { o.User, o.Password, o.Keytab = "", "", path })
	if c.Principal() != "ann@SIGNET.TEST" {
		t.Errorf("principal %s", c.Principal())
	}
	r.begin(c)
	stale := write(t, encodeKeytab(entries[1:]...))
	c = r.client(func(o *Options) { o.User, o.Password, o.Keytab = "", "", stale })
	if _, _, err := c.Initiator(testService).Step(t.Context(), nil); reasonOf(err) != WrongPassword {
		t.Errorf("an old key: %v", err)
	}
	weak := write(t, encodeKeytab(entries[2]))
	c = r.client(func(o *Options) { o.User, o.Password, o.Keytab = "", "", weak })
	if _, _, err := c.Initiator(testService).Step(t.Context(), nil); reasonOf(err) != NoEncryptionType {
		t.Errorf("an RC4 key: %v", err)
	}
	b := encodeKeytab(entries...)
	for n := range b {
		if k, err := parseKeytab(b[:n]); err == nil && len(k) == len(entries) && n < len(b)-4 {
			t.Errorf("%d of %d bytes are the whole keytab", n, len(b))
		}
	}
	for _, b := range []string{"", "\x05\x01", "\x05\x02\x7f\xff\xff\xff", "\x05\x02\x80\x00\x00\x00", "\x05\x02\x00\x00\x00\x02\xff\xff"} {
		if _, err := NewClient(Options{Keytab: write(t, []byte(b)), Config: &Config{}}); reasonOf(err) != NoTicket {
			t.Errorf("%q: %v", b, err)
		}
	}
}

const testConfig = `# what MIT's documentation shows, and what Red Hat ships
includedir DIR/krb5.conf.d/
[libdefaults]
	default_realm = SIGNET.TEST
	dns_lookup_kdc = no
	default_ccache_name = FILE:/run/user/%{uid}/krb5cc
	default_tkt_enctypes = rc4-hmac
[realms]
	SIGNET.TEST = {
		kdc = kdc1.signet.test
		kdc = kdc2.signet.test:1088
		admin_server = kdc1.signet.test
		auth_to_local_names = {
			kdc = not.a.kdc
		}
		v4_instance_convert = {
		}
	}
	OTHER.TEST = { 
		kdc = [2001:db8::1]:88
	}
[domain_realm]
	.signet.test = SIGNET.TEST
	deep.signet.test = OTHER.TEST
[appdefaults]
	kdc = not.a.kdc
`

func TestConfigurationIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "krb5.conf.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"krb5.conf.d/third": "[realms]\nTHIRD.TEST = {\n kdc = third\n}\n",
		"krb5.conf.d/junk~": "[libdefaults]\ndefault_realm = JUNK\n",
		"krb5.conf":         strings.ReplaceAll(testConfig, "DIR", dir),
		"loop":              "include " + filepath.Join(dir, "loop") + "\n",
		"second":            "[libdefaults]\ndefault_realm = LATE.TEST\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := ReadConfig(filepath.Join(dir, "absent"), filepath.Join(dir, "krb5.conf"), filepath.Join(dir, "second"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		DefaultRealm: "SIGNET.TEST", NoDNS: true, CacheName: "FILE:/run/user/%{uid}/krb5cc",
		Realms: map[string][]string{
			"SIGNET.TEST": {"kdc1.signet.test", "kdc2.signet.test:1088"}, "OTHER.TEST": {"[2001:db8::1]:88"}, "THIRD.TEST": {"third"},
		},
		Domains: map[string]string{".signet.test": "SIGNET.TEST", "deep.signet.test": "OTHER.TEST"},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
	for host, realm := range map[string]string{
		"fs1.signet.test": "SIGNET.TEST", "FS1.Signet.Test.": "SIGNET.TEST", "a.b.signet.test": "SIGNET.TEST",
		"deep.signet.test": "OTHER.TEST", "signet.test": "", "fs1": "", "": "",
	} {
		if got := c.realmOf(host); got != realm {
			t.Errorf("the realm of %q is %q, want %q", host, got, realm)
		}
	}
	if _, err := ReadConfig(filepath.Join(dir, "loop")); err == nil {
		t.Error("a file that includes itself is read")
	}
}

func TestUserIsFoundInHisRealm(t *testing.T) {
	c := &Config{DefaultRealm: "SIGNET.TEST", Realms: map[string][]string{"lower.test": nil}}
	for text, want := range map[string]string{
		"ann": "ann@SIGNET.TEST", "ann@other.test": "ann@OTHER.TEST", `SIGNET\ann`: "ann@SIGNET.TEST", `signet\ann`: "ann@SIGNET.TEST",
		`other.test\ann`: "ann@OTHER.TEST", "ann@lower.test": "ann@lower.test", "host/fs1@A": "host/fs1@A", `.\ann`: "ann@SIGNET.TEST",
		"": "", "@A": "", "a@b@C": "", `A\b\c`: "", "a\x00": "", strings.Repeat("a", 2000): "",
	} {
		p, err := c.user(text)
		if err == nil != (want != "") || err == nil && p.String() != want {
			t.Errorf("%.20q is %v, %v; want %q", text, p, err, want)
		}
	}
	if _, err := new(Config).user("ann"); err == nil {
		t.Error("a user of no realm")
	}
	for _, text := range []string{"", "cifs", "cifs/", "/fs1", "cifs/fs1@A", `cifs/fs1\x`} {
		if _, err := c.service(text, "A"); err == nil {
			t.Errorf("%q is a service", text)
		}
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	var seen []string
	for r := NoTicket; r <= Unavailable; r++ {
		if reasons[r] == "" || slices.Contains(seen, r.String()) || strings.HasPrefix(r.String(), "Reason(") {
			t.Errorf("%d: %q, %q", r, r, reasons[r])
		}
		seen = append(seen, r.String())
	}
}
