package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/signet-smb/signet/client"
)

// shellCommands are what signet shell knows, besides cd, pwd, lcd, help and
// exit: the commands of the client.
var shellCommands = []string{"cat", "cd", "cp", "exit", "find", "get", "help", "info", "lcd", "ls", "mkdir", "mv", "put", "pwd", "rm", "rmdir", "stat", "sync", "tree", "watch"}

func (a *app) shellCommand() *cobra.Command {
	return a.remoteCommand("shell PLACE", "Type the other commands inside a share, where places may be relative", cobra.ExactArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
		if a.here != nil {
			return usagef("this is a shell already: cd goes elsewhere")
		}
		sh, l, err := a.shareOf(ctx, args[0], f)
		if err != nil {
			return err
		}
		i, err := sh.Stat(ctx, l.path)
		if err != nil {
			return err
		}
		if !i.IsDir() {
			return usagef("%s is no directory", l)
		}
		a.here = &l
		s := &shell{app: a, flags: f}
		if term.IsTerminal(int(a.stdin.Fd())) {
			return s.interact(ctx)
		}
		return s.script(ctx)
	})
}

// shell is a signet shell.
type shell struct {
	app   *app
	flags *clientFlags
}

// walk is the place that path leads to from l, ".." included; it stays in the
// share.
func (l location) walk(path string) (location, error) {
	at := l.path
	if strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\`) {
		at = ""
	}
	for part := range strings.SplitSeq(strings.ReplaceAll(path, `\`, "/"), "/") {
		if part == ".." {
			at = at[:max(strings.LastIndexByte(at, '/'), 0)]
			continue
		}
		clean, err := cleanPath(part)
		if err != nil {
			return l, err
		}
		at = joinPath(at, clean)
	}
	l.path = at
	return l, nil
}

// script runs what standard input says, up to the first failure.
func (s *shell) script(ctx context.Context) error {
	lines := bufio.NewScanner(s.app.stdin)
	for lines.Scan() {
		exit, err := s.line(ctx, lines.Text())
		if exit || err != nil {
			return err
		}
	}
	return lines.Err()
}

// interact runs what is typed, until exit or the end of input.
func (s *shell) interact(ctx context.Context) error {
	fd := int(s.app.stdin.Fd())
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{s.app.stdin, s.app.stderr}, "")
	if path, err := s.app.statePath(); err == nil {
		h := openHistory(path)
		defer h.close()
		t.History = h
	}
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) { return s.complete(ctx, line, pos, key) }
	for {
		t.SetPrompt(escape(s.app.here.String()) + "> ")
		before, err := term.MakeRaw(fd)
		if err != nil {
			return err
		}
		line, err := t.ReadLine()
		if e := term.Restore(fd, before); e != nil {
			return e
		}
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(s.app.stderr)
			return nil
		}
		if err != nil {
			return err
		}
		exit, err := s.line(ctx, line)
		if exit || ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.app.report(err)
		}
		if isConnectionLost(err) {
			return &exitError{code: exitFailed}
		}
	}
}

// line runs one line.
func (s *shell) line(ctx context.Context, line string) (exit bool, err error) {
	words, err := splitWords(line)
	if err != nil || len(words) == 0 || strings.HasPrefix(words[0], "#") {
		return false, err
	}
	switch words[0] {
	case "exit", "quit":
		return true, nil
	case "pwd":
		fmt.Fprintln(s.app.stdout, escape(s.app.here.String()))
		return false, nil
	case "help":
		fmt.Fprintf(s.app.stdout, "%s\nCOMMAND --help says more.\n", strings.Join(shellCommands, " "))
		return false, nil
	case "lcd":
		if len(words) != 2 {
			return false, usagef("lcd DIRECTORY")
		}
		return false, os.Chdir(words[1])
	case "cd":
		return false, s.cd(ctx, words[1:])
	}
	if !slices.Contains(shellCommands, words[0]) {
		return false, usagef("%q: there are %s", words[0], strings.Join(shellCommands, " "))
	}
	return false, s.run(ctx, words)
}

// run runs a command of the client as this process's own command line would,
// with the flags that the shell was given for new sessions.
func (s *shell) run(ctx context.Context, words []string) error {
	root := s.app.rootCommand()
	args := slices.Clone(words)
	if s.flags.user != "" {
		args = append(args, "--user="+s.flags.user)
	}
	if s.flags.passwordFile != "" && s.flags.passwordFile != "-" {
		args = append(args, "--password-file="+s.flags.passwordFile)
	}
	for _, flag := range s.flags.policy {
		if flag.given() {
			args = append(args, flag.flag+"="+flag.value)
		}
	}
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

func (s *shell) cd(ctx context.Context, args []string) error {
	to := location{user: s.app.here.user, host: s.app.here.host, port: s.app.here.port, share: s.app.here.share}
	var err error
	switch len(args) {
	case 0:
	case 1:
		to, err = s.app.remotePlace(args[0])
	default:
		return usagef("cd DIRECTORY")
	}
	if err != nil {
		return err
	}
	sh, err := s.app.share(ctx, to, s.flags)
	if err != nil {
		return err
	}
	i, err := sh.Stat(ctx, to.path)
	if err != nil {
		return err
	}
	if !i.IsDir() {
		return usagef("%s is no directory", to)
	}
	s.app.here = &to
	return nil
}

// complete completes commands and names on the server when Tab is pressed.
func (s *shell) complete(ctx context.Context, line string, pos int, key rune) (completed string, newPos int, ok bool) {
	if key != '\t' || pos != len(line) {
		return "", 0, false
	}
	start := strings.LastIndexByte(line, ' ') + 1
	word := line[start:]
	var found []string
	if start == 0 {
		for _, c := range shellCommands {
			if strings.HasPrefix(c, word) {
				found = append(found, c+" ")
			}
		}
	} else {
		found = s.completeName(ctx, word)
	}
	if len(found) == 0 {
		return "", 0, false
	}
	common := found[0]
	for _, f := range found[1:] {
		for !strings.HasPrefix(f, common) {
			_, size := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-size]
		}
	}
	if len(common) < len(word) {
		return "", 0, false
	}
	line = line[:start] + common
	return line, len(line), true
}

// completeName lists what begins like word in the directory that it names, in
// completionPatience. Names that need quotes, or that a terminal must not show,
// are left out.
func (s *shell) completeName(ctx context.Context, word string) (found []string) {
	ctx, cancel := context.WithTimeout(askingNobody(ctx), completionPatience)
	defer cancel()
	if isRemote(word) {
		for _, place := range s.app.places(ctx, word, s.flags) {
			if !strings.HasSuffix(place, "/") {
				place += " "
			}
			found = append(found, place)
		}
		return found
	}
	dir := word[:strings.LastIndexByte(word, '/')+1]
	at, err := s.app.here.walk(dir)
	if err != nil {
		return nil
	}
	sh, err := s.app.share(ctx, at, s.flags)
	if err != nil {
		return nil
	}
	entries, _, err := readDirectory(ctx, sh, at.path)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if name := completion(e); strings.HasPrefix(dir+name, word) && escape(name) == name && !strings.ContainsAny(e.Name(), " '\"") {
			found = append(found, dir+name)
		}
	}
	return found
}

func completion(e *client.FileInfo) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name() + " "
}

// splitWords splits a line at spaces, but not between quotes.
func splitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	in, quote := false, rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, in = r, true
		case r == ' ' || r == '\t' || r == '\r':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if quote != 0 {
		return nil, usagef("a quote is open: %c", quote)
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}
