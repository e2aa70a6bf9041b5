package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/web"
)

// service is signet serve from the plan to the end. What a step sets, later
// ones use.
type service struct {
	app    *app
	plan   *servePlan
	flags  serveFlags
	policy *policyInForce

	// of openStores
	dir         *statedir.Dir
	key         statedir.KeyLocation
	accounts    *accountStore
	shares      *catalog
	events      *journal.Journal
	history     *history.History
	anchorFiles []string
	config      *configService

	account firstAccount // of decide

	// of listen
	listeners []net.Listener
	instead   error // why it is not port 445, if that was wanted
	socket    *net.UnixListener
	guid      dtyp.GUID
	console   adminEnd

	signIns *admin.SignIns
	closers []func() // of what was opened, the last last
}

// opened notes what close is to close.
func (s *service) opened(closer func()) { s.closers = append(s.closers, closer) }

// close closes what was opened, the last first.
func (s *service) close() {
	for _, closer := range slices.Backward(s.closers) {
		closer()
	}
}

// run takes the steps in the order in which a failure does the least harm.
// Nothing is created before the addresses are ours, and the account last of
// all, because its password is shown once.
func (s *service) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.openState, s.openStores, s.decide, s.listen} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	work, err := s.assemble()
	if err != nil {
		return err
	}
	if s.account.create {
		if err := s.addAccount(ctx); err != nil {
			return errors.Join(err, work.shutdown(ctx))
		}
	}
	s.announce(ctx)
	return work.untilStopped(s.app.stop)
}

// openState takes the state directory for this process.
func (s *service) openState(ctx context.Context) error {
	dir, err := s.app.openState()
	if err != nil {
		return err
	}
	s.dir = dir
	s.opened(func() { dir.Close() })
	lock, other, err := s.app.lockOrServer(ctx, dir)
	if err != nil {
		return err
	}
	if other != nil {
		return other
	}
	s.opened(func() { lock.Unlock() })
	return nil
}

// openStores opens what is in the state directory.
func (s *service) openStores(ctx context.Context) (err error) {
	if s.key, err = s.dir.SecretsKey(s.app.keyFile); err != nil {
		return err
	}
	if s.accounts, err = openAccounts(ctx, s.dir, s.key); err != nil {
		return err
	}
	s.opened(func() { s.accounts.Close() })
	if s.shares, err = openCatalog(ctx, s.dir, s.accounts, s.app.log); err != nil {
		return err
	}
	s.opened(func() { s.shares.Close() })
	anchors, files, err := parseAnchors(s.plan.anchors.names)
	if err != nil {
		return err
	}
	s.anchorFiles = files
	s.events, err = openEvents(ctx, s.dir, journal.Options{Logger: s.app.log, Anchors: anchors, AnchorEvery: s.plan.anchors.every})
	if err != nil {
		return err
	}
	s.opened(func() { closeEvents(s.events, s.app.log) })
	if s.history, err = history.Open(ctx, s.dir.File(historyFile), s.app.log); err != nil {
		return err
	}
	s.opened(func() { closeHistory(s.history, s.app.log) })
	return nil
}

// decide puts in force what was decided, and finds out what to serve to whom.
func (s *service) decide(ctx context.Context) (err error) {
	plan, shares := s.plan, s.shares
	shares.given, shares.file, shares.fromFile, shares.readOnly = plan.shares, s.flags.config, plan.fromFile, s.flags.readOnly
	shares.listen, shares.admin, shares.policy = plan.fileListen, plan.fileAdmin, s.policy
	if err := s.policy.under(s.app.machineAbove(ctx)); err != nil {
		return err
	}
	if s.config, err = openConfig(ctx, shares.store, s.policy, s.app.log); err != nil {
		return err
	}
	s.config.shares, s.config.history = shares, s.history
	if err := s.config.tellTo(ctx, s.events); err != nil {
		return err
	}
	s.config.publishTo(ctx, s.dir)
	if err := s.policy.setFile(plan.file, nil); err != nil {
		return usagef("%s, and what signet config history shows: %w", s.flags.config, err)
	}
	s.policy.alertTo(s.events.Record)
	if plan.shares, err = shares.specs(ctx); err != nil {
		return err
	}
	if len(plan.shares) == 0 {
		return errNothingToServe
	}
	s.account, err = s.app.chooseAccount(ctx, s.accounts, s.flags.user, s.flags.passwordFile)
	return err
}

