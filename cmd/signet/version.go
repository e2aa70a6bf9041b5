package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionInfo is the answer of signet version --json.
type versionInfo struct {
	Version string `json:"Version"`
	Go      string `json:"Go"`
	OS      string `json:"OS"`
	Arch    string `json:"Arch"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := versionInfo{Version: version(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
			if a.json {
				return a.printJSON(v)
			}
			_, err := fmt.Fprintf(a.stdout, "signet %s %s/%s %s\n", v.Version, v.OS, v.Arch, v.Go)
			return err
		},
	}
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
