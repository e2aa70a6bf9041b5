package dtyp

import "time"

// FileTime is a FILETIME: 100 ns units since 1 January 1601 UTC.
// [MS-DTYP] 2.3.3.
type FileTime uint64

// Units between 1601 and 1970.
const unixEpoch = 116444736000000000

// FileTimeOf converts t, truncating to 100 ns. The zero Time, and times before
// 1601, give 0.
func FileTimeOf(t time.Time) FileTime {
	if t.IsZero() {
		return 0
	}
	n := t.Unix()*1e7 + int64(t.Nanosecond())/100 + unixEpoch
	return FileTime(max(n, 0))
}

// Time converts f; 0 gives the zero Time.
func (f FileTime) Time() time.Time {
	if f == 0 {
		return time.Time{}
	}
	n := int64(f) - unixEpoch
	return time.Unix(n/1e7, n%1e7*100).UTC()
}
