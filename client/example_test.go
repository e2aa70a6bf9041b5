package client_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"slices"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smbtest"
)

// Sign in, write a file, list the directory, and read the file again.
func Example() {
	fs1 := startExample()
	defer fs1.stop()

	ctx := context.Background()
	d := client.Dialer{
		Credentials: client.Credentials{User: "alice", Password: "Secret007"},
		Connect:     fs1.connect, // leave it out, and it is TCP
	}
	session, err := d.Dial(ctx, "fs1.example")
	if err != nil {
		log.Fatal(err) // a *client.Refusal says which setting on which end mends it
	}
	defer session.Close()
	share, err := session.Share(ctx, "data")
	if err != nil {
		log.Fatal(err)
	}
	if err := share.WriteFile(ctx, "notes.txt", []byte("signed, sealed, delivered\n")); err != nil {
		log.Fatal(err)
	}
	for entry, err := range share.ReadDir(ctx, "") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(entry.Name(), entry.Size())
	}
	f, err := share.Open(ctx, "notes.txt")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	io.Copy(os.Stdout, f)
	// Output:
	// notes.txt 26
	// signed, sealed, delivered
}

// The refusal of a server that is not signed in on names the settings that
// would mend it.
func ExampleRefusal() {
	fs1 := startExample()
	defer fs1.stop()

	policy, err := snapshot("client.BlockNTLM", "True")
	if err != nil {
		log.Fatal(err)
	}
	d := client.Dialer{Policy: policy, Connect: fs1.connect}
	_, err = d.Dial(context.Background(), "fs1.example")
	fmt.Println(err)
	// Output:
	// sign in fs1.example: client.BlockNTLM is True, and there is no Kerberos ticket in use. Get one with kinit; set client.BlockNTLMServerExceptionList to fs1.example on this client, or client.BlockNTLM to False on this client
}

// example is a server for examples, which have no testing.TB.
type example struct {
	testing.TB
	server  *smbtest.Server
	cleanup []func()
}

func startExample() *example {
	e := new(example)
	e.server = smbtest.StartServer(e, smbtest.Options{Quiet: true})
	return e
}

func (e *example) connect(context.Context, string, string) (net.Conn, error) {
	return net.Dial("tcp", e.server.Addr())
}

func (e *example) stop() {
	for _, f := range slices.Backward(e.cleanup) {
		f()
	}
}

func (e *example) Helper()                   {}
func (e *example) Cleanup(f func())          { e.cleanup = append(e.cleanup, f) }
func (e *example) Fatal(args ...any)         { panic(fmt.Sprint(args...)) }
func (e *example) Errorf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
