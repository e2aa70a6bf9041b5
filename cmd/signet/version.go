package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionInfo is the answer of signet version --json.
type versionInfo struct {
	Version string      `json:"Version"`
	Go      string      `json:"Go"`
	OS      string      `json:"OS"`
	Arch    string      `json:"Arch"`
	Crypto  *cryptoInfo `json:"Crypto,omitempty"` // with --crypto
}

func (a *app) versionCommand() *cobra.Command {
	var crypto bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.version(crypto) },
	}
	cmd.Flags().BoolVar(&crypto, "crypto", false, "and by what signatures and ciphers are computed here: FIPS mode, instructions of the processor")
	return cmd
}

func (a *app) version(crypto bool) error {
	v := versionInfo{Version: version(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if crypto {
		v.Crypto = readCrypto()
	}
	if a.json {
		return a.printJSON(v)
	}
	text := fmt.Sprintf("signet %s %s/%s %s\n", v.Version, v.OS, v.Arch, v.Go)
	if crypto {
		text += v.Crypto.text()
	}
	_, err := a.stdout.WriteString(text)
	return err
}

// version is the module's version as the Go tool stamped it into the binary:
// a tag, a pseudo-version of the commit, or "(devel)".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
