package dtyp

import (
	"math"
	"time"
)

// FileTime is a FILETIME: 100 ns units since 1 January 1601 UTC.
// [MS-DTYP] 2.3.3.
type FileTime uint64

const (
	// unixEpoch is the seconds from 1601 to 1970.
	unixEpoch = 11644473600
	// unitsPerSecond is how many units of a FileTime make a second.
	unitsPerSecond = 10_000_000
	// maxFileTime is the last moment there is: the fields of [MS-FSCC] 2.1.1
	// are signed and must not be negative. It lies in the year 30828.
	maxFileTime FileTime = math.MaxInt64
)

// FileTimeOf converts t, truncating to 100 ns. The zero Time, and times before
// 1601, give 0; times that are too late give the latest.
func FileTimeOf(t time.Time) FileTime {
	s := t.Unix()
	switch {
	case t.IsZero(), s < -unixEpoch:
		return 0
	case s > int64(maxFileTime/unitsPerSecond)-unixEpoch:
		return maxFileTime
	}
	return min(FileTime(s+unixEpoch)*unitsPerSecond+FileTime(t.Nanosecond()/100), maxFileTime)
}

// Time converts f; 0 gives the zero Time.
func (f FileTime) Time() time.Time {
	if f == 0 {
		return time.Time{}
	}
	return time.Unix(int64(f/unitsPerSecond)-unixEpoch, int64(f%unitsPerSecond)*100).UTC()
}
