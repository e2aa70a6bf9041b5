package main

import (
	"os/user"
	"slices"
	"strconv"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/statedir"
)

// isOperator reports whether a local caller is in the operators' group: by the
// group it runs with, or by what the account database says of its user now.
func isOperator(c admin.Caller) bool {
	group, err := user.LookupGroup(statedir.OperatorsGroup)
	if err != nil {
		return false
	}
	if strconv.FormatUint(uint64(c.GID), 10) == group.Gid {
		return true
	}
	u, err := user.LookupId(strconv.FormatUint(uint64(c.UID), 10))
	if err != nil {
		return false
	}
	groups, err := u.GroupIds()
	return err == nil && slices.Contains(groups, group.Gid)
}
