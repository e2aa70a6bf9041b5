package main

import (
	"os"
)

func main() {
	a := &app{
		stdin:     os.Stdin,
		stdout:    os.Stdout,
		stderr:    os.Stderr,
		newServer: newServer,
	}
	os.Exit(a.run(os.Args[1:]))
}
