package main

import (
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
)

func (a *app) eventExportCommand() *cobra.Command {
	var f eventFlags
	var format string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print what has happened, for other programs",
		Long: "Print what has happened as CSV, or as JSON with an object a line. In CSV what\n" +
			"does not print is escaped, and a cell that a spreadsheet would take for a\n" +
			"formula begins with an apostrophe; JSON has everything as it is.",
		Args: cobra.NoArgs,
		RunE: withContext(func(ctx context.Context, _ []string) error { return a.eventExport(ctx, f, format) }),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&format, "format", "csv", "csv or json")
	return cmd
}

func (a *app) eventExport(ctx context.Context, f eventFlags, format string) error {
	filter, err := f.filter(time.Now())
	if err != nil {
		return err
	}
	if a.json {
		format = "json"
	}
	if format != "csv" && format != "json" {
		return usagef("--format %q is neither csv nor json", format)
	}
	return a.withClient(ctx, func(c *admin.Client) error {
		if format == "json" {
			return c.Events(ctx, filter, func(e *admin.Event) error { return a.printJSON(e) })
		}
		out := csv.NewWriter(a.stdout)
		if err := out.Write(csvHeading); err != nil {
			return err
		}
		if err := c.Events(ctx, filter, func(e *admin.Event) error { return out.Write(csvRow(e)) }); err != nil {
			return err
		}
		out.Flush()
		return out.Error()
	})
}

// csvHeading names the columns of csvRow, as JSON does.
var csvHeading = []string{
	"Sequence", "Time", "LastTime", "Count", "Varies", "Channel", "Id", "Name", "Level", "Client", "ClientName", "User", "Domain",
	"SessionId", "TreeId", "MessageId", "Command", "Share", "ServicePrincipalName", "Dialect", "Status", "SigningRequired", "Reason",
	"Means", "Object", "Property", "Old", "New", "Revision", "Hash",
}

// csvRow is an event as cells.
func csvRow(e *admin.Event) []string {
	required := ""
	if e.SigningRequired != nil {
		required = truth(*e.SigningRequired)
	}
	row := []string{
		strconv.FormatUint(e.Sequence, 10), e.Time.Format(time.RFC3339Nano), e.LastTime.Format(time.RFC3339Nano), strconv.Itoa(e.Count), e.Varies,
		string(e.Channel), strconv.Itoa(e.ID), e.Name, string(e.Level), e.Client, e.ClientName, e.User, e.Domain,
		e.SessionID, e.TreeID, e.MessageID, e.Command, e.Share, e.SPN, e.Dialect, e.Status, required, e.Reason,
		e.Means, e.Object, e.Property, textOr(e.Old, ""), textOr(e.New, ""), strconv.FormatUint(e.Revision, 10), e.Hash,
	}
	for i := range row {
		row[i] = csvCell(row[i])
	}
	return row
}

// csvCell makes text from elsewhere safe to open in a spreadsheet, which
// computes what begins like a formula. Leading blanks do not stop it.
func csvCell(s string) string {
	s = escape(s)
	if first := strings.TrimLeft(s, " "); first != "" && strings.ContainsAny(first[:1], "=+-@") {
		return "'" + s
	}
	return s
}
