package main

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/cloudsoda/go-smb2"
)

// share is what a workload needs of a client: one TCP connection with one
// session and one tree connect.
type share interface {
	Open(name string) (file, error)
	Create(name string) (file, error)
	Stat(name string) error
	ReadDir(name string) (int, error) // the number of entries
	Remove(name string) error
	Mkdir(name string) error
	Close() error
}

// file is an open file of a share.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

var dialects = map[string]uint16{"": 0, "any": 0, "2.0.2": 0x202, "2.1": 0x210, "3.0": 0x300, "3.0.2": 0x302, "3.1.1": 0x311}

// dial connects to t and signs in.
func dial(t *target) (share, error) {
	if t.client == "signet" {
		return dialSignet(t)
	}
	d, ok := dialects[t.dialect]
	if !ok {
		return nil, fmt.Errorf("unknown dialect %q", t.dialect)
	}
	if t.client != "cloudsoda" {
		return nil, fmt.Errorf("client %q has no session to be driven", t.client)
	}
	ctx := context.Background()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return nil, err
	}
	dialer := smb2.Dialer{
		MaxCreditBalance: t.credits,
		Negotiator:       smb2.Negotiator{RequireMessageSigning: t.sign, SpecifiedDialect: d},
		Initiator:        &smb2.NTLMInitiator{User: t.user, Password: t.password},
	}
	s, err := dialer.DialConn(ctx, c, t.addr)
	if err != nil {
		c.Close()
		return nil, err
	}
	tree, err := s.Mount(t.share)
	if err != nil {
		c.Close()
		return nil, err
	}
	return cloudShare{s, tree, c}, nil
}

// cloudShare is a share of cloudsoda/go-smb2.
type cloudShare struct {
	session *smb2.Session
	tree    *smb2.Share
	conn    net.Conn
}

func (s cloudShare) Open(name string) (file, error)   { return opened(s.tree.Open(name)) }
func (s cloudShare) Create(name string) (file, error) { return opened(s.tree.Create(name)) }
func (s cloudShare) Remove(name string) error         { return s.tree.Remove(name) }
func (s cloudShare) Mkdir(name string) error          { return s.tree.Mkdir(name, 0o755) }

func (s cloudShare) Stat(name string) error {
	_, err := s.tree.Stat(name)
	return err
}

func (s cloudShare) ReadDir(name string) (int, error) {
	l, err := s.tree.ReadDir(name)
	return len(l), err
}

func (s cloudShare) Close() error {
	_ = s.tree.Umount()
	err := s.session.Logoff()
	s.conn.Close()
	return err
}

// opened keeps a nil *smb2.File from becoming a file that is not nil.
func opened(f *smb2.File, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}
