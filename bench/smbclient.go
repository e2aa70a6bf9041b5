package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
)

// smbclient is Samba's client, driven over pipes; for seqread and seqwrite.
type smbclient struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

var smbclientDialects = map[string]string{"2.0.2": "SMB2_02", "2.1": "SMB2_10", "3.0": "SMB3_00", "3.0.2": "SMB3_02", "3.1.1": "SMB3_11"}

// smbclientArgs are the arguments by which smbclient signs in as t says.
func (t *target) smbclientArgs() (args []string, err error) {
	host, port, err := net.SplitHostPort(t.addr)
	if err != nil {
		return nil, err
	}
	protection := "off"
	switch {
	case t.encrypt:
		protection = "encrypt"
	case t.sign:
		protection = "sign"
	}
	args = []string{"//" + host + "/" + t.share, "-p", port, "-U", t.user, "-s", os.DevNull, "--client-protection=" + protection}
	if d := smbclientDialects[t.dialect]; d != "" {
		args = append(args, "-m", d, "--option=client min protocol="+d)
	}
	if t.signAlg != "" {
		args = append(args, "--option=client smb3 signing algorithms="+t.signAlg)
	}
	if t.cipher != "" {
		args = append(args, "--option=client smb3 encryption algorithms="+t.cipher)
	}
	return args, nil
}

func dialSmbclient(t *target) (*smbclient, error) {
	args, err := t.smbclientArgs()
	if err != nil {
		return nil, err
	}
	// On a pipe smbclient would keep its answers in a buffer. stdbuf becomes
	// smbclient, so the process is the same.
	cmd := exec.CommandContext(context.Background(), "stdbuf", append([]string{"-oL", "smbclient"}, args...)...)
	cmd.Env = append(os.Environ(), "PASSWD="+t.password)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, answers, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = answers, answers
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	answers.Close()
	s := &smbclient{cmd, in, bufio.NewReader(out)}
	if err := s.do("pwd", "Current directory"); err != nil { // it is signed in
		s.close()
		return nil, err
	}
	return s, nil
}

// do runs a command, which is finished when a line contains done.
func (s *smbclient) do(command, done string) error {
	if _, err := fmt.Fprintln(s.in, command); err != nil {
		return err
	}
	var seen []string
	for {
		line, err := s.out.ReadString('\n')
		if strings.Contains(line, done) {
			return nil
		}
		seen = append(seen, line)
		if strings.Contains(line, "NT_STATUS") || err != nil {
			return errors.Join(fmt.Errorf("smbclient %s: %s", command, strings.TrimSpace(strings.Join(seen, " "))), err)
		}
	}
}

func (s *smbclient) close() {
	s.in.Close()
	_ = s.cmd.Wait()
}

func (s *smbclient) cpu() float64 { return treeCPU(s.cmd.Process.Pid) }

// payload is the path of the file that smbclient uploads, which payloadFile
// keeps open.
var (
	payload     string
	payloadFile *os.File
)

// makePayload makes it in memory, once. It is unlinked at once and given to
// smbclient as a descriptor of ours, so that nothing is left behind.
func makePayload() error {
	if payloadFile != nil {
		return nil
	}
	f, err := os.CreateTemp(ramDir(), "bench-*")
	if err != nil {
		return err
	}
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	if err := fillPayload(f); err != nil {
		return err
	}
	payloadFile = f
	payload = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), f.Fd())
	return nil
}

// fillPayload writes -size bytes to f.
func fillPayload(f *os.File) error {
	b := []byte(strings.Repeat("what is uploaded", 1<<16))
	for n := int64(0); n < *size; n += int64(len(b)) {
		if _, err := f.Write(b[:min(int64(len(b)), *size-n)]); err != nil {
			return err
		}
	}
	return nil
}

func ramDir() string {
	if s, err := os.Stat("/dev/shm"); err == nil && s.IsDir() {
		return "/dev/shm"
	}
	return ""
}
