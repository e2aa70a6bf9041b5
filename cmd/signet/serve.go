package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// smbServer is what serve needs of package server.
type smbServer interface {
	// Serve accepts connections until Shutdown; then, and only then, it
	// returns nil. It may be called for several listeners.
	Serve(net.Listener) error
	// Shutdown lets requests in progress finish until ctx ends, then closes
	// everything.
	Shutdown(ctx context.Context) error
	// Activity is empty before Serve and after Shutdown.
	admin.Activity
	// SetShares replaces the shares. On failure nothing has changed.
	SetShares([]shareSpec) error
	// Noncomplying lists the signed-in sessions that could not be set up as
	// they are under another policy at a time.
	Noncomplying(*policy.Snapshot, time.Time) []admin.SessionID
	// Metrics tells what the server has counted.
	Metrics() server.Metrics
	// Serves reports whether there is a share of that name now.
	Serves(share string) bool
	// ShareUses says how many tree connects there are to a share.
	ShareUses(share string) uint32
}

// serverConfig is what a server is made of.
type serverConfig struct {
	shares     []shareSpec
	protected  []string // paths that no client may meet; they exist
	actor      actor
	accounts   *accountStore
	policy     *policyInForce
	guid       dtyp.GUID
	events     *journal.Journal // nil: nobody is told of events
	history    *history.History // nil: nobody is told what sessions show
	procedures server.Procedures
	log        *slog.Logger
}

// serveFlags are the flags of serve.
type serveFlags struct {
	listen       []string
	config       string
	user         string
	passwordFile string
	readOnly     bool
	runAs        string
	check        bool
	admin        adminFlags
	anchors      anchorFlags
	peers        []string
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [DIR | NAME=DIR[:ro] ...]",
		Short: "Share folders until told to stop",
		Long: "Share folders in the foreground. A folder is shared under its own name, or as\n" +
			"NAME; :ro shares it for reading only. Without any, what signet share add has\n" +
			"stored is served, and changes to it while the server runs. SIGTERM and Ctrl-C let requests in\n" +
			"progress finish; a second one ends at once.",
		RunE: withContext(func(ctx context.Context, args []string) error { return a.serve(ctx, args, f) }),
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.listen, "listen", nil, "`address` to serve at, HOST:PORT; may be repeated (default \":445\")")
	flags.StringVar(&f.config, "config", "", "configuration `file` (signet.yaml): addresses and shares")
	flags.StringVar(&f.user, "user", "", "account to create if there is none of that `name` (default: your own, if there is no account at all)")
	flags.StringVar(&f.passwordFile, "password-file", "", "`file` that holds its password; - is standard input")
	flags.BoolVar(&f.readOnly, "read-only", false, "share every folder for reading only")
	flags.StringVar(&f.runAs, "run-as", "", "system user `name` as whom files are used; needs root")
	flags.StringVar(&f.admin.addr, "admin", "", "`address` at which administrators sign in, HOST:PORT, or off; beyond this host always with TLS (default \""+defaultAdmin+"\", if that is free)")
	flags.StringVar(&f.admin.certificate, "admin-certificate", "", "`file` with the certificate for that (default: one that signs itself)")
	flags.StringVar(&f.admin.key, "admin-key", "", "`file` with its key")
	flags.StringVar(&f.admin.metricsToken, "metrics-token-file", "", "`file` with the token that lets a program read /metrics there (default: only who has signed in may)")
	flags.StringArrayVar(&f.anchors.names, "event-anchor", nil, "`place` outside that is given the head of the log of events: file:PATH, syslog or syslog+tcp:HOST:PORT; may be repeated")
	flags.DurationVar(&f.anchors.every, "event-anchor-interval", 0, "how often (default 10m0s)")
	flags.StringArrayVar(&f.peers, "peer", nil, "`server`, HOST or HOST:PORT, whose SMB settings administrators may ask for here; may be repeated")
	flags.BoolVar(&f.check, "check", false, "find mistakes in the command line, and exit")
	return cmd
}

// serve is signet serve.
func (a *app) serve(ctx context.Context, args []string, f serveFlags) error {
	plan, err := a.planServe(args, f)
	if err != nil || f.check {
		return err
	}
	s := &service{app: a, plan: plan, flags: f, policy: newPolicyInForce()}
	defer s.close()
	return s.run(ctx)
}

// servePlan is what the command line of serve asks for, found to make sense.
type servePlan struct {
	shares   []shareSpec // of the command line; then those to serve
	fromFile []shareSpec // of the configuration file
	actor    actor
	listen   []string // empty: the default
	admin    adminPlan
	anchors  anchorFlags
	peers    []string // that may be asked for their settings

	fileListen []string         // the addresses that the configuration file says
	fileAdmin  adminFlags       // and what it says of the administration
	file       []*policy.Values // what it says of properties
}

// errNothingToServe tells that there is no share at all.
var errNothingToServe = usagef("nothing to serve: signet serve DIR, or NAME=DIR, or first signet share add NAME DIR")

// planServe reads the command line of serve. It changes nothing.
func (a *app) planServe(args []string, f serveFlags) (*servePlan, error) {
	if f.anchors.every != 0 && f.anchors.every < time.Second {
		return nil, usagef("--event-anchor-interval %v is less than a second", f.anchors.every)
	}
	plan := &servePlan{anchors: f.anchors}
	var err error
	if plan.shares, err = parseShares(args); err != nil {
		return nil, err
	}
	if plan.actor, err = resolveActor(f.runAs); err != nil {
		return nil, err
	}
	for _, addr := range f.listen {
		addr, err := parseListen(addr)
		if err != nil {
			return nil, err
		}
		plan.listen = append(plan.listen, addr)
	}
	state, err := a.statePath()
	if err != nil {
		return nil, err
	}
	if f.config != "" {
		if err := plan.readConfig(f.config, state); err != nil {
			return nil, err
		}
	}
	plan.anchors = plan.anchors.below(anchorFlags{})
	if plan.peers, err = parsePeers(append(f.peers, plan.peers...)); err != nil {
		return nil, err
	}
	if plan.admin, err = planAdmin(f.admin.below(plan.fileAdmin)); err != nil {
		return nil, err
	}
	if err := refuseState(plan.shares, state); err != nil {
		return nil, err
	}
	// A state directory that is there must be safe; one that is not will be
	// made.
	dir, err := statedir.OpenExisting(state)
	if errors.Is(err, fs.ErrNotExist) {
		if len(plan.shares)+len(plan.fromFile) == 0 {
			return nil, errNothingToServe
		}
		return plan, nil
	}
	if err != nil {
		return nil, err
	}
	return plan, dir.Close()
}

// readConfig takes what the configuration file asks for into the plan, below
// what the command line does.
func (p *servePlan) readConfig(file, state string) error {
	config, err := readConfig(file)
	if err != nil {
		return err
	}
	if len(p.listen) == 0 {
		p.listen = config.listen
	}
	p.fromFile, p.fileListen, p.file = config.shares, config.listen, config.layers()
	p.peers = config.peers
	p.fileAdmin, p.anchors = config.admin, p.anchors.below(config.anchors)
	return (&catalog{state: state}).checkAll(p.fromFile)
}
