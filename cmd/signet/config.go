package main

import "github.com/spf13/cobra"

// configCommand is signet config: what the administrator decides, shown and
// changed. Each sub-command is in a file config_NAME.go of its own.
func (a *app) configCommand() *cobra.Command {
	return group("config", "Show what is decided, where that comes from, and change it",
		a.configDecideCommand(), a.configProfileCommand(),
	)
}
