package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/rpc/winreg"
	"github.com/signet-smb/signet/policy/gpo"
)

// registry is the policy as values of a Windows registry: those that Windows
// keeps for its SMB server and client (policy/gpo has the table), each with
// what is in force. It implements winreg.Registry by way of the administration,
// so a write is judged, journalled and told as signet config set is.
//
// A registry has no place for a reason: the journal has the value's name there,
// and the word for the way is Registry.
type registry struct{ *procedures }

// viaRegistry is the word for the way of a registry's values.
const viaRegistry = "Registry"

// Values implements winreg.Registry.
func (r registry) Values(ctx context.Context, caller *rpc.Caller) ([]winreg.Value, error) {
	c, err := r.client(ctx, caller, viaRegistry)
	if err != nil {
		return nil, err
	}
	config, err := c.Config(ctx)
	if err != nil {
		return nil, procedureError(err)
	}
	inForce := make(map[string]string)
	for _, p := range config.Properties {
		inForce[p.Side+"."+p.Name] = p.Value
	}
	var list []winreg.Value
	for _, e := range gpo.Entries() {
		list = append(list, winreg.Value{Key: e.Key, Name: e.Name, Type: winreg.Type(e.Type), Data: e.Format(inForce[e.Property])})
	}
	return list, nil
}

// Set implements winreg.Registry.
func (r registry) Set(ctx context.Context, caller *rpc.Caller, v winreg.Value) error {
	e, ok := gpo.FindEntry(v.Key, v.Name)
	if !ok {
		return fmt.Errorf("%w: no property", fs.ErrNotExist)
	}
	text, err := e.Parse(uint32(v.Type), v.Data)
	if err != nil {
		return fmt.Errorf("%w: %w", winreg.ErrInvalid, err)
	}
	return r.change(ctx, caller, e, admin.ConfigChange{Set: map[string]string{e.Property: text}})
}

// Reset implements winreg.Registry.
func (r registry) Reset(ctx context.Context, caller *rpc.Caller, key, name string) error {
	e, ok := gpo.FindEntry(key, name)
	if !ok {
		return fs.ErrNotExist
	}
	return r.change(ctx, caller, e, admin.ConfigChange{Reset: []string{e.Property}})
}

// change makes a change, unless a higher layer holds the property: that the
// value is stored and does nothing cannot be said by a registry.
func (r registry) change(ctx context.Context, caller *rpc.Caller, e gpo.Entry, change admin.ConfigChange) error {
	c, err := r.client(ctx, caller, viaRegistry)
	if err != nil {
		return err
	}
	change.Reason = `HKLM\` + e.Key + `\` + e.Name
	trial := change
	trial.DryRun = true
	result, err := c.ChangeConfig(ctx, trial)
	if err != nil {
		return registryError(err)
	}
	for _, effect := range result.Effects {
		if effect.HeldBy != "" {
			return fmt.Errorf("%w: %s", winreg.ErrHeld, effect.HeldBy)
		}
	}
	change.IfRevision = &result.Revision
	_, err = c.ChangeConfig(ctx, change)
	return registryError(err)
}

// registryError is an error of the administration in the words of
// [winreg.Registry].
func registryError(err error) error {
	if e, ok := errors.AsType[*admin.Error](err); ok && e.Status == http.StatusUnprocessableEntity {
		return fmt.Errorf("%w: %w", winreg.ErrInvalid, err)
	}
	if err = procedureError(err); errors.Is(err, srvsvc.ErrInvalid) {
		return fmt.Errorf("%w: %w", winreg.ErrInvalid, err)
	}
	return err
}
