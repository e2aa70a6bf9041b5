package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/policy"
)

// signetShare is a share of Signet's own client.
type signetShare struct {
	session *client.Session
	share   *client.Share
}

// signetPolicy is how t's client insists on what t says.
func signetPolicy(t *target) (*policy.Snapshot, error) {
	dialect := map[string]string{"2.0.2": "SMB202", "2.1": "SMB210", "3.0": "SMB300", "3.0.2": "SMB302", "3.1.1": "SMB311"}[t.dialect]
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "bench"})
	set := map[string]string{
		"client.RequireSecuritySignature": fmt.Sprint(t.sign),
		"client.RequireEncryption":        fmt.Sprint(t.encrypt),
	}
	if dialect != "" {
		set["client.Smb2DialectMin"], set["client.Smb2DialectMax"] = dialect, dialect
	}
	for name, value := range set {
		if err := v.Set(name, value); err != nil {
			return nil, err
		}
	}
	return policy.Stack(v)
}

func dialSignet(t *target) (*signetShare, error) {
	p, err := signetPolicy(t)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	d := client.Dialer{Credentials: client.Credentials{User: t.user, Password: t.password}, Policy: p}
	session, err := d.Dial(ctx, t.addr)
	if err != nil {
		return nil, err
	}
	sh, err := session.Share(ctx, t.share)
	if err != nil {
		session.Close()
		return nil, err
	}
	return &signetShare{session, sh}, nil
}

func (s *signetShare) Open(name string) (file, error) { return openedSignet(s.share.Open(ctx(), name)) }
func (s *signetShare) Create(name string) (file, error) {
	return openedSignet(s.share.Create(ctx(), name))
}
func (s *signetShare) Remove(name string) error { return s.share.Remove(ctx(), name) }
func (s *signetShare) Mkdir(name string) error  { return s.share.Mkdir(ctx(), name) }
func (s *signetShare) Close() error             { return s.session.Close() }

func (s *signetShare) Stat(name string) error {
	_, err := s.share.Stat(ctx(), name)
	return err
}

func (s *signetShare) ReadDir(name string) (n int, err error) {
	for _, err := range s.share.ReadDir(ctx(), name) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func ctx() context.Context { return context.Background() }

// openedSignet keeps a nil *client.File from becoming a file that is not nil.
func openedSignet(f *client.File, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// runSignetSeq lets Signet's client read or write a whole file by itself: it
// decides how many requests are under way.
func runSignetSeq(t *target, mode string) (result, error) {
	s, err := dialSignet(t)
	if err != nil {
		return result{}, err
	}
	defer s.Close()
	s0, c0, t0 := treeCPU(t.pid), selfCPU(), time.Now()
	var n int64
	if mode == "seqread" {
		n, err = readWhole(s.share)
	} else {
		n, err = writeWhole(s.share)
	}
	if err == nil && n != *size {
		err = fmt.Errorf("%d bytes of %d", n, *size)
	}
	return result{ops: 1, bytes: n, wall: time.Since(t0).Seconds(), clientCPU: selfCPU() - c0, serverCPU: treeCPU(t.pid) - s0}, err
}

func readWhole(sh *client.Share) (int64, error) {
	f, err := sh.Open(ctx(), dataFile)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.WriteTo(io.Discard)
}

func writeWhole(sh *client.Share) (int64, error) {
	if err := makePayload(); err != nil {
		return 0, err
	}
	f, err := sh.Create(ctx(), dir+`\seq-0`)
	if err != nil {
		return 0, err
	}
	in, err := os.Open(payload)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	n, err := f.ReadFrom(in)
	return n, cmp.Or(err, f.Close())
}

// runStatAll stats every file of the tree once, with depth at a time.
func runStatAll(t *target, s share, depth int) (result, error) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		fail  error
		names = make(chan string, *files)
	)
	for i := range *files {
		names <- strings.ReplaceAll(treeName(i), "/", `\`)
	}
	close(names)
	s0, c0, t0 := treeCPU(t.pid), selfCPU(), time.Now()
	for range depth {
		wg.Go(func() {
			for name := range names {
				if err := s.Stat(name); err != nil {
					mu.Lock()
					fail = cmp.Or(fail, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	wg.Wait()
	return result{ops: *files, wall: time.Since(t0).Seconds(), clientCPU: selfCPU() - c0, serverCPU: treeCPU(t.pid) - s0}, fail
}
