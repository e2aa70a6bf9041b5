package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/vfs"
)

// actor is who sessions are on disk. Immutable.
type actor struct {
	// cred is nil for the process itself.
	cred *vfs.Cred
	// twins is set when the process is root and was not told whom to be: then
	// each account acts as its Unix twin.
	twins bool
	label string // "ann (uid 1000)"
}

// resolveActor says as whom files are used, given --run-as. No file is ever
// served as uid 0.
func resolveActor(runAs string) (actor, error) {
	uid := os.Geteuid()
	switch {
	case uid == 0 && runAs == "":
		return actor{twins: true}, nil
	case runAs == "":
		return actor{label: userLabel(currentUserName(uid), uid)}, nil
	}
	cred, name, err := lookUpCred(runAs)
	if err != nil {
		return actor{}, usagef("--run-as: %w", err)
	}
	label := userLabel(name, int(cred.UID))
	switch {
	case cred.UID == 0:
		return actor{}, usagef("--run-as %s is uid 0: files are never served as root", runAs)
	case int(cred.UID) == uid:
		return actor{label: label}, nil
	case uid != 0:
		return actor{}, usagef("--run-as %s needs root: Signet runs as uid %d and can be no one else", runAs, uid)
	}
	return actor{cred: cred, label: label}, nil
}

// lookUpCred returns the system user of that name with its groups, and its name
// as the system spells it. The error wraps user.UnknownUserError if there is
// none.
func lookUpCred(name string) (*vfs.Cred, string, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, "", err
	}
	groupIDs, err := u.GroupIds()
	if err != nil {
		return nil, "", fmt.Errorf("groups of %s: %w", name, err)
	}
	cred := &vfs.Cred{}
	if cred.UID, err = parseID(u.Uid); err != nil {
		return nil, "", err
	}
	if cred.GID, err = parseID(u.Gid); err != nil {
		return nil, "", err
	}
	for _, text := range groupIDs {
		id, err := parseID(text)
		if err != nil {
			return nil, "", err
		}
		cred.Groups = append(cred.Groups, id)
	}
	return cred, u.Username, nil
}

func parseID(text string) (uint32, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no user or group number", text)
	}
	return uint32(id), nil
}

// credFor returns the Cred function of a share that a uses. t finds the twins.
func (a actor) credFor(t *twins) func(*auth.Identity) (*vfs.Cred, error) {
	if a.twins {
		return t.credFor
	}
	return func(*auth.Identity) (*vfs.Cred, error) { return a.cred, nil }
}

func userLabel(name string, uid int) string {
	if name == "" {
		return fmt.Sprintf("uid %d", uid)
	}
	return fmt.Sprintf("%s (uid %d)", name, uid)
}

// currentUserName returns the name of that uid, or "" if it has none, as in
// many containers.
func currentUserName(uid int) string {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return ""
	}
	return u.Username
}
