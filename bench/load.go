package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Names in the shares.
const (
	dir      = "bench"
	manyDir  = "bench-many"
	crowdDir = "bench-crowd"
	dataFile = dir + `\data`
)

const (
	nFiles = 200  // in dir
	block  = 4096 // bytes of a small read or write
)

// result is what one run gave.
type result struct {
	ops       int
	bytes     int64
	wall      float64 // seconds
	clientCPU float64 // seconds
	serverCPU float64 // seconds
	memory    float64 // KiB of RSS per session
	p50, p99  time.Duration
	note      string
}

// workload is a row of workloads.
type workload struct{ mode, does string }

var workloads = []workload{
	{"openclose", "open an existing file and close it"},
	{"stat", "stat an existing file (open with FILE_READ_ATTRIBUTES, close)"},
	{"create4k", "create, write 4 KiB, close, delete"},
	{"list", "list a directory of -entries files"},
	{"missing", "-lookups of names that are not in a directory of -crowd files"},
	{"randread", "random 4 KiB reads of the -size file; -depth outstanding per connection"},
	{"randwrite", "random 4 KiB writes of the -size file; -depth outstanding per connection"},
	{"seqread", "read the -size file in -io chunks, -depth outstanding (smbclient: get)"},
	{"seqwrite", "write the -size file in -io chunks, -depth outstanding (smbclient: put)"},
	{"statall", "stat each file of a tree of -files once, -depth at a time; needs folder="},
	{"get", "a client's program copies the -size file from the server"},
	{"put", "a client's program copies a file of -size to the server; needs folder="},
	{"gettree", "a client's program copies the tree from the server; needs folder="},
	{"puttree", "a client's program copies the tree to the server; needs folder="},
	{"connect", "TCP connect, negotiate, NTLMv2 session setup, tree connect, log off"},
	{"idle", "open -conns sessions, hold them -hold, report memory per session"},
}

// prepare makes what the modes need in the share of t.
func prepare(t *target, modes []string) error {
	if slices.ContainsFunc(modes, func(m string) bool { return m == "statall" || m == "gettree" }) {
		if err := makeTree(t.folder); err != nil {
			return err
		}
	}
	if t.client == "smbclient" {
		s := *t
		s.client, s.encrypt = "cloudsoda", false
		t = &s
	}
	s, err := dial(t)
	if err != nil {
		return err
	}
	defer s.Close()
	_ = s.Mkdir(dir) // may exist
	need := func(m ...string) bool {
		return slices.ContainsFunc(m, func(x string) bool { return slices.Contains(modes, x) })
	}
	if need("openclose", "stat") {
		for i := range nFiles {
			f, err := s.Create(name(i))
			if err != nil {
				return err
			}
			if err := errors.Join(writeAll(f, make([]byte, block), 0), f.Close()); err != nil {
				return err
			}
		}
	}
	if need("list") {
		if err := fill(s, manyDir, *entries); err != nil {
			return err
		}
	}
	if need("missing") {
		if err := fill(s, crowdDir, *crowd); err != nil {
			return err
		}
	}
	if need("randread", "randwrite", "seqread", "get") {
		f, err := s.Create(dataFile)
		if err != nil {
			return err
		}
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = byte(rand.Uint32())
		}
		for off := int64(0); off < *size; off += int64(len(b)) {
			if err := writeAll(f, b[:min(int64(len(b)), *size-off)], off); err != nil {
				return err
			}
		}
		return f.Close()
	}
	return nil
}

// byProgram reports whether the clients' programs do it.
func byProgram(mode string) bool {
	return slices.Contains([]string{"get", "put", "gettree", "puttree"}, mode)
}

// fill makes a directory with n empty files, unless it is there.
func fill(s share, dir string, n int) error {
	if s.Stat(dir) == nil {
		return nil
	}
	if err := s.Mkdir(dir); err != nil {
		return err
	}
	for i := range n {
		f, err := s.Create(fmt.Sprintf(`%s\entry-%06d.txt`, dir, i))
		if err != nil {
			return err
		}
		f.Close()
	}
	return nil
}

func name(i int) string { return fmt.Sprintf(`%s\f%04d`, dir, i) }

func writeAll(f file, b []byte, off int64) error {
	_, err := f.WriteAt(b, off)
	return err
}

// run makes one run.
func run(t *target, mode string, conns, depth int) (result, error) {
	switch {
	case byProgram(mode):
		return runProgram(t, mode)
	case t.client == "signet" && sequential(mode):
		return runSignetSeq(t, mode)
	case t.client == "smbclient" && sequential(mode):
		return runSmbclient(t, mode)
	case t.client == "smbclient":
		return result{}, errors.New("smbclient runs seqread and seqwrite only")
	case mode == "connect":
		return runConnect(t, conns)
	case mode == "idle":
		return runIdle(t, conns)
	}
	shares := make([]share, conns)
	for i := range shares {
		s, err := dial(t)
		if err != nil {
			return result{}, err
		}
		defer s.Close()
		shares[i] = s
	}
	switch {
	case sequential(mode):
		return runSeq(t, mode, shares, depth)
	case mode == "statall":
		return runStatAll(t, shares[0], depth)
	case mode == "missing":
		return runMissing(t, shares)
	}
	return runOps(t, mode, shares, depth)
}
