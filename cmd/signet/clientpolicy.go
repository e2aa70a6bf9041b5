package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy"
)

// machinePolicyFile is where root publishes what every user's client on this
// machine insists on. It lies beside no secret: everybody reads it.
const machinePolicyFile = "/etc/signet/client.yaml"

// ownPolicyFile is the name of the same for one user, in the state directory.
const ownPolicyFile = "client.yaml"

// clientFlags are what the commands of the client take besides a place.
type clientFlags struct {
	user         string
	passwordFile string
	kerberos     bool
	policy       []clientFlag
}

// clientFlag is a flag that stands for a property.
type clientFlag struct {
	flag, property string
	value          string
	given          func() bool
}

// addClientFlags gives cmd the flags of every command of the client.
func addClientFlags(cmd *cobra.Command, f *clientFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.user, "user", "", "sign in as `[DOMAIN\\]NAME` where the place names nobody (default: who you are here)")
	flags.StringVar(&f.passwordFile, "password-file", "", "`file` that holds the password; - is standard input")
	addKerberosFlag(flags, &f.kerberos)
	for _, row := range []struct{ flag, property, usage string }{
		{"require-signing", "client.RequireSecuritySignature", "refuse servers that do not sign"},
		{"require-encryption", "client.RequireEncryption", "refuse servers that do not encrypt"},
		{"require-integrity", "client.RequireSecuritySignature", "the same, as Windows calls it for one mapping"},
		{"require-privacy", "client.RequireEncryption", "the same as --require-encryption, as Windows calls it for one mapping"},
		{"block-ntlm", "client.BlockNTLM", "sign in by Kerberos only"},
		{"dialect-min", "client.Smb2DialectMin", "lowest `dialect` to speak: SMB202, SMB210, SMB300, SMB302, SMB311"},
		{"dialect-max", "client.Smb2DialectMax", "highest `dialect` to speak"},
	} {
		value := flags.String(row.flag, "", row.usage)
		flag := flags.Lookup(row.flag)
		definition, _ := policy.Find(row.property)
		_ = cmd.RegisterFlagCompletionFunc(row.flag, cobra.FixedCompletions(definition.Allowed, cobra.ShellCompDirectiveNoFileComp)) // it was not registered before
		if !strings.HasPrefix(row.flag, "dialect") {
			flag.NoOptDefVal = "True"
		}
		f.policy = append(f.policy, clientFlag{flag: "--" + row.flag, property: row.property, given: func() bool { return flag.Changed }})
		last := len(f.policy) - 1
		cmd.PreRunE = chain(cmd.PreRunE, func(*cobra.Command, []string) error {
			f.policy[last].value = *value
			return nil
		})
	}
}

// chain calls one function of cobra after the other.
func chain(first, second func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if first != nil {
			if err := first(cmd, args); err != nil {
				return err
			}
		}
		return second(cmd, args)
	}
}

// machinePolicy is what root has published for every client on the machine. The
// zero value is that of root's own server, whose store is what is published.
type machinePolicy struct {
	values *policy.Values   // nil: nothing was published
	floor  *policy.Snapshot // what nobody else may loosen; nil: there is no such thing
}

// hold is what keeps s above the floor; nil if it is.
func (m machinePolicy) hold(s *policy.Snapshot) *policy.Values {
	if m.floor == nil {
		return nil
	}
	below := loosened(m.floor, s)
	if len(below) == 0 {
		return nil
	}
	origin := policy.Origin{Layer: policy.LayerFloor, Name: policy.OriginOf(m.floor, policy.ClientRequireSecuritySignature).String()}
	if m.values != nil {
		origin.Name = m.values.Origin().Name
	}
	hold := policy.NewValues(origin)
	for _, setting := range m.floor.Settings() {
		if slices.Contains(below, setting.Name) {
			_ = hold.Set(setting.Name, setting.Value) // a value in force can be set
		}
	}
	return hold
}

// readMachinePolicy reads what root has published. Where it says nothing the
// default counts.
func (a *app) readMachinePolicy() (machinePolicy, error) {
	path := cmp.Or(a.machinePolicy, machinePolicyFile)
	values, err := readClientPolicy(path, policy.LayerMachine, a.machineOwner)
	if err != nil {
		return machinePolicy{floor: policy.Default()}, err
	}
	floor, err := policy.Stack(values)
	if err != nil {
		return machinePolicy{floor: policy.Default()}, untrusted(path, err)
	}
	return machinePolicy{values: values, floor: floor}, nil
}

// machineAbove is the machine's policy for who keeps state of its own in dir:
// none for root, who decides what it is. One that cannot be trusted is as if
// it said nothing, and is told of.
func (a *app) machineAbove(ctx context.Context) machinePolicy {
	if os.Geteuid() == 0 {
		return machinePolicy{}
	}
	m, err := a.readMachinePolicy()
	if err != nil {
		a.log.WarnContext(ctx, "the commands of the client will refuse to work", "err", err)
	}
	return m
}

