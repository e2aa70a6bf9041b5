package transfer

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A part is called .signet-TARGET-STATE.part: TARGET stands for the name that
// it will get, STATE for the file that is copied and for the state which that
// is in. -N follows where somebody else has that name.
var partPattern = regexp.MustCompile(`^\.signet-([0-9a-f]{12})-([0-9a-f]{24})(-[0-9a-f]{8})?\.part$`)

// partPrefix is how the names of parts begin.
const partPrefix = ".signet-"

// resumeMargin is how much of the end of a part is not trusted, in bytes: more
// than any client has under way at a time, so that everything before it was
// written. A part that is not longer is not worth keeping.
const resumeMargin = 32 << 20

// abandoned is when nobody will come back for a part whose target is not among
// what is copied.
const abandoned = 7 * 24 * time.Hour

// isPart reports whether name is the name of a part.
func isPart(name string) bool {
	return strings.HasPrefix(name, partPrefix) && partPattern.MatchString(name)
}

// targetOf is the TARGET in the name of a part.
func targetOf(name string) string { return partPattern.FindStringSubmatch(name)[1] }

// targetCode is TARGET for the last component of a name.
func targetCode(base string) string { return code(6, base) }

// partBase is how the name of a part begins for the copy of e, which source
// shows as from, to a target called base.
func partBase(from, base string, e Entry) string {
	return partPrefix + targetCode(base) + "-" + code(12, fmt.Sprintf("%s\x00%d\x00%d\x00%d\x00%d", from, e.Size, e.Modified.UnixNano(), e.Changed.UnixNano(), e.ID))
}

// code is n bytes of a hash of text, in hexadecimal.
func code(n int, text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:n])
}

// another is a name for a part that nobody else uses.
func another(base string) string {
	var n [4]byte
	_, _ = rand.Read(n[:]) // never fails
	return base + "-" + hex.EncodeToString(n[:]) + ".part"
}

// split takes the last component off a name.
func split(name string) (dir, base string) {
	at := strings.LastIndexByte(name, '/')
	return name[:max(at, 0)], name[at+1:]
}

// join puts a slash between two parts of a name, unless one is empty.
func join(dir, name string) string {
	if dir == "" || name == "" {
		return dir + name
	}
	return dir + "/" + name
}
