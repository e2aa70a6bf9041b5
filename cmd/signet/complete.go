package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
)

// Bounds of a press of the Tab key.
const (
	completionPatience = time.Second
	maxCompletions     = 1000
)

// completePlace completes a place on a server for the shell that runs the
// program: names of shares, and of what is in a directory. What is no such place
// is a file of this machine, which shells complete themselves.
//
// It signs in as the command would, and never asks for a password: where one
// would be asked for, nothing is completed.
func (a *app) completePlace(ctx context.Context, word string, f *clientFlags) ([]string, cobra.ShellCompDirective) {
	if !isRemote(word) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	a.log = slog.New(slog.DiscardHandler) // the line is being typed
	ctx, cancel := context.WithTimeout(askingNobody(ctx), completionPatience)
	defer cancel()
	found := a.places(ctx, word, f)
	a.pool.drop() // a farewell may take longer than that
	return found, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// places are the places that begin like word: smb://host/..., //host/... . Those
// with something in it end in a slash. Names are a stranger's, and go into a
// command line: what a shell could take for something else is written as in a
// URL, or left out where that is not possible.
func (a *app) places(ctx context.Context, word string, f *clientFlags) (found []string) {
	cut := strings.LastIndexByte(word, '/') + 1
	begun := word[:cut]
	at, err := parseLocation(begun)
	if err != nil {
		return nil // the host is being typed
	}
	add := func(name, end string) {
		text, ok := typed(name, !isUNC(word))
		if ok && strings.HasPrefix(begun+text, word) && len(found) < maxCompletions {
			found = append(found, begun+text+end)
		}
	}
	if at.share == "" {
		session, err := a.session(ctx, at, f)
		if err != nil {
			return nil
		}
		shares, err := session.Shares(ctx)
		if err != nil {
			return nil
		}
		for _, s := range shares {
			if s.Kind == client.DiskShare && (!s.Special && !strings.HasSuffix(s.Name, "$") || cut < len(word)) {
				add(s.Name, "/")
			}
		}
		return found
	}
	sh, err := a.share(ctx, at, f)
	if err != nil {
		return nil
	}
	entries, _, err := readDirectory(ctx, sh, at.path)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() {
			add(e.Name(), "/")
		} else {
			add(e.Name(), "")
		}
	}
	return found
}

// typed is how a name stands in a command line without quotes; false if it
// cannot, where it may not be escaped.
func typed(name string, escaped bool) (text string, ok bool) {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-+,", r)),
			r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case !escaped:
			return "", false
		default:
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
	}
	return b.String(), true
}
