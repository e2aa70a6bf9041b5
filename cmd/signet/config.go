package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/policy"
)

// configCommand is signet config: what the administrator decides, shown and
// changed. Each sub-command is in a file config_NAME.go of its own.
func (a *app) configCommand() *cobra.Command {
	return group("config", "Show what is decided, where that comes from, and change it",
		a.configValidateCommand(),
	)
}

func (a *app) configValidateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE",
		Short: "Find mistakes in a configuration file, without using it",
		Args:  named("FILE"),
		RunE:  withContext(func(_ context.Context, args []string) error { return a.configValidate(args[0]) }),
	}
}

// configValidate reads a file as serve --config would. What of it lowers
// protection is said: exit code 4.
func (a *app) configValidate(path string) error {
	config, err := readConfig(path)
	if err != nil {
		return err
	}
	snapshot, err := policy.Stack(config.properties)
	if err != nil {
		return err
	}
	var cautions []error
	for _, s := range snapshot.Settings() {
		if s.Caution != "" {
			cautions = append(cautions, errors.New(s.Name+" = "+s.Value+": "+s.Caution))
		}
	}
	if len(cautions) > 0 {
		return &exitError{code: exitLook, err: errors.Join(cautions...)}
	}
	return nil
}
