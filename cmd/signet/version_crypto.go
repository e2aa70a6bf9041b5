package main

import (
	"bufio"
	"crypto/fips140"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/signet-smb/signet/auth/ntlm"
)

// By what a primitive is computed.
const (
	byProcessor = "Processor"
	bySoftware  = "Software"
	notKnown    = "NotKnown"
)

// cryptoInfo says by what signatures and ciphers are computed, as signet version
// --crypto --json prints it.
type cryptoInfo struct {
	Mode   string `json:"FIPS140"`        // Off, On, or Only
	Module string `json:"GoCryptoModule"` // the version of Go's module; "latest": that of Go itself
	AES    string `json:"AES"`            // by what
	GHASH  string `json:"GHASH"`          // the hash of GCM and GMAC
	SHA256 string `json:"SHA256"`
	NTLM   string `json:"NTLM"` // "", or why nobody can sign in by it
}

// readCrypto asks the processor and the runtime.
func readCrypto() *cryptoInfo {
	c := &cryptoInfo{Mode: "Off", Module: fips140.Version(), AES: bySoftware, GHASH: bySoftware, SHA256: sha256By()}
	switch {
	case fips140.Enforced():
		c.Mode = "Only"
	case fips140.Enabled():
		c.Mode = "On"
	}
	if cpu.X86.HasAES || cpu.ARM64.HasAES || cpu.S390X.HasAES {
		c.AES = byProcessor
	}
	if cpu.X86.HasPCLMULQDQ || cpu.ARM64.HasPMULL || cpu.S390X.HasGHASH {
		c.GHASH = byProcessor
	}
	if err := ntlm.Available(); err != nil {
		c.NTLM = err.Error()
	}
	return c
}

// sha256By tells by what SHA-256 is computed. The flag of x86 is in none of the
// tables that programs may read, but Linux shows it.
func sha256By() string {
	switch {
	case cpu.ARM64.HasSHA2, cpu.S390X.HasSHA256:
		return byProcessor
	case runtime.GOARCH != "amd64":
		return bySoftware
	}
	flags, ok := processorFlags("/proc/cpuinfo")
	switch {
	case !ok:
		return notKnown
	case slices.Contains(flags, "sha_ni"):
		return byProcessor
	}
	return bySoftware
}

// processorFlags returns the flags of the first processor in a file as Linux
// makes it on x86.
func processorFlags(path string) ([]string, bool) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, flags, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "flags" {
			return strings.Fields(flags), true
		}
	}
	return nil, false
}

// text is c for people.
func (c *cryptoInfo) text() string {
	mode := map[string]string{
		"Off":  "off",
		"On":   "on: Go's module tests itself, and is used where it has the algorithm",
		"Only": "only: what Go's module does not approve of is refused",
	}[c.Mode]
	by := map[string]string{byProcessor: "by the processor's instructions", bySoftware: "in software", notKnown: "not known"}
	aes := by[c.AES]
	if c.AES == bySoftware {
		aes += ", by tables: slow, and how long it takes depends on the key"
	}
	ntlm := "available"
	if c.NTLM != "" {
		ntlm = c.NTLM
	}
	var b strings.Builder
	for _, row := range [][2]string{
		{"FIPS 140-3", mode},
		{"Module", "Go Cryptographic Module, " + c.Module + "; AES-CMAC and AES-CCM are Signet's own; no validation is claimed"},
		{"AES", aes},
		{"GHASH", by[c.GHASH]},
		{"SHA-256", by[c.SHA256]},
		{"NTLM", ntlm},
	} {
		fmt.Fprintf(&b, "%-12s%s\n", row[0], escape(row[1]))
	}
	return b.String()
}