// listen takes the addresses, and what the server is known by.
func (s *service) listen(ctx context.Context) (err error) {
	s.listeners, s.instead, err = listenAll(ctx, s.plan.listen, s.app.atTerminal() && s.flags.config == "")
	if err != nil {
		return err
	}
	s.opened(func() { closeAll(s.listeners) })
	if s.socket, err = s.dir.Listen(); err != nil {
		return err
	}
	s.opened(func() { s.socket.Close() })
	if s.console, err = s.plan.admin.listenAdmin(ctx, s.dir); err != nil {
		return err
	}
	if l := s.console.listener; l != nil {
		s.opened(func() { l.Close() })
	}
	s.guid, err = s.dir.ServerGUID()
	return err
}

// assemble makes the server and what administers it.
func (s *service) assemble() (*running, error) {
	a := s.app
	others := append(append([]string{s.flags.passwordFile, s.flags.config}, s.anchorFiles...), s.plan.admin.files...)
	protected, err := protectedPaths(s.dir, s.key, others...)
	if err != nil {
		return nil, err
	}
	remote := &procedures{accounts: s.accounts, log: a.log}
	s.opened(remote.closing.Wait)
	server, err := a.newServer(serverConfig{
		shares: s.plan.shares, protected: protected, actor: s.plan.actor, accounts: s.accounts, policy: s.policy, guid: s.guid, events: s.events, history: s.history, procedures: remote.offer(), log: a.log,
	})
	if err != nil {
		return nil, err
	}
	s.shares.attach(server)
	s.config.attach(server)
	s.config.useAccounts(s.accounts)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	s.opened(func() { signal.Stop(hangups) })
	atTerminal := a.atTerminal()
	s.signIns = admin.NewSignIns(s.accounts, s.events, a.log)
	handler := admin.NewHandler(admin.Config{
		Version: version(),
		Inspector: &inspector{
			key: s.key, server: server, policy: s.policy, config: s.config, listen: addresses(s.listeners), admin: s.console.url,
		},
		Accounts:      s.accounts,
		Shares:        s.shares,
		Configuration: s.config,
		Rules:         s.config,
		Foresight:     s.config,
		IsOperator:    isOperator,
		Activity:      server,
		Events:        s.events,
		Audit:         s.events,
		SignIns:       s.signIns,
		Reload:        s.shares.reload,
		Peers:         newPeers(s.plan.peers, s.policy.current, a.log),
		Metrics:       s.metricsHandler(server),
		Ready:         func(ctx context.Context) error { return s.ready(ctx, server) },
		Logger:        a.log,
	})
	remote.attach(handler)
	run := &running{
		server: server, listeners: s.listeners,
		admin: admin.NewServer(handler, a.log), socket: s.socket,
		hangups: hangups, reload: s.reload, keepDeadlines: s.config.keepDeadlines,
		terminalGone: func() bool { return atTerminal && !a.atTerminal() },
		log:          a.log,
	}
	if s.console.listener != nil {
		s.signIns.Reached(s.console.url, s.console.fingerprint)
		run.consoleAt = s.console.listener
		run.console = admin.NewConsole(handler, admin.ConsoleConfig{
			SignIns: s.signIns, TLS: s.console.tls, Names: s.console.names, MetricsToken: s.plan.admin.token, Audit: s.events, Logger: a.log, Page: web.Handler(),
		})
	}
	return run, nil
}

// reload reads the configuration file again, because a signal asks for it.
func (s *service) reload(ctx context.Context) error {
	if err := s.shares.reload(ctx); err != nil {
		return err
	}
	s.tell(ctx, event.Event{Kind: event.ConfigurationReloaded, User: "signet", Means: "Signal"})
	return nil
}

// tell records an event of what is done and stays so.
func (s *service) tell(ctx context.Context, e event.Event) {
	if err := s.events.RecordAll(ctx, e); err != nil {
		s.app.log.ErrorContext(ctx, "an event is not in the log of events yet", "name", e.Kind.Name, "err", err)
	}
}

// addAccount makes the account that the command line asks for.
func (s *service) addAccount(ctx context.Context) error {
	if err := s.accounts.Add(ctx, admin.NewUser{Name: s.account.name, Password: s.account.password.text}); err != nil {
		return err
	}
	self := admin.Self()
	s.tell(ctx, event.Event{Kind: event.AccountChanged, User: self.Account(), Means: self.Means, Object: s.account.name, Reason: "added"})
	return nil
}

// announce tells how the shares are reached.
func (s *service) announce(ctx context.Context) {
	s.policy.warn(ctx, s.app.log)
	words := &announcement{
		plan: s.plan, policy: inForce(s.policy.current()), account: s.account, listeners: s.listeners, instead: s.instead, admin: s.console,
	}
	if s.plan.actor.twins {
		words.twinless = s.accounts.twinless(ctx, s.account.name)
	}
	s.app.announce(ctx, words)
}
