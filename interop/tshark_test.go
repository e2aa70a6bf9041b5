package interop

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// seen is what tshark tells of the SMB2 messages of one connection.
type seen struct {
	signed, good, bad int    // messages with a signature but SESSION_SETUP, and what tshark found of it
	sealed, opened    int    // encrypted messages, and those that it could decrypt
	names             string // of files, one a line
}

// tshark lets the packet analyser read a capture, knowing the password, and
// answers what it saw by client port. It never verifies SESSION_SETUP.
func tshark(t *testing.T, file, password string) map[int]*seen {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tshark", "-n", "-r", file, "-Y", "smb2", "-T", "fields", "-E", "separator=|", "-E", "occurrence=a",
		"-o", "ntlmssp.nt_password:"+password, "-o", "smb2.verify_signatures:TRUE",
		"-e", "tcp.srcport", "-e", "tcp.dstport", "-e", "smb2.cmd",
		"-e", "smb2.flags.signature", "-e", "smb2.good_signature", "-e", "smb2.bad_signature",
		"-e", "smb2.header.transform.signature", "-e", "smb2.filename")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "LC_ALL=C.UTF-8")
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, problem.Bytes())
	}
	all := make(map[int]*seen)
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "|")
		if len(fields) != 8 {
			t.Fatalf("tshark printed %q, want 8 fields", line)
		}
		port, err := strconv.Atoi(fields[0])
		if fields[0] == "445" {
			port, err = strconv.Atoi(fields[1])
		}
		must(t, err)
		s := all[port]
		if s == nil {
			s = new(seen)
			all[port] = s
		}
		const sessionSetup = "1"
		if fields[2] != sessionSetup {
			s.signed += strings.Count(fields[3], "1")
		}
		s.good += count(fields[4])
		s.bad += count(fields[5])
		s.sealed += count(fields[6])
		if fields[6] != "" && fields[2] != "" {
			s.opened++
		}
		s.names += fields[7] + "\n"
	}
	return all
}

// count is how often a field occurs.
func count(field string) int {
	if field == "" {
		return 0
	}
	return 1 + strings.Count(field, ",")
}

// TestTsharkVerifiesSignaturesAndReadsWhatIsSealed lets a program that shares
// nothing with ours judge what is on the wire. AES-128-GMAC is not among the
// rows: tshark, at least up to version 4.0, does not know it.
func TestTsharkVerifiesSignaturesAndReadsWhatIsSealed(t *testing.T) {
	need(t, "smbclient")
	need(t, "tshark")
	const signing, sealing = "smb3 signing algorithms", "smb3 encryption algorithms"
	rows := []struct{ dialect, protocol, choice, algorithm string }{
		{"2.1", "SMB2_10", signing, "HMAC-SHA256"},
		{"3.0", "SMB3_00", signing, "AES-128-CMAC"},
		{"3.1.1", "SMB3_11", signing, "AES-128-CMAC"},
		{"3.0", "SMB3_00", sealing, "AES-128-CCM"},
		{"3.1.1", "SMB3_11", sealing, "AES-128-CCM"},
		{"3.1.1", "SMB3_11", sealing, "AES-128-GCM"},
		{"3.1.1", "SMB3_11", sealing, "AES-256-CCM"},
		{"3.1.1", "SMB3_11", sealing, "AES-256-GCM"},
	}
	s := startServer(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "secret plan.txt"), content(1, 200_000), 0o644))
	var p pcap
	port := func(row int) int { return 50_000 + 100*row }
	lastSigned := 0 // the end of the last signed session in the file
	for i, row := range rows {
		c := startCapture(t, s)
		c.tap = p.tap(port(i))
		protection := map[string]string{signing: "sign", sealing: "encrypt"}[row.choice]
		client := smbclient{user: account + "%" + password, options: []string{
			"--option=client min protocol=" + row.protocol, "--max-protocol=" + row.protocol,
			"--client-protection=" + protection, "--option=client " + row.choice + "=" + row.algorithm,
		}}
		client.do(t, c.behind(t, s), dir, `put "secret plan.txt"`, "ls", `get "secret plan.txt" back`,
			"mkdir new", "rmdir new", `del "secret plan.txt"`)
		c.stop()
		if row.choice == signing {
			lastSigned = len(p.file)
		}
	}
	// One smbclient command leaves one connection, the row's first.
	file := filepath.Join(dir, "sessions.pcap")
	must(t, os.WriteFile(file, p.file, 0o600))
	got := tshark(t, file, password)
	blind := tshark(t, file, password+"x")
	flipped := bytes.Clone(p.file)
	flipped[lastSigned-1] ^= 1 // in the last message of the last signed session
	must(t, os.WriteFile(file, flipped, 0o600))
	forged := tshark(t, file, password)

	if plain := "s\x00e\x00c\x00r\x00e\x00t"; bytes.Contains(p.file[lastSigned:], []byte(plain)) {
		t.Error("the file's name crossed the wire unsealed")
	}
	for i, row := range rows {
		got, blind, forged := got[port(i)], blind[port(i)], forged[port(i)]
		if got == nil || blind == nil || forged == nil {
			t.Fatalf("tshark saw nothing of %s %s", row.dialect, row.algorithm)
		}
		t.Logf("%-5s %-12s %2d signed, %2d right, %d wrong; %2d sealed, %2d opened", row.dialect, row.algorithm,
			got.signed, got.good, got.bad, got.sealed, got.opened)
		if !strings.Contains(got.names, "secret plan.txt") {
			t.Errorf("%s %s: tshark did not find the file's name, but %q", row.dialect, row.algorithm, got.names)
		}
		// Without the password it can verify and open nothing.
		if blind.good > 0 || blind.opened > 0 {
			t.Errorf("%s %s: with a wrong password tshark verified %d and opened %d messages", row.dialect, row.algorithm, blind.good, blind.opened)
		}
		if row.choice == sealing {
			if got.sealed < 30 || got.opened != got.sealed {
				t.Errorf("%s %s: tshark opened %d messages of %d, want all and at least 30", row.dialect, row.algorithm, got.opened, got.sealed)
			}
			if strings.Contains(blind.names, "secret") {
				t.Errorf("%s %s: with a wrong password tshark found %q", row.dialect, row.algorithm, blind.names)
			}
			continue
		}
		if got.good < 30 || got.good != got.signed || got.bad > 0 {
			t.Errorf("%s %s: tshark finds %d signatures of %d right and %d wrong, want all right and at least 30",
				row.dialect, row.algorithm, got.good, got.signed, got.bad)
		}
		wrong := 0
		if i+1 < len(rows) && rows[i+1].choice == sealing { // the session with the flipped bit
			wrong = 1
		}
		if forged.bad != wrong || forged.good != got.good-wrong {
			t.Errorf("%s %s: with one bit flipped tshark calls %d signatures right and %d wrong, want %d and %d",
				row.dialect, row.algorithm, forged.good, forged.bad, got.good-wrong, wrong)
		}
	}
}
