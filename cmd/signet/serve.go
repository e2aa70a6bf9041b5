package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy"
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
	// they are under another policy.
	Noncomplying(*policy.Snapshot) []admin.SessionID
	// Serves reports whether there is a share of that name now.
	Serves(share string) bool
}

// serverConfig is what a server is made of.
type serverConfig struct {
	shares    []shareSpec
	protected []string // paths that no client may meet; they exist
	actor     actor
	accounts  *accountStore
	policy    *policyInForce
	guid      dtyp.GUID
	events    *journal.Journal // nil: nobody is told of events
	log       *slog.Logger
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
	anchors      []string
	anchorEvery  time.Duration
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
	flags.StringArrayVar(&f.anchors, "event-anchor", nil, "`place` outside that is given the head of the log of events: file:PATH, syslog or syslog+tcp:HOST:PORT; may be repeated")
	flags.DurationVar(&f.anchorEvery, "event-anchor-interval", 10*time.Minute, "how often")
	flags.BoolVar(&f.check, "check", false, "find mistakes in the command line, and exit")
	return cmd
}

// serve is signet serve: its steps in the order in which a failure does the
// least harm. Nothing is created before the addresses are ours, and the
// account last of all, because its password is shown once.
func (a *app) serve(ctx context.Context, args []string, f serveFlags) error {
	plan, err := a.planServe(args, f)
	if err != nil || f.check {
		return err
	}
	dir, err := a.openState()
	if err != nil {
		return err
	}
	defer dir.Close()
	lock, other, err := a.lockOrServer(ctx, dir)
	if err != nil {
		return err
	}
	if other != nil {
		return other
	}
	defer lock.Unlock()
	key, err := dir.SecretsKey(a.keyFile)
	if err != nil {
		return err
	}
	accounts, err := openAccounts(ctx, dir, key)
	if err != nil {
		return err
	}
	defer accounts.Close()
	shares, err := openCatalog(ctx, dir, accounts, a.log)
	if err != nil {
		return err
	}
	defer shares.Close()
	anchors, anchorFiles, err := parseAnchors(f.anchors)
	if err != nil {
		return err
	}
	events, err := openEvents(ctx, dir, journal.Options{Logger: a.log, Anchors: anchors, AnchorEvery: f.anchorEvery})
	if err != nil {
		return err
	}
	defer closeEvents(events, a.log)
	shares.given, shares.file, shares.fromFile, shares.readOnly = plan.shares, f.config, plan.fromFile, f.readOnly
	shares.listen, shares.policy = plan.fileListen, newPolicyInForce()
	config, err := openConfig(ctx, shares.store, shares.policy, a.log)
	if err != nil {
		return err
	}
	config.shares = shares
	if err := shares.policy.setFile(plan.file, nil); err != nil {
		return usagef("%s, and what signet config history shows: %w", f.config, err)
	}
	if plan.shares, err = shares.specs(ctx); err != nil {
		return err
	}
	if len(plan.shares) == 0 {
		return errNothingToServe
	}
	account, err := a.chooseAccount(ctx, accounts, f.user, f.passwordFile)
	if err != nil {
		return err
	}
	listeners, instead, err := listenAll(ctx, plan.listen, a.atTerminal() && f.config == "")
	if err != nil {
		return err
	}
	defer closeAll(listeners)
	socket, err := dir.Listen()
	if err != nil {
		return err
	}
	defer socket.Close()
	guid, err := dir.ServerGUID()
	if err != nil {
		return err
	}
	protected, err := protectedPaths(dir, key, append(anchorFiles, f.passwordFile, f.config)...)
	if err != nil {
		return err
	}
	server, err := a.newServer(serverConfig{
		shares: plan.shares, protected: protected, actor: plan.actor, accounts: accounts, policy: shares.policy, guid: guid, events: events, log: a.log,
	})
	if err != nil {
		return err
	}
	shares.attach(server)
	config.attach(server)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	atTerminal := a.atTerminal()
	handler := admin.NewHandler(admin.Config{
		Version:       version(),
		Inspector:     &inspector{key: key, server: server, policy: shares.policy, config: config, listen: addresses(listeners)},
		Accounts:      accounts,
		Shares:        shares,
		Configuration: config,
		IsOperator:    isOperator,
		Activity:      server,
		Events:        events,
		Reload:        shares.reload,
		Logger:        a.log,
	})
	run := &running{
		server: server, listeners: listeners,
		admin: admin.NewServer(handler, a.log), socket: socket,
		hangups: hangups, reload: shares.reload, keepDeadlines: config.keepDeadlines,
		terminalGone: func() bool { return atTerminal && !a.atTerminal() },
		log:          a.log,
	}
	if account.create {
		if err := accounts.Add(ctx, admin.NewUser{Name: account.name, Password: account.password.text}); err != nil {
			return errors.Join(err, run.shutdown(ctx))
		}
	}
	shares.policy.warn(ctx, a.log)
	words := &announcement{plan: plan, policy: inForce(shares.policy.current()), account: account, listeners: listeners, instead: instead}
	if plan.actor.twins {
		words.twinless = accounts.twinless(ctx, account.name)
	}
	a.announce(ctx, words)
	return run.untilStopped(a.stop)
}

// servePlan is what the command line of serve asks for, found to make sense.
type servePlan struct {
	shares   []shareSpec // of the command line; then those to serve
	fromFile []shareSpec // of the configuration file
	actor    actor
	listen   []string // empty: the default

	fileListen []string         // the addresses that the configuration file says
	file       []*policy.Values // what it says of properties
}

// errNothingToServe tells that there is no share at all.
var errNothingToServe = usagef("nothing to serve: signet serve DIR, or NAME=DIR, or first signet share add NAME DIR")

// planServe reads the command line of serve. It changes nothing.
func (a *app) planServe(args []string, f serveFlags) (*servePlan, error) {
	if f.anchorEvery < time.Second {
		return nil, usagef("--event-anchor-interval %v is less than a second", f.anchorEvery)
	}
	plan := new(servePlan)
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
	return (&catalog{state: state}).checkAll(p.fromFile)
}
