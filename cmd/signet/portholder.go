package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// portHolder is a process that listens on a port.
type portHolder struct {
	pid  int
	name string // as the process calls itself
}

// findPortHolder finds the process that listens on a TCP port, as far as this
// user may look: into all processes as root, else into their own.
func findPortHolder(port uint16) (portHolder, bool) {
	proc := os.DirFS("/proc")
	return findPortHolderIn(proc, port)
}

func findPortHolderIn(proc fs.FS, port uint16) (portHolder, bool) {
	sockets := map[string]bool{} // as /proc/PID/fd/N links to them
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		listeningSockets(proc, table, port, sockets)
	}
	if len(sockets) == 0 {
		return portHolder{}, false
	}
	processes, err := fs.ReadDir(proc, ".")
	if err != nil {
		return portHolder{}, false
	}
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		if holdsSocket(proc, p.Name(), sockets) {
			return portHolder{pid: pid, name: processName(proc, p.Name())}, true
		}
	}
	return portHolder{}, false
}

// listeningSockets adds the sockets that listen on port. A line of the table
// is: slot, local address:port, remote, state, queues, timer, retransmits,
// uid, timeout, inode; numbers in hexadecimal but for the last ones
// (Documentation/networking/proc_net_tcp.rst of Linux).
func listeningSockets(proc fs.FS, table string, port uint16, sockets map[string]bool) {
	const stateListen = "0A"
	f, err := proc.Open(table)
	if err != nil {
		return
	}
	defer f.Close()
	suffix := fmt.Sprintf(":%04X", port)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && fields[3] == stateListen && strings.HasSuffix(fields[1], suffix) {
			sockets["socket:["+fields[9]+"]"] = true
		}
	}
}

func holdsSocket(proc fs.FS, pid string, sockets map[string]bool) bool {
	dir := pid + "/fd"
	entries, err := fs.ReadDir(proc, dir)
	if err != nil {
		return false // gone, or not ours to see
	}
	for _, e := range entries {
		target, err := fs.ReadLink(proc, dir+"/"+e.Name())
		if err == nil && sockets[target] {
			return true
		}
	}
	return false
}

func processName(proc fs.FS, pid string) string {
	name, err := fs.ReadFile(proc, pid+"/comm")
	if err != nil {
		return "a process"
	}
	return escape(strings.TrimSpace(string(name)))
}
