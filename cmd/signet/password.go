package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// maxPasswordBytes bounds what is read as a password.
const maxPasswordBytes = 1024

// password is a password and where it came from.
type password struct {
	text      string
	generated bool // by us, so it must be shown, once
}

// passwordRequest says how a password is wanted.
type passwordRequest struct {
	file        string // --password-file; "-" is standard input
	prompt      string // what to ask at a terminal; empty asks nothing
	confirm     bool   // ask twice
	mayGenerate bool   // make one up at a terminal if the answer is empty, or if nothing is asked
}

// errNoPassword says that there is no source and no terminal to ask at.
var errNoPassword = &exitError{code: exitUsage, err: errors.New("no password: give --password-file FILE (- is standard input), or run at a terminal to be asked")}

// takeEnvPassword reads $SIGNET_PASSWORD and removes it, so that nothing this
// process starts or prints can carry it on.
func (a *app) takeEnvPassword() {
	a.envPassword, a.hasEnvPassword = os.LookupEnv("SIGNET_PASSWORD")
	_ = os.Unsetenv("SIGNET_PASSWORD") // fails for names with = or NUL only
}

// choosePassword returns the password from the first source there is: the
// file of the command line, systemd's credential, the file and the value of
// the environment, the terminal.
func (a *app) choosePassword(ctx context.Context, req passwordRequest) (password, error) {
	silent := asksNobody(ctx)
	if silent && !a.readsWithoutWaiting(req.file) {
		return password{}, errNoPassword
	}
	text, found, err := a.givenPassword(req.file)
	if found || err != nil {
		return password{text: text}, err
	}
	if silent || !term.IsTerminal(int(a.stdin.Fd())) {
		return password{}, errNoPassword
	}
	if req.prompt != "" {
		if text, err = a.ask(ctx, req.prompt, req.confirm); err != nil {
			return password{}, err
		}
		if text != "" {
			return password{text: text}, checkPassword(text)
		}
	}
	// Made up only where it will be seen, not where it would be kept.
	if !req.mayGenerate || !term.IsTerminal(int(a.stdout.Fd())) {
		return password{}, usagef("an empty password is none")
	}
	return password{text: generatePassword(), generated: true}, nil
}

// givenPassword returns the password that needs no asking; found is false if
// there is none.
func (a *app) givenPassword(file string) (text string, found bool, err error) {
	if file == "-" {
		text, err = readPassword(a.stdin)
		return text, true, err
	}
	if file == "" {
		if dir := os.Getenv("CREDENTIALS_DIRECTORY"); filepath.IsAbs(dir) {
			credential := filepath.Join(dir, "password")
			if _, err := os.Stat(credential); err == nil {
				file = credential
			}
		}
	}
	if file == "" {
		file = os.Getenv("SIGNET_PASSWORD_FILE")
	}
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return "", true, usagef("password file: %w", err)
		}
		defer f.Close()
		text, err = readPassword(f)
		return text, true, err
	}
	if a.hasEnvPassword {
		return a.envPassword, true, checkPassword(a.envPassword)
	}
	return "", false, nil
}

// silently is the key of contexts in which nobody is asked for anything.
type silently struct{}

// askingNobody is ctx for what happens while somebody types: it must not ask,
// nor wait for an input.
func askingNobody(ctx context.Context) context.Context {
	return context.WithValue(ctx, silently{}, true)
}

func asksNobody(ctx context.Context) bool { return ctx.Value(silently{}) != nil }

// readsWithoutWaiting reports whether the source of a password that counts is
// none that would have to be waited for: standard input, a pipe.
func (a *app) readsWithoutWaiting(file string) bool {
	if file == "" {
		file = os.Getenv("SIGNET_PASSWORD_FILE")
	}
	if file == "" {
		return true
	}
	i, err := os.Stat(file)
	return err == nil && i.Mode().IsRegular()
}

// readPassword returns what r holds, without one line end.
func readPassword(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPasswordBytes+3))
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	return text, checkPassword(text)
}

// checkPassword refuses what no client could type.
func checkPassword(text string) error {
	switch {
	case text == "":
		return usagef("an empty password is none")
	case len(text) > maxPasswordBytes:
		return usagef("the password is longer than %d bytes", maxPasswordBytes)
	case !utf8.ValidString(text):
		return usagef("the password is not UTF-8")
	case strings.ContainsFunc(text, unicode.IsControl):
		return usagef("the password holds a control character, such as a second line")
	}
	return nil
}

// ask reads a password from the terminal without showing it.
func (a *app) ask(ctx context.Context, prompt string, confirm bool) (string, error) {
	text, err := a.readHidden(ctx, prompt+": ")
	if err != nil || text == "" || !confirm {
		return text, err
	}
	again, err := a.readHidden(ctx, "Once more: ")
	if err == nil && again != text {
		err = usagef("the two passwords differ")
	}
	return text, err
}

// readHidden reads one line with echo off. If ctx ends first the terminal is
// restored; the read itself cannot be taken back, and goes with the process.
func (a *app) readHidden(ctx context.Context, prompt string) (string, error) {
	fd := int(a.stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(a.stderr, escape(prompt))
	defer fmt.Fprintln(a.stderr)
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		answers <- answer{text, err}
	}()
	select {
	case got := <-answers:
		if errors.Is(got.err, io.EOF) {
			return "", nil
		}
		return string(got.text), got.err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, before))
	}
}
