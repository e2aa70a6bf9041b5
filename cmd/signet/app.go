package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// app is one run of the program: its streams and its global flags.
type app struct {
	stdin, stdout, stderr *os.File

	// newServer makes the SMB server; tests of the command line give another.
	newServer func(serverConfig) (smbServer, error)
	// patience with who holds the state directory and does not answer; 0 is
	// connectPatience. Tests have more of it, or less.
	patience time.Duration

	stateDir string // --state; empty is the default
	server   string // --server; empty is the one of the state directory
	keyFile  string // --key-file; empty is the default
	json     bool   // --json
	quiet    bool   // --quiet

	envPassword    string // of $SIGNET_PASSWORD, which is gone from the environment
	hasEnvPassword bool

	machinePolicy string // instead of machinePolicyFile, in tests
	machineOwner  int    // whose it must be, root's but in tests

	pool servers   // sessions of this run's commands, on other servers
	here *location // the directory of signet shell; nil outside of it

	log     *slog.Logger
	level   slog.LevelVar // of log
	stop    *stopping     // what signals have asked for
	started bool          // a command has begun: errors before that are about usage
}

// run does what the command line says and returns the exit code.
func (a *app) run(args []string) int {
	a.takeEnvPassword()
	a.logTo()
	if err := harden(); err != nil {
		return a.report(err)
	}
	a.stop = watchSignals()
	defer a.stop.end()
	root := a.rootCommand()
	root.SetArgs(negativeCodes(args))
	err := root.ExecuteContext(a.stop.gently)
	a.pool.close()
	return a.report(err)
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "signet",
		Short: "Share folders over SMB, with every message signed",
		Long: "Signet shares folders over SMB with Windows, macOS and Linux.\n" +
			"Every message of a signed-in session is signed or encrypted.",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRun: func(*cobra.Command, []string) {
			a.started = true
			a.logTo()
			if a.quiet {
				a.level.Set(slog.LevelWarn)
			}
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&a.stateDir, "state", "", "state `directory` (default: /var/lib/signet for root, else ~/.local/state/signet)")
	flags.StringVar(&a.server, "server", "", "`socket` of the server to speak to; operators name /run/signet/signet.sock (default: that of the state directory)")
	flags.StringVar(&a.keyFile, "key-file", "", "`file` with the key that seals the stored accounts (default: in the state directory)")
	flags.BoolVar(&a.json, "json", false, "print JSON; log it, too")
	flags.BoolVar(&a.quiet, "quiet", false, "print results, warnings and errors only")
	root.AddCommand(a.serveCommand(), a.statusCommand(), a.userCommand(), a.shareCommand(), a.ruleCommand(),
		a.configCommand(), a.sessionCommand(), a.connectionCommand(), a.openFileCommand(), a.eventCommand(), a.adminCommand(), a.reloadCommand(), a.doctorCommand(), a.versionCommand(),
		a.lsCommand(), a.statCommand(), a.catCommand(), a.getCommand(), a.putCommand(), a.cpCommand(), a.mvCommand(), a.rmCommand(),
		a.mkdirCommand(), a.rmdirCommand(), a.treeCommand(), a.findCommand(), a.syncCommand(), a.watchCommand(), a.shellCommand(), a.infoCommand())
	return root
}

// withContext makes a cobra function of one that needs the context only.
func withContext(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error { return f(cmd.Context(), args) }
}
