package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/internal/statedir"
)

// A command meets the lock held without a socket behind it while a server
// starts, or while another command works: moments, so it tries again for so
// long.
const (
	connectPatience = 10 * time.Second
	connectInterval = 50 * time.Millisecond
)

// openState opens the state directory of --state, or the default one.
func (a *app) openState() (*statedir.Dir, error) {
	path, err := a.statePath()
	if err != nil {
		return nil, err
	}
	return statedir.Open(path)
}

func (a *app) statePath() (string, error) {
	if a.stateDir != "" {
		return a.stateDir, nil
	}
	return statedir.Default()
}

// withClient calls f with a client of the API: of the server at the socket of
// --server, or of the one that holds the state directory, or, if none runs, of
// this process, which holds it meanwhile.
func (a *app) withClient(ctx context.Context, f func(*admin.Client) error) error {
	if a.server != "" {
		client := admin.OverSocket(func(ctx context.Context) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", a.server)
		})
		defer client.Close()
		return f(client)
	}
	dir, err := a.openState()
	if err != nil {
		return err
	}
	defer dir.Close()

	lock, server, err := a.lockOrServer(ctx, dir)
	switch {
	case err != nil:
		return err
	case server != nil:
		client := admin.OverSocket(dir.Dial)
		defer client.Close()
		return f(client)
	default:
		defer lock.Unlock()
		return a.withOwnClient(ctx, dir, f)
	}
}

// lockOrServer takes the state directory for this process, or finds the server
// that has it: server then names its process. It waits for a moment while the
// holder is not yet, or is not, a server.
func (a *app) lockOrServer(ctx context.Context, dir *statedir.Dir) (lock *statedir.Lock, server *statedir.HeldError, err error) {
	patience, cancel := context.WithTimeout(ctx, cmp.Or(a.patience, connectPatience))
	defer cancel()
	for {
		lock, err := dir.Lock()
		held, ok := errors.AsType[*statedir.HeldError](err)
		if !ok {
			return lock, nil, err
		}
		// Whether the socket answers is found out before anything is asked
		// over it, for that is asked once.
		conn, err := dir.Dial(ctx)
		if err == nil {
			return nil, held, conn.Close()
		}
		if errors.Is(err, os.ErrPermission) {
			return nil, nil, err
		}
		select {
		case <-patience.Done():
			if ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			return nil, nil, fmt.Errorf("%w, which does not answer on its socket %s", held, dir.SocketPath())
		case <-time.After(connectInterval):
		}
	}
}

// withOwnClient calls f with a client of this process's own handlers. The
// caller holds the lock.
func (a *app) withOwnClient(ctx context.Context, dir *statedir.Dir, f func(*admin.Client) error) error {
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
	events, err := openEvents(ctx, dir, journal.Options{})
	if err != nil {
		return err
	}
	defer events.Close()
	inForce := newPolicyInForce()
	if err := inForce.under(a.machineAbove(ctx)); err != nil {
		return err
	}
	config, err := openConfig(ctx, shares.store, inForce, slog.New(slog.DiscardHandler))
	if config == nil {
		return err
	}
	if err != nil { // a value without meaning: it can be reset
		a.log.WarnContext(ctx, "a stored value is left out", "err", err)
	}
	config.useAccounts(accounts)
	config.shares = shares
	if err := config.tellTo(ctx, events); err != nil {
		a.log.WarnContext(ctx, "the log of events does not have every change of the configuration", "err", err)
	}
	config.publishTo(ctx, dir)
	client := admin.InProcess(admin.NewHandler(admin.Config{
		Version:       version(),
		Inspector:     &inspector{key: key, policy: inForce, config: config},
		Accounts:      accounts,
		Shares:        shares,
		Configuration: config,
		Rules:         config,
		Events:        events,
		Audit:         events,
	}))
	return f(client)
}
