//go:build !unix

package statedir

import (
	"context"
	"errors"
	"net"
	"os"
)

// errSystem is the answer to everything here.
//
// Missing: systems without POSIX owners and modes. The checks of a state
// directory would be of its access control list.
var errSystem = errors.New("state is not kept on this system yet")

func openDirectory(string) (*os.File, error)          { return nil, errSystem }
func checkDirectory(*os.File, string) error           { return errSystem }
func (d *Dir) openFile(string, int) (*os.File, error) { return nil, errSystem }
func (d *Dir) rename(_, _ string) error               { return errSystem }
func lockFile(*os.File) (bool, error)                 { return false, errSystem }

// SocketPath is where the running server would answer local commands.
func (d *Dir) SocketPath() string { return "" }

// Listen returns an error: no Dir is ever opened here.
func (d *Dir) Listen() (*net.UnixListener, error) { return nil, errSystem }

// Dial returns an error: no Dir is ever opened here.
func (d *Dir) Dial(context.Context) (net.Conn, error) { return nil, errSystem }

// CheckPublished returns an error: who may write to a file is not known here.
func CheckPublished(*os.File, int) error { return errSystem }
