package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event"
)

func (a *app) statusCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what is in force and who is signed in",
		Args:  cobra.NoArgs,
		RunE:  withContext(func(ctx context.Context, _ []string) error { return a.status(ctx, check) }),
	}
	cmd.Flags().BoolVar(&check, "check", false, "exit with 4 if a session is not signed, a signature was wrong, something else was altered, or an exception is in force")
	return cmd
}

func (a *app) status(ctx context.Context, check bool) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		s, err := c.Status(ctx)
		if err != nil {
			return err
		}
		if a.json {
			err = a.printJSON(s)
		} else {
			err = a.printStatus(s)
		}
		if err == nil && check && (s.UnsignedSessions > 0 || s.BadSignatures > 0 || altered(s.Events) != "" || len(s.Exceptions) > 0) {
			return &exitError{code: exitLook}
		}
		return err
	})
}

// printStatus prints the block that answers "is it safe?", then the sessions.
func (a *app) printStatus(s *admin.Status) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s%s\n", name, escape(fmt.Sprintf(format, args...)))
	}

	line("Inbound", "%s", inboundText(s))
	line("Outbound", "%s", outboundText(s.Outbound))
	line("Guest", "%s", strings.ToLower(s.Guest))
	line("Encryption", "%s", strings.ToLower(s.Encryption))
	line("Not signed", "%d of %d sessions", s.UnsignedSessions, len(s.Sessions))
	line("Signatures", "%s", signaturesText(s))
	if text := altered(s.Events); text != "" {
		line("Altered", "%s in 24 hours: somebody may be in the path", text)
	}
	line("Exceptions", "%s", exceptionsText(s.Exceptions))
	for _, p := range s.Pending {
		line("Warning", "rule %s refuses from %s on", p.Name, p.From.UTC().Format(time.RFC3339))
	}
	if text := eventsText(s.Events); text != "" {
		line("Events", "%s", text)
	}
	for _, setting := range s.Settings {
		line("Set", "%s", settingText(&setting))
	}
	line("Server", "%s", serverText(s))
	if s.Administration != "" {
		line("Admin", "%s", s.Administration)
	}
	line("Secrets", "%s", s.SecretsKey)
	if _, err := a.stdout.WriteString(b.String()); err != nil || len(s.Sessions) == 0 {
		return err
	}
	if _, err := a.stdout.WriteString("\n"); err != nil {
		return err
	}
	t := a.newTable("SESSION", "CLIENT", "USER", "DIALECT", "SIGNED", "ENCRYPTED", "REQUIRED BY", "OPENS")
	for _, x := range s.Sessions {
		t.row(x.SessionID.String(), x.ClientComputerName, x.ClientUserName, x.Dialect,
			protection(x.Signed, x.SigningAlgorithm), protection(x.Encrypted, x.Cipher),
			x.SigningRequiredBy, fmt.Sprint(x.NumOpens))
	}
	return t.flush()
}

// signaturesText says what is known of forged requests.
func signaturesText(s *admin.Status) string {
	if s.BadSignatures == 0 {
		return "none wrong in 24 hours"
	}
	text := fmt.Sprintf("%d WRONG in 24 hours: somebody may be in the path", s.BadSignatures)
	if e := s.LastBadSignature; e != nil {
		text += fmt.Sprintf("; last %s, message %s, of %s at %s, %s", e.Command, e.MessageID, e.User, e.Client, e.LastTime.Format(time.RFC3339))
	}
	return text
}

// altered counts what else shows that somebody may be in the path, besides wrong
// signatures; "" if nothing does.
func altered(events []admin.Occurred) string {
	var texts []string
	for _, e := range events {
		switch e.Name {
		case event.CannotDecrypt.Name:
			texts = append(texts, fmt.Sprintf("%d encrypted messages", e.Count))
		case event.NegotiateValidationFailed.Name:
			texts = append(texts, fmt.Sprintf("%d negotiations", e.Count))
		}
	}
	return strings.Join(texts, ", ")
}

// eventsText counts what has happened.
func eventsText(events []admin.Occurred) string {
	var texts []string
	for i := range events {
		// What administrators do is no sign of trouble.
		if k := event.ByName(events[i].Name); k == nil || !k.Each {
			texts = append(texts, eventText(&events[i]))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return "in 24 hours: " + strings.Join(texts, ", ")
}

func inboundText(s *admin.Status) string {
	text := "signing not required"
	if s.Inbound == "Required" {
		text = "signing required"
	}
	return text + ", " + dialectsText(s.Dialects) + ", SMB1 never"
}

// dialectsText names the dialects spoken, as a range if there are several.
func dialectsText(dialects []string) string {
	switch len(dialects) {
	case 0:
		return "SMB not spoken"
	case 1:
		return "SMB " + dialects[0]
	}
	return "SMB " + dialects[0] + "-" + dialects[len(dialects)-1]
}

func outboundText(outbound string) string {
	if outbound == "Required" {
		return "signing required"
	}
	return "signing not required"
}

func exceptionsText(exceptions []admin.Exception) string {
	if len(exceptions) == 0 {
		return "none"
	}
	texts := make([]string, len(exceptions))
	for i, e := range exceptions {
		texts[i] = e.Name + " without end"
		if e.Until != nil {
			texts[i] = e.Name + " until " + e.Until.UTC().Format(time.RFC3339)
		}
	}
	return strings.Join(texts, ", ")
}

// settingText says what was set, and by whom.
func settingText(s *admin.Setting) string {
	text := fmt.Sprintf("%s : %s   (%s)", s.Name, s.Value, s.Origin)
	if s.Weakens {
		text += "   not recommended"
	}
	return text
}

func serverText(s *admin.Status) string {
	if !s.Running {
		return "not running"
	}
	return "running on " + strings.Join(s.Listen, ", ")
}

// protection names the algorithm in use, or says that there is none.
func protection(on bool, algorithm string) string {
	if !on {
		return "no"
	}
	return algorithm
}