// clientPolicy is what the client insists on: what root has published for the
// machine or else the default, above it what the user has decided, above that
// the flags. The user and the flags may only tighten what is below.
func (a *app) clientPolicy(f *clientFlags) (*policy.Snapshot, error) {
	machine, err := a.readMachinePolicy()
	if err != nil {
		return nil, err
	}
	layers, base := []*policy.Values{machine.values}, machine.floor
	add := func(v *policy.Values, who string) error {
		after, err := policy.Stack(append(slices.Clone(layers), v)...)
		if err != nil {
			return usagef("%s: %w", who, err)
		}
		if what := loosened(base, after); len(what) > 0 {
			return refuseLoosening(who, what, base)
		}
		layers, base = append(layers, v), after
		return nil
	}
	if path, err := a.statePath(); err == nil {
		own := filepath.Join(path, ownPolicyFile)
		decided, err := readClientPolicy(own, policy.LayerStore, os.Geteuid())
		if err != nil {
			return nil, err
		}
		if err := add(decided, own); err != nil {
			return nil, err
		}
	}
	for _, flag := range f.policy {
		if !flag.given() {
			continue
		}
		v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: flag.flag})
		if err := v.Set(flag.property, flag.value); err != nil {
			return nil, usagef("%s: %w", flag.flag, err)
		}
		if err := add(v, flag.flag); err != nil {
			return nil, err
		}
	}
	return base, nil
}

// refuseLoosening says what would be lost, and who could allow it.
func refuseLoosening(who string, what []string, base *policy.Snapshot) error {
	var texts []string
	for _, s := range base.Settings() {
		if slices.Contains(what, s.Name) {
			texts = append(texts, fmt.Sprintf("%s is %s (%s)", s.Name, s.Value, s.Origin))
		}
	}
	_, property, _ := strings.Cut(what[0], ".")
	return &exitError{code: exitRefused, err: fmt.Errorf(
		"%s may only tighten the policy: %s; on this machine root changes that, with signet config set client %s=... (not recommended)",
		who, strings.Join(texts, ", "), property)}
}

// loosened lists the properties of the client that let through in after what
// they refuse in before. To speak fewer dialects is to tighten: whatever is
// agreed on then could be agreed on before.
func loosened(before, after *policy.Snapshot) []string {
	var names []string
	check := func(name string, loose bool) {
		if loose {
			names = append(names, name)
		}
	}
	off := func(k *policy.Key[bool]) { check(k.Name, policy.Get(before, k) && !policy.Get(after, k)) }
	off(policy.ClientRequireSecuritySignature)
	off(policy.ClientRequireEncryption)
	off(policy.BlockNTLM)
	guests := policy.EnableInsecureGuestLogons
	check(guests.Name, !policy.Get(before, guests) && policy.Get(after, guests))
	lowest, highest := policy.ClientSmb2DialectMin, policy.ClientSmb2DialectMax
	check(lowest.Name, policy.Get(after, lowest) < policy.Get(before, lowest))
	top := func(s *policy.Snapshot) policy.Dialect {
		if d := policy.Get(s, highest); d != policy.DialectNone {
			return d
		}
		return policy.SMB311
	}
	check(highest.Name, top(after) > top(before))
	exceptions, ciphers := policy.BlockNTLMServerExceptionList, policy.ClientEncryptionCiphers
	check(exceptions.Name, policy.Get(before, policy.BlockNTLM) && !contains(policy.Get(before, exceptions), policy.Get(after, exceptions)))
	check(policy.HardenedPaths.Name, policy.HardensLess(policy.Get(before, policy.HardenedPaths), policy.Get(after, policy.HardenedPaths)))
	check(ciphers.Name, !contains(policy.Get(before, ciphers), policy.Get(after, ciphers)))
	return names
}

// contains reports whether all of part is in whole.
func contains[T comparable](whole, part []T) bool {
	return !slices.ContainsFunc(part, func(v T) bool { return !slices.Contains(whole, v) })
}

// untrusted is the refusal to work by a policy that somebody may have changed.
func untrusted(path string, err error) error {
	return &exitError{code: exitRefused, err: fmt.Errorf("the policy of this client cannot be trusted: %s: %w", path, err)}
}

// readClientPolicy reads a published policy; nil if there is none. The file
// must belong to owner or root, and nobody else may write to it.
func readClientPolicy(path string, layer policy.Layer, owner int) (*policy.Values, error) {
	// Not blocking: a pipe in its place must not hold the command up.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, untrusted(path, err)
	}
	defer f.Close()
	if err := statedir.CheckPublished(f, owner); err != nil {
		return nil, untrusted(path, err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err == nil && len(data) > maxConfigBytes {
		err = fmt.Errorf("it is longer than %d bytes", maxConfigBytes)
	}
	if err != nil {
		return nil, untrusted(path, err)
	}
	c := &configuration{properties: policy.NewValues(policy.Origin{Layer: layer, Name: path})}
	body, err := parseYAML(data)
	if err == nil {
		err = readMapping(body, c, slices.DeleteFunc(slices.Clone(configProperties), func(p property[configuration]) bool {
			return p.name != "version" && p.name != "client"
		}))
	}
	if err != nil {
		return nil, untrusted(path, err)
	}
	return c.properties, nil
}
