package localfs

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// What smbd 4.17.12-Debian wrote on ext4 when smbclient 4.17.12 put files and
// set their attributes (setmode, utimes), read with getxattr(2).
var writtenBySamba = []struct{ what, value, created string }{
	{"put", "00000500050000001100000020000000" + "65f0f52da37add01", "2026-11-22T17:01:56.0333413Z"},
	{"setmode +r", "00000500050000001100000021000000" + "2866f62da37add01", ""},
	{"setmode +h", "00000500050000001100000022000000" + "6802f72da37add01", ""},
	{"setmode +rhsa", "00000500050000001100000027000000" + "df3bf72da37add01", ""},
	{"setmode -a", "00000500050000001100000000000000" + "43e3f72da37add01", ""},
	{"mkdir, setmode +h", "00000500050000001100000012000000" + "a89ef72da37add01", ""},
	{"utimes 2001:02:03-04:05:06", "00000500050000001100000020000000" + "0005b57d968dc001", "2001-02-03T04:05:06Z"},
}

func TestWhatSambaWritesIsReadAndWrittenTheSame(t *testing.T) {
	for _, row := range writtenBySamba {
		value := unhex(t, row.value)
		d, err := decodeDOSAttrib(value)
		if err != nil || !d.hasAttributes || d.created == 0 {
			t.Errorf("%s: decoded %+v, %v, want attributes and a time", row.what, d, err)
		}
		if got, want := d.attributes, fscc.FileAttributes(value[12]); got != want {
			t.Errorf("%s: attributes %#x, want %#x", row.what, got, want)
		}
		if got := d.created.Time().Format(time.RFC3339Nano); row.created != "" && got != row.created {
			t.Errorf("%s: created %s, want %s", row.what, got, row.created)
		}
		if got := d.encode(); !bytes.Equal(got, value) {
			t.Errorf("%s: encoded\n     %x\nwant %x", row.what, got, value)
		}
	}
}

// Values made for the purpose, and what smbclient's allinfo 4.17.12 said of
// files that had them: attributes, and whether the time of creation was that
// of the value. hidden and archive were set in all; "none" is where Samba found
// nothing it could read.
const (
	hiddenArchive = "22000000"
	created2001   = "00b55b7d968dc001"
	otherTime     = "000000000000d601"
	noSizes       = "0000000000000000000000000000000000000000" // 4 + 8 + 8 bytes
)

var shownBySamba = []struct {
	what, value   string
	none, created bool
}{
	{"hexadecimal alone", "30783232", false, false},
	{"hexadecimal, NUL", "3078323200", false, false},
	{"hexadecimal, NUL, padding", "307832320000", true, false},
	{"version 1 with string", "307832320000" + "010001000000" + hiddenArchive + noSizes + created2001 + otherTime, false, true},
	{"version 1", "0000" + "010001000000" + hiddenArchive + noSizes + created2001 + otherTime, false, true},
	{"version 2", "0000" + "020002000000" + "01000000" + hiddenArchive + noSizes + created2001 + otherTime + otherTime + "00", false, false},
	{"version 3 with string", "307832320000" + "030003000000" + "11000000" + hiddenArchive + noSizes + created2001 + otherTime, false, true},
	{"version 3", "0000" + "030003000000" + "11000000" + hiddenArchive + noSizes + created2001 + otherTime, false, true},
	{"version 3 without sizes", "0000" + "030003000000" + "11000000" + hiddenArchive + created2001 + otherTime, true, false},
	{"version 4 with string", "307832320000" + "040004000000" + "51000000" + hiddenArchive + otherTime + created2001, false, true},
	{"version 4", "0000" + "040004000000" + "51000000" + hiddenArchive + otherTime + created2001, false, true},
	{"version 5 with string", "307832320000" + "050005000000" + "11000000" + hiddenArchive + created2001, false, true},
	{"version 5", "0000" + "050005000000" + "11000000" + hiddenArchive + created2001, false, true},
	{"version 5, time not valid", "0000" + "050005000000" + "01000000" + hiddenArchive + created2001, false, false},
	{"version 5, time 0", "0000" + "050005000000" + "11000000" + hiddenArchive + "0000000000000000", false, false},
	{"version 5, something behind", "0000" + "050005000000" + "11000000" + hiddenArchive + created2001 + "78797a", false, true},
	{"version 5 cut off", "0000" + "050005000000" + "11000000" + hiddenArchive, true, false},
	{"version 6", "0000" + "060006000000" + "11000000" + hiddenArchive + created2001, true, false},
	{"versions 5 and 4", "0000" + "050004000000" + "11000000" + hiddenArchive + created2001, true, false},
}

func TestEveryVersionIsReadAsSambaReadsIt(t *testing.T) {
	for _, row := range shownBySamba {
		d, err := decodeDOSAttrib(unhex(t, row.value))
		if row.none {
			if err == nil {
				t.Errorf("%s: decoded %+v, want an error", row.what, d)
			}
			continue
		}
		want := dosAttrib{attributes: 0x22, hasAttributes: true}
		if row.created {
			want.created = 0x01c08d967d5bb500
		}
		if err != nil || d != want {
			t.Errorf("%s: decoded %+v, %v, want %+v", row.what, d, err, want)
		}
	}
}

func TestCutOffDOSAttribIsNotBelieved(t *testing.T) {
	for _, row := range shownBySamba {
		value := unhex(t, row.value)
		if row.none || !strings.HasPrefix(row.what, "version") || strings.HasSuffix(row.what, "behind") {
			continue
		}
		end := len(value)
		if value[2] == 2 {
			end-- // the name, which nobody reads
		}
		for n := range end {
			if n <= bytes.IndexByte(value, 0)+1 && value[0] != 0 {
				continue // of the string, a value of its own
			}
			if d, err := decodeDOSAttrib(value[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes decoded as %+v", row.what, n, len(value), d)
			}
		}
	}
}

func TestATimeBeyondAllTimesIsNone(t *testing.T) {
	d := dosAttrib{attributes: 0x22, hasAttributes: true, created: 1<<64 - 1}
	got, err := decodeDOSAttrib(d.encode())
	if err != nil || got.created != 0 {
		t.Errorf("decoded %+v, %v, want no time", got, err)
	}
}

func FuzzDOSAttrib(f *testing.F) {
	for _, row := range writtenBySamba {
		f.Add(unhex(f, row.value))
	}
	for _, row := range shownBySamba {
		f.Add(unhex(f, row.value))
	}
	f.Add(dosAttrib{change: changeTime{time: 1, stored: 1 << 40}}.encode())
	f.Fuzz(func(t *testing.T, value []byte) {
		d, err := decodeDOSAttrib(value)
		if err != nil {
			return
		}
		if len(d.encode()) > maxDOSAttrib {
			t.Errorf("%+v takes %d bytes", d, len(d.encode()))
		}
		again, err := decodeDOSAttrib(d.encode())
		if err != nil || again != d {
			t.Errorf("%x\ndecoded %+v\nthen    %+v, %v", value, d, again, err)
		}
		if d.created != 0 && dtyp.FileTimeOf(d.created.Time()) != d.created {
			t.Errorf("the time %d is %v", d.created, d.created.Time())
		}
	})
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}
