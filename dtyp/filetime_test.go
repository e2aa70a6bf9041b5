package dtyp_test

import (
	"math"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
)

func TestFileTimeAndTimeAreTheSameMoment(t *testing.T) {
	for _, c := range []struct {
		name string
		f    dtyp.FileTime
		t    time.Time
	}{
		{"none", 0, time.Time{}},
		{"first unit of 1601", 1, time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC)},
		{"second before 1970", 116444735990000000, time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)},
		{"1970", 116444736000000000, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"2000 with a fraction", 125911584001234567, time.Date(2000, 1, 1, 0, 0, 0, 123456700, time.UTC)},
		{"last moment of 9999", 2650467743999999999, time.Date(9999, 12, 31, 23, 59, 59, 999999900, time.UTC)},
		{"latest", math.MaxInt64, time.Date(30828, 9, 14, 2, 48, 5, 477580700, time.UTC)},
		{"latest but one", math.MaxInt64 - 1, time.Date(30828, 9, 14, 2, 48, 5, 477580600, time.UTC)},
	} {
		if got := dtyp.FileTimeOf(c.t); got != c.f {
			t.Errorf("%s: FileTimeOf(%v) = %d, want %d", c.name, c.t, got, c.f)
		}
		if got := c.f.Time(); !got.Equal(c.t) || got.IsZero() != c.t.IsZero() {
			t.Errorf("%s: FileTime(%d).Time() = %v, want %v", c.name, c.f, got, c.t)
		}
	}
}

func TestTimesOutsideTheRangeAreClamped(t *testing.T) {
	for _, c := range []struct {
		name string
		t    time.Time
		want dtyp.FileTime
	}{
		{"start of 1601 is no time", time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC), 0},
		{"just before 1601", time.Date(1600, 12, 31, 23, 59, 59, 999999999, time.UTC), 0},
		{"before our era", time.Date(-200, 1, 1, 0, 0, 0, 0, time.UTC), 0},
		{"as early as can be", time.Unix(math.MinInt64/2, 0), 0},
		{"a unit too late", time.Date(30828, 9, 14, 2, 48, 5, 477580800, time.UTC), math.MaxInt64},
		{"year 40000", time.Date(40000, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64},
		{"as late as can be", time.Unix(math.MaxInt64/2, 0), math.MaxInt64},
		{"below a unit", time.Date(1970, 1, 1, 0, 0, 0, 99, time.UTC), 116444736000000000},
		{"other zone", time.Date(1970, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600)), 116444736000000000},
	} {
		if got := dtyp.FileTimeOf(c.t); got != c.want {
			t.Errorf("%s: FileTimeOf(%v) = %d, want %d", c.name, c.t, got, c.want)
		}
	}
}

func TestEveryFileTimeIsSomeTimeAndOrderIsKept(t *testing.T) {
	// 1<<63 and above are negative for a peer, and still no reason to wrap.
	last := time.Time{}
	for _, f := range []dtyp.FileTime{0, 1, 1 << 40, 1 << 62, math.MaxInt64, 1 << 63, math.MaxUint64 - 1, math.MaxUint64} {
		got := f.Time()
		if got.Before(last) || f != 0 && !got.After(last) {
			t.Errorf("FileTime(%d).Time() = %v, not after %v", uint64(f), got, last)
		}
		last = got
	}
}
