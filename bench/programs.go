package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// treeDir is a tree of -files small files, in the share and beside it.
const treeDir = "bench-tree"

// treeFile is how long each is, in bytes.
const treeFile = 1024

// treeName is the name of the i-th file of the tree: a hundred in a directory.
func treeName(i int) string { return fmt.Sprintf("%s/d%03d/f%05d.txt", treeDir, i/100, i) }

// makeTree makes the tree in a directory of this machine, unless it is there.
func makeTree(under string) error {
	if _, err := os.Stat(filepath.Join(under, treeName(*files-1))); err == nil {
		return nil
	}
	data := []byte(strings.Repeat("a small file....", treeFile/16))
	for i := range *files {
		name := filepath.Join(under, treeName(i))
		if i%100 == 0 {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// checkTree reports whether the whole tree has been copied to under.
func checkTree(under string) error {
	for i := range *files {
		info, err := os.Stat(filepath.Join(under, treeName(i)))
		if err != nil {
			return err
		}
		if info.Size() != treeFile {
			return fmt.Errorf("%s has %d bytes", info.Name(), info.Size())
		}
	}
	return nil
}

// local is a directory in memory for what programs copy from and to.
var local string

// makeLarge makes the large file that programs copy to the server.
func makeLarge() error {
	f, err := os.Create(filepath.Join(local, "large"))
	if err != nil {
		return err
	}
	return errors.Join(fillPayload(f), f.Close())
}

// runProgram lets the client's program copy one large file or the tree, as a
// person would: it is started, signs in, copies and ends, and all of that
// counts.
func runProgram(t *target, mode string) (result, error) {
	here := filepath.Join(local, "in")
	if err := os.Mkdir(here, 0o755); err != nil {
		return result{}, err
	}
	defer os.RemoveAll(here)
	r := result{ops: 1, bytes: *size}
	var signet []string
	var smbclient string
	remote := fmt.Sprintf("smb://%s@%s/%s/", t.user, t.addr, t.share)
	put := filepath.Join(t.folder, "bench-put")
	switch mode {
	case "get":
		signet = []string{"get", remote + strings.ReplaceAll(dataFile, `\`, "/"), here}
		smbclient = fmt.Sprintf("get %s %s/data", dataFile, here)
	case "put":
		signet = []string{"put", filepath.Join(local, "large"), remote + "bench-put/data"}
		smbclient = fmt.Sprintf(`put %s/large bench-put\data`, local)
	case "gettree":
		r.ops, r.bytes = *files, int64(*files)*treeFile
		signet = []string{"get", "-r", remote + treeDir, here}
		smbclient = fmt.Sprintf("recurse ON; prompt OFF; lcd %s; mget %s", here, treeDir)
	case "puttree":
		r.ops, r.bytes = *files, int64(*files)*treeFile
		signet = []string{"put", "-r", filepath.Join(local, treeDir), remote + "bench-put"}
		smbclient = fmt.Sprintf("recurse ON; prompt OFF; lcd %s; cd bench-put; mput %s", local, treeDir)
	}
	if mode == "put" || mode == "puttree" {
		if err := renew(put); err != nil {
			return result{}, err
		}
		defer os.RemoveAll(put)
	}
	cmd, err := t.program(signet, smbclient)
	if err != nil {
		return result{}, err
	}
	s0, t0 := treeCPU(t.pid), time.Now()
	out, err := cmd.CombinedOutput()
	r.wall = time.Since(t0).Seconds()
	r.serverCPU = treeCPU(t.pid) - s0
	if err != nil || strings.Contains(string(out), "NT_STATUS") {
		return r, errors.Join(fmt.Errorf("%v: %.300s", cmd.Args, out), err)
	}
	r.clientCPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	switch mode {
	case "gettree":
		return r, checkTree(here)
	case "puttree":
		return r, checkTree(put)
	case "get":
		return r, checkSize(filepath.Join(here, "data"))
	}
	return r, checkSize(filepath.Join(put, "data"))
}

func checkSize(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.Size() != *size {
		err = fmt.Errorf("%s has %d bytes", name, info.Size())
	}
	return err
}

// renew makes a folder of a share empty, and its owner's who owns the share.
func renew(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	uid, gid, err := owner(filepath.Dir(folder))
	if err != nil {
		return err
	}
	return os.Chown(folder, uid, gid)
}

// program is the client's program with what it shall do.
func (t *target) program(signet []string, script string) (*exec.Cmd, error) {
	if t.client == "smbclient" {
		args, err := t.smbclientArgs()
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(context.Background(), "smbclient", append(args, "-c", script)...)
		cmd.Env = append(os.Environ(), "PASSWD="+t.password)
		return cmd, nil
	}
	if t.client != "signet" || *program == "" {
		return nil, fmt.Errorf("client %q has no program (-program)", t.client)
	}
	args := append(signet,
		fmt.Sprintf("--require-signing=%t", t.sign), fmt.Sprintf("--require-encryption=%t", t.encrypt), "--password-file", "-")
	cmd := exec.CommandContext(context.Background(), *program, args...)
	cmd.Stdin = strings.NewReader(t.password)
	return cmd, nil
}
