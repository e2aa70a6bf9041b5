package main

import (
	"cmp"
	"net"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/client"
)

// location is a place on a server, as the command line names it.
type location struct {
	user  string // as given, DOMAIN\user or user@domain too; "" is for --user to say
	host  string
	port  string // "" is the default
	share string // "" is the server itself
	path  string // in the share, with slashes; "" is its root
}

// maxLocation bounds what is read as a location, in bytes.
const maxLocation = 64 << 10

// isRemote reports whether arg names a place on a server, and no file of this
// machine.
func isRemote(arg string) bool {
	return len(arg) >= 6 && strings.EqualFold(arg[:6], "smb://") || isUNC(arg)
}

// isUNC reports whether arg begins as Windows writes places on servers, or as
// Samba does.
func isUNC(arg string) bool { return strings.HasPrefix(arg, `\\`) || strings.HasPrefix(arg, "//") }

// parseLocation reads smb://[user@]host[:port]/share/path, \\host\share\path or
// //host/share/path.
//
// In the first form a percent sign begins the code of a byte. Anything else
// stands for itself: a # or ? does not end the path, for then the rest would
// silently be another file.
func parseLocation(arg string) (location, error) {
	if len(arg) > maxLocation {
		return location{}, usagef("that is no place on a server: it is longer than %d bytes", maxLocation)
	}
	if isUNC(arg) {
		rest := strings.ReplaceAll(arg[2:], `\`, "/")
		host, path, _ := strings.Cut(rest, "/")
		return newLocation(arg, "", host, path)
	}
	if !isRemote(arg) {
		if strings.HasPrefix(arg, `\`) {
			return location{}, usagef(`%q: a shell takes backslashes away; write '\\host\share\path' between quotes, or smb://host/share/path`, arg)
		}
		return location{}, usagef("%q is no place on a server: write smb://[user@]host[:port]/share/path", arg)
	}
	authority, path, _ := strings.Cut(arg[6:], "/")
	user, host := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, host = authority[:i], authority[i+1:]
		if strings.Contains(user, ":") {
			// Nor is it printed: an error may end up in a log.
			return location{}, usagef("a password never goes on the command line: use --password-file, $SIGNET_PASSWORD_FILE, or wait to be asked")
		}
		if domain, name, ok := strings.Cut(user, ";"); ok {
			user = domain + `\` + name
		}
		if user == "" {
			return location{}, usagef("%q: there is no user before the @", arg)
		}
	}
	user, err := unescape(user)
	if err == nil {
		path, err = unescape(path)
	}
	if err != nil {
		return location{}, usagef("%q: %w", arg, err)
	}
	return newLocation(arg, user, host, path)
}

// newLocation checks the parts of arg. host may have a port.
func newLocation(arg, user, host, path string) (location, error) {
	l := location{user: user, host: host}
	if h, p, err := net.SplitHostPort(host); err == nil {
		l.host, l.port = h, p
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return location{}, usagef("%q: %q is no port", arg, p)
		}
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		l.host = host[1 : len(host)-1]
	}
	switch {
	case l.host == "":
		return location{}, usagef("%q names no host", arg)
	case !utf8.ValidString(arg) || strings.ContainsFunc(l.host, notInHost) || strings.Contains(l.host, ":") && net.ParseIP(cutZone(l.host)) == nil:
		return location{}, usagef("%q: %q is no host", arg, l.host)
	case strings.ContainsFunc(l.user, unprintable):
		return location{}, usagef("%q: %q is no user", arg, l.user)
	}
	share, rest, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	l.share = share
	var err error
	if l.path, err = cleanPath(rest); err != nil || share == "." || share == ".." || strings.ContainsAny(share, "\\\x00") || !utf8.ValidString(share) {
		return location{}, usagef("%q: a path on a server has no .. and no NUL in it", arg)
	}
	return l, nil
}

func cutZone(host string) string {
	host, _, _ = strings.Cut(host, "%")
	return host
}

func notInHost(r rune) bool { return unprintable(r) || strings.ContainsRune(" /\\@[]?#;,\"'<>|*", r) }

// errPath says that a path leads up, or cannot be one.
var errPath = usagef("a path on a server has no .. and no NUL in it")

// cleanPath takes empty components and "." out of a path, whose separators are
// slashes or backslashes.
func cleanPath(path string) (string, error) {
	if strings.ContainsRune(path, 0) || !utf8.ValidString(path) {
		return "", errPath
	}
	parts := strings.Split(strings.ReplaceAll(path, `\`, "/"), "/")
	kept := parts[:0]
	for _, p := range parts {
		switch p {
		case "", ".":
		case "..":
			return "", errPath
		default:
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "/"), nil
}

// unescape takes the codes of bytes out of a part of a URL.
func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", usagef("a percent sign is written %%25")
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", usagef("a percent sign is written %%25")
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), nil
}

// address is where the server listens.
func (l location) address() string {
	return net.JoinHostPort(l.host, cmp.Or(l.port, client.DefaultPort))
}

// join is the place called name below l.
func (l location) join(name string) location {
	l.path = joinPath(l.path, name)
	return l
}

// base is the last component of the path; "" of a share's root.
func (l location) base() string { return l.path[strings.LastIndexByte(l.path, '/')+1:] }

// String writes the location so that it can be read again.
func (l location) String() string {
	var b strings.Builder
	b.WriteString("smb://")
	if l.user != "" {
		b.WriteString(escapePath(l.user) + "@")
	}
	host := l.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	b.WriteString(host)
	if l.port != "" {
		b.WriteString(":" + l.port)
	}
	if l.share != "" {
		b.WriteString("/" + escapePath(l.share))
	}
	if l.path != "" {
		b.WriteString("/" + escapePath(l.path))
	}
	return b.String()
}

// escapePath writes what would be read as something else as codes of bytes.
func escapePath(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`%@:;\`, r) || unprintable(r) {
			for _, c := range []byte(string(r)) {
				b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)+0x100, 16)[1:]))
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// joinPath puts a slash between two paths, unless one of them is empty.
func joinPath(dir, name string) string {
	if dir == "" || name == "" {
		return dir + name
	}
	return dir + "/" + name
}
