//go:build unix && !linux

package statedir

// socketAddress is the address of the socket, by its path.
//
// Missing: paths longer than about 100 bytes. These systems have no
// /proc/self/fd.
func socketAddress(_ int, path string) string { return path }
