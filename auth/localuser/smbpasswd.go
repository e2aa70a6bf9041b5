package localuser

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
)

// Bounds of a file of accounts.
const (
	maxSmbpasswdLine  = 4096
	maxSmbpasswdLines = 1 << 15
	maxLineErrors     = 20
)

// SmbpasswdEntry is a line of a file of Samba's accounts that is well formed.
type SmbpasswdEntry struct {
	Imported
	Line int    // from 1
	Skip string // why it is no account that could sign in here; "" if it is one
}

// ReadSmbpasswd reads accounts in Samba's form, smbpasswd(5), which pdbedit -Lw
// writes. LM hashes are not looked at. The error names the lines that are
// malformed, the first of them by number; it repeats nothing of a line but the
// name in it, for the rest may be a hash.
func ReadSmbpasswd(r io.Reader) ([]SmbpasswdEntry, error) {
	var entries []SmbpasswdEntry
	var bad []error
	seen := make(map[string]int)
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, maxSmbpasswdLine), maxSmbpasswdLine)
	number := 0
	for lines.Scan() && len(bad) < maxLineErrors {
		if number++; number > maxSmbpasswdLines {
			return nil, fmt.Errorf("more than %d lines", maxSmbpasswdLines)
		}
		line := strings.TrimRight(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseSmbpasswd(line)
		if before := seen[auth.Upcase(e.Name)]; err == nil && before != 0 {
			err = fmt.Errorf("%q is there before, in line %d", e.Name, before)
		}
		if err != nil {
			bad = append(bad, fmt.Errorf("line %d: %w", number, err))
			continue
		}
		e.Line = number
		seen[auth.Upcase(e.Name)] = number
		entries = append(entries, e)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		bad = append(bad, fmt.Errorf("line %d: it is longer than %d bytes", number+1, maxSmbpasswdLine))
	case err != nil:
		return nil, err
	}
	return entries, errors.Join(bad...)
}

// parseSmbpasswd reads name:uid:LM hash:NT hash:[flags]:LCT-time:
func parseSmbpasswd(line string) (e SmbpasswdEntry, err error) {
	fields := strings.Split(line, ":")
	if len(fields) < 5 {
		return e, errors.New("it has not the fields name, uid, LM hash, NT hash and [flags] with colons between them")
	}
	e.Name = fields[0]
	nt, flags := fields[3], fields[4]
	inside, ok := strings.CutPrefix(flags, "[")
	inside, ok2 := strings.CutSuffix(inside, "]")
	if !ok || !ok2 || strings.Trim(inside, "UNDHTMWSLXI ") != "" {
		return e, errors.New("the account's flags are not there: [U          ]")
	}
	has := func(flag string) bool { return strings.Contains(inside, flag) }
	e.Disabled = has("D") || has("L")
	if len(nt) != 2*len(e.Hash) {
		return e, errors.New("the NT hash has not 32 digits")
	}
	switch {
	case has("W") || has("S") || has("I"):
		e.Skip = "it is the account of a machine or of a domain"
	case strings.Trim(nt, "X") == "" || strings.HasPrefix(nt, "NO PASSWORD"):
		e.Skip = "it has no password"
	default:
		hash, err := hex.DecodeString(nt)
		if err != nil {
			return e, errors.New("the NT hash is no hexadecimal number")
		}
		e.Hash = ntlm.NTHash(hash)
		clear(hash)
		switch {
		case isEmptyPassword(e.Hash):
			e.Skip = "its password is empty"
		case has("N"):
			e.Skip = "it needs no password"
		}
	}
	if e.Skip != "" {
		return e, nil
	}
	return e, checkName(e.Name)
}
