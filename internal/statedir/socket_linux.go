package statedir

import "strconv"

// socketAddress is the address of the socket in the open directory fd. Through
// the descriptor it is short enough for sockaddr_un, whatever the directory's
// path, and cannot lead elsewhere.
func socketAddress(fd int, _ string) string {
	return "/proc/self/fd/" + strconv.Itoa(fd) + "/" + socketName
}
