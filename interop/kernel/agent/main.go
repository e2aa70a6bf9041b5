// Agent does what it is told in one directory: another machine's view of a tree
// that is tested from several at once. It runs in the guest of kernel-mount.
//
// Usage: agent HOST:PORT DIRECTORY. It connects, and answers each JSON line of
// package script by one of its own until the other end closes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/signet-smb/signet/interop/kernel/script"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: agent HOST:PORT DIRECTORY")
		os.Exit(2)
	}
	if err := serve(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

// serve carries out what who listens at address wants, below dir.
func serve(address, dir string) error {
	c, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	root := script.Dir{Path: dir}
	defer root.Close()
	in, out := json.NewDecoder(c), json.NewEncoder(c)
	for {
		var step script.Step
		if err := in.Decode(&step); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(root.Do(&step)); err != nil {
			return err
		}
	}
}
