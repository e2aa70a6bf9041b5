package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/internal/doctor"
)

func (a *app) doctorCommand() *cobra.Command {
	f := new(clientFlags)
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "doctor URL | ERRORCODE | names [NAME ...]",
		Short: "Say why a connection fails, and which setting mends it",
		Long: "With smb://[user@]host[:port]/share or \\\\host\\share, the doctor walks to the\n" +
			"server step by step, as a client does, and names the cause of the first step\n" +
			"that fails. With an error code, a name, or the text that a program printed, it\n" +
			"says what that means: 0x80070035, -1073700864, 1272, STATUS_LOGON_FAILURE,\n" +
			"\"mount error(13)\". With names it says which names of a server give Kerberos.\n\n" +
			"Exit code 0: all is well, or the code is known; 4: it works, but look; 3: a\n" +
			"policy refuses, ours or the server's; 1: it fails, or the code is not known.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("signet doctor URL, ERRORCODE or names: what does it fail with?")
			}
			return nil
		},
		RunE: withContext(func(ctx context.Context, args []string) error {
			switch {
			case args[0] == "names":
				return a.examineNames(ctx, args[1:], timeout)
			case len(args) == 1 && isTarget(args[0]):
				return a.examine(ctx, args[0], f, timeout)
			}
			return a.explainCode(strings.Join(args, " "))
		}),
	}
	addClientFlags(cmd, f)
	cmd.Flags().DurationVar(&timeout, "timeout", doctor.DefaultTimeout, "wait so long for each answer")
	return cmd
}

// negativeCodes moves a negative number among the arguments of signet doctor,
// -1073700864, behind the "--" that makes it an argument rather than a flag.
func negativeCodes(args []string) []string {
	at := slices.IndexFunc(args, func(arg string) bool { return negative.MatchString(arg) })
	if at < 0 || !slices.Contains(args[:at], "doctor") || slices.Contains(args, "--") {
		return args
	}
	rest := slices.Delete(slices.Clone(args), at, at+1)
	return append(rest, "--", args[at])
}

var negative = regexp.MustCompile(`^-[0-9]+$`)

// isTarget reports whether text names a place rather than a code.
func isTarget(text string) bool { return strings.Contains(text, "://") || isUNC(text) }

// examine walks to what text names, and prints what it found.
func (a *app) examine(ctx context.Context, text string, f *clientFlags, timeout time.Duration) error {
	l, err := parseLocation(text)
	if err != nil {
		return err
	}
	d := doctor.Doctor{Timeout: timeout}
	if d.Dialer.Policy, err = a.clientPolicy(f); err != nil {
		return err
	}
	who := cmp.Or(l.user, f.user)
	ask := func(ctx context.Context) (string, error) {
		p, err := a.choosePassword(ctx, passwordRequest{file: f.passwordFile, prompt: "Password for " + who + " at " + l.host})
		return p.text, err
	}
	if f.kerberos {
		k, err := a.kerberos(ctx, who, f.passwordFile != "", ask)
		if d.Dialer.Kerberos = k; err != nil {
			d.Dialer.Kerberos = noTickets{err}
		}
	} else if who != "" {
		password, err := ask(ctx)
		if err != nil {
			return err
		}
		d.Dialer.Credentials = credentials(who, password)
	}
	r := d.Examine(ctx, doctor.Target{Host: l.host, Port: l.port, Share: l.share, Path: l.path})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.printReport(r); err != nil {
		return err
	}
	return examined(r)
}

// examined is the exit code of an examination; what it says has been printed.
func examined(r *doctor.Report) error {
	switch {
	case r.Cause != nil && r.Cause.Refused:
		return &exitError{code: exitRefused}
	case r.Cause != nil:
		return &exitError{code: exitFailed}
	case len(r.Look) > 0:
		return &exitError{code: exitLook}
	}
	return nil
}

func (a *app) printReport(r *doctor.Report) error {
	if a.json {
		return a.printJSON(newReportJSON(r))
	}
	p := &printer{w: a.stdout}
	p.report(r)
	return p.err
}

// report prints an examination.
func (p *printer) report(r *doctor.Report) {
	p.line("%s", r.Target)
	for _, s := range r.Steps {
		p.line("  %-9s  %s", s.Result, strings.TrimSuffix(s.Name+": "+s.Detail, ": "))
	}
	if r.Cause != nil {
		p.cause("Cause", r.Cause)
		if r.Code != nil {
			p.line("Code    %s %s: %s", r.Code.Number(), r.Code.Name, r.Code.Meaning)
		}
	}
	for _, text := range r.Look {
		p.line("Look    %s", text)
	}
	for _, text := range r.Notes {
		p.line("Note    %s", text)
	}
}

// printer prints lines, whose arguments are escaped. err is the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	for i, arg := range args {
		args[i] = escape(fmt.Sprint(arg))
	}
	if _, err := fmt.Fprintf(p.w, format+"\n", args...); err != nil && p.err == nil {
		p.err = err
	}
}

// cause prints what is wrong, and what mends it on which end.
func (p *printer) cause(heading string, c *doctor.Cause) {
	p.line("%-7s %s (%s)", heading, c.Title, c.ID)
	p.line("        %s", c.Why)
	if c.Server != "" {
		p.line("Server  %s", c.Server)
	}
	if c.Client != "" {
		p.line("Client  %s", c.Client)
	}
}

// explainCode says what a code means.
func (a *app) explainCode(text string) error {
	answer := doctor.Lookup(text)
	if a.json {
		if err := a.printJSON(newAnswerJSON(answer)); err != nil {
			return err
		}
	} else if err := a.printAnswer(text, answer); err != nil {
		return err
	}
	if len(answer.Codes) == 0 {
		return &exitError{code: exitFailed}
	}
	return nil
}

func (a *app) printAnswer(text string, answer doctor.Answer) error {
	p := &printer{w: a.stdout}
	for _, code := range answer.Codes {
		p.line("%s %s (%s): %s", code.Number(), code.Name, code.Space, code.Meaning)
		for n, c := range code.Reasons() {
			p.cause([]string{"Cause", "Or"}[min(n, 1)], c)
		}
	}
	switch {
	case len(answer.Codes) > 0:
	case answer.Read == "":
		p.line("There is no error code in %q that the doctor can read.", text)
	case answer.Name != "":
		p.line("%s is %s. The doctor knows no failing connection behind it.", answer.Read, answer.Name)
	default:
		p.line("The doctor does not know %s.", answer.Read)
	}
	if n := answer.Nearest; n != nil && len(answer.Codes) == 0 {
		p.line("The nearest that it knows is %s %s (%s): %s", n.Number(), n.Name, n.Space, n.Meaning)
	}
	return p.err
}
