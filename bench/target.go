package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// target is a server, and how a client signs in to it.
type target struct {
	name, addr, share, user, password string
	client                            string // cloudsoda, smbclient, signet
	dialect                           string // 2.0.2 to 3.1.1, any
	sign, encrypt                     bool
	signAlg, cipher                   string // smbclient only
	credits                           uint16
	folder                            string // of this machine, behind the share
	pid                               int    // the server's first process; 0: unknown
}

// targetFlag collects the -target flags.
type targetFlag []*target

func (t *targetFlag) String() string { return "" }

// Set adds the target described by s, as in
// name=a,addr=h:p,share=s,user=u,password=p,sign=1. What it does not say is
// taken from the first target; the pid only together with the address.
func (t *targetFlag) Set(s string) error {
	n := &target{client: "cloudsoda", sign: true}
	if len(*t) > 0 {
		*n = *(*t)[0]
		n.name = ""
	}
	if strings.Contains(","+s, ",addr=") {
		n.pid, n.folder = 0, ""
	}
	for pair := range strings.SplitSeq(s, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("%q is not key=value", pair)
		}
		if err := n.set(key, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	n.name = cmp.Or(n.name, fmt.Sprintf("t%d", len(*t)))
	*t = append(*t, n)
	return nil
}

func (t *target) set(key, value string) (err error) {
	texts := map[string]*string{
		"name": &t.name, "addr": &t.addr, "share": &t.share, "user": &t.user, "password": &t.password,
		"client": &t.client, "dialect": &t.dialect, "signalg": &t.signAlg, "folder": &t.folder, "cipher": &t.cipher,
	}
	if text := texts[key]; text != nil {
		*text = value
		return nil
	}
	switch key {
	case "sign":
		t.sign, err = strconv.ParseBool(value)
	case "encrypt":
		t.encrypt, err = strconv.ParseBool(value)
	case "pid":
		t.pid, err = strconv.Atoi(value)
	case "credits":
		var n uint64
		n, err = strconv.ParseUint(value, 10, 16)
		t.credits = uint16(n)
	default:
		return fmt.Errorf("unknown key")
	}
	return err
}
