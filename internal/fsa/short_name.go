package fsa

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/signet-smb/signet/vfs"
)

// Short names are for programs that know names of 8.3 form only. None is
// stored: a name that is none itself has one that follows from it, without
// regard to case,
//
//	Annual report.docx  →  A~K3X09P.DOC
//
// its first character, a tilde, a hash, and the beginning of what is behind
// its last period. What looks so and is the name of no file leads to the file
// with that short name. When two files of a directory have the same one, it
// leads to neither: not by chance to the wrong file. [MS-FSA] 2.1.5.1.1.
//
// Deviation: wildcards are not matched with short names ([MS-FSA]
// 2.1.5.6.3.2), so that "del *.doc" spares Annual report.docx.

// ShortName returns the short name of a file; "" if name is of 8.3 form
// itself. NTFS lists such a file with none, too.
func ShortName(name string) string {
	if name == "." || name == ".." || isShort(name) {
		return ""
	}
	folded := vfs.Fold(name)
	short := make([]byte, 0, 12)
	short = append(short, '_', '~')
	base, ext := folded, ""
	if at := strings.LastIndexByte(folded, '.'); at > 0 {
		base, ext = folded[:at], folded[at+1:]
	}
	if at := strings.IndexFunc(base, func(c rune) bool { return c < 0x80 && isShortChar(byte(c)) }); at >= 0 {
		short[0] = base[at]
	}
	short = appendShortHash(short, folded)
	dot := len(short)
	for i := 0; i < len(ext) && len(short) < dot+4; i++ {
		if !isShortChar(ext[i]) {
			continue
		}
		if len(short) == dot {
			short = append(short, '.')
		}
		short = append(short, ext[i])
	}
	return string(short)
}

// shortHashLen is how many characters the hash takes: two of ten thousand
// files have the same one with a probability of 2 %.
const shortHashLen = 6

const shortDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// appendShortHash appends a hash of s (FNV-1a) to b. It must never change:
// programs keep short names in their files.
func appendShortHash(b []byte, s string) []byte {
	h := uint64(0xCBF29CE484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001B3
	}
	for range shortHashLen {
		b = append(b, shortDigits[h%36])
		h /= 36
	}
	return b
}

// isShort says whether name is of 8.3 form, in capital letters or not.
// [MS-FSCC] 2.1.5.2.1.
func isShort(name string) bool {
	base, ext, dotted := strings.Cut(name, ".")
	if base == "" || len(base) > 8 || len(ext) > 3 || dotted && ext == "" {
		return false
	}
	return areShortChars(base) && areShortChars(ext)
}

// looksGenerated says whether name could be what ShortName returns.
func looksGenerated(name string) bool {
	const base = 2 + shortHashLen
	if len(name) < base || name[1] != '~' || !isShort(name) || len(name) > base && name[base] != '.' {
		return false
	}
	for i := 2; i < base; i++ {
		if strings.IndexByte(shortDigits, upper(name[i])) < 0 {
			return false
		}
	}
	return true
}

func areShortChars(s string) bool {
	for i := range len(s) {
		if !isShortChar(s[i]) {
			return false
		}
	}
	return true
}

func isShortChar(c byte) bool {
	return strings.IndexByte(shortDigits, upper(c)) >= 0 || strings.IndexByte("!#$%&'()-@^_`{}~", c) >= 0
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

// maxShortScan is in how many entries of a directory a short name is looked
// for.
const maxShortScan = 1 << 17

// fullName returns the name of the entry of dir whose short name is name, or
// name itself if there is none. A file that was removed by a short name a
// moment ago and is created by it again gets the name back that it had.
// [MS-FSA] 2.1.5.1.1, tunnel caching.
//
// The caller holds no name lock. What it finds may be gone when it returns.
func (v *Volume) fullName(ctx context.Context, as *vfs.Cred, dir *File, name string) string {
	if !looksGenerated(name) || v.hasEntry(ctx, as, dir, name) {
		return name
	}
	key := nameKeyOf(dir, name)
	known, recent := v.store.fullNames.get(key)
	if known != "" && v.hasEntry(ctx, as, dir, known) {
		return known
	}
	if found := v.findShort(ctx, as, dir, key.name); found != "" {
		v.store.fullNames.put(key, found)
		return found
	}
	if recent {
		return known
	}
	return name
}

// hasEntry says whether dir has an entry called name, as far as as can see.
func (v *Volume) hasEntry(ctx context.Context, as *vfs.Cred, dir *File, name string) bool {
	key := nameKeyOf(dir, name)
	if v.store.names.lock(ctx, key, shared) != nil {
		return false
	}
	defer v.store.names.unlock(key, shared)
	n, _, err := v.fs.Lookup(ctx, as, dir.node(v), name)
	if err == nil {
		n.Close()
	}
	return !errors.Is(err, fs.ErrNotExist)
}

// findShort returns the entry of dir whose short name is short, if there is
// exactly one that as may list.
func (v *Volume) findShort(ctx context.Context, as *vfs.Cred, dir *File, short string) (found string) {
	if vfs.ActingIn(ctx).End() != nil { // OpenDir is none of its calls
		return ""
	}
	d, err := v.fs.OpenDir(ctx, as, dir.node(v))
	if err != nil {
		return ""
	}
	defer d.Close()
	for range maxShortScan {
		name, err := d.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return found
		case err != nil, ctx.Err() != nil:
			return ""
		case ShortName(name) != short:
		case found != "":
			return ""
		default:
			found = name
		}
	}
	return found
}

// fullNames remembers which names were found by short ones, and which names
// with short ones were removed. Safe for concurrent use.
type fullNames struct {
	mu       sync.Mutex
	now, old map[nameKey]fullName // guarded by mu; old is thrown away when now is full
}

// fullName is the name behind a short one.
type fullName struct {
	name string
	at   time.Time // when it was known to be there
}

// maxFullNames bounds each of the two maps; an entry takes about 200 bytes.
const maxFullNames = 1024

// tunnelTime is how long the name of a removed file is remembered: NTFS's
// default. [MS-FSA] 2.1.1.1.
const tunnelTime = 15 * time.Second

// get returns what is known, if anything, and whether it was there a moment
// ago.
func (f *fullNames) get(short nameKey) (name string, recent bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, ok := f.now[short]
	if !ok {
		known = f.old[short]
	}
	return known.name, known.name != "" && time.Since(known.at) < tunnelTime
}

func (f *fullNames) put(short nameKey, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now == nil || len(f.now) >= maxFullNames {
		f.now, f.old = make(map[nameKey]fullName), f.now
	}
	f.now[short] = fullName{name, time.Now()}
}

// removed notes that the entry name of dir is gone.
func (f *fullNames) removed(dir *File, name string) {
	if short := ShortName(name); short != "" {
		f.put(nameKey{dir.id, short}, name)
	}
}
