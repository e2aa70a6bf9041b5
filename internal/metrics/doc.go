// Package metrics tells a Prometheus what the server counts.
//
// It asks the server, the log of events and the configuration when somebody
// scrapes, and writes what they answer in the exposition format; nothing is
// kept or counted here. docs/metrics.md is the table of metrics (table.go) as a
// document.
//
// Labels come from closed sets only: commands, dialects, algorithms, reasons,
// kinds of events. No label names a user, a client, a share or a file, so the
// number of series is bounded whoever connects, and who reads them learns of
// nobody.
//
// It knows no HTTP but the reply: who may scrape is admin's matter.
package metrics
