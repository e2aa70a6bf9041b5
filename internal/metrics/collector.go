package metrics

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/server"
)

const (
	// patience is how long a scrape waits for the configuration.
	patience = 5 * time.Second
	// maxScrapes is how many may be answered at a time.
	maxScrapes = 2
)

// Sources are where metrics come from. All are needed, and safe for concurrent
// use.
type Sources struct {
	Version       string // of the program
	Server        func() server.Metrics
	Events        func() journal.State
	Configuration func(context.Context) (Configuration, error)
	Ready         func(context.Context) error // nil error: it is
}

// Configuration is what metrics tell of the configuration.
type Configuration struct {
	Revision   uint64
	Until      time.Time // when the next change goes back that was made for a time; zero: none
	ConfirmBy  time.Time // when the next goes back unless it is confirmed; zero: none
	Weakened   int       // properties whose values lower protection
	Exceptions int       // what lowers it for some, or for a time
	Pending    int       // rules that only warn

	ServerSigns, ClientSigns bool // signing is required
	Encrypts, Guests         bool
}

// Handler answers with the metrics, those of the process and of Go's runtime
// included.
func Handler(s Sources) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes})
}

// collector asks the sources at each scrape. It implements prometheus.Collector.
type collector struct{ from Sources }

// Describe implements prometheus.Collector.
func (collector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range table {
		to <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := sink{to}
	s.add(build, 1, c.from.Version, runtime.Version())
	s.add(ready, truth(c.from.Ready(ctx) == nil))
	m := c.from.Server()
	s.server(&m)
	s.commands(m.Commands)
	s.events(c.from.Events())
	config, err := c.from.Configuration(ctx)
	s.add(unreadable, truth(err != nil))
	if err == nil {
		s.configuration(&config)
	}
}

// sink takes values.
type sink struct{ to chan<- prometheus.Metric }

// add gives a value of m with the given labels.
func (s sink) add(m *metric, value float64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(m.desc, m.kind, value, labels...)
}

// truth is 1 for true.
func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// server gives what is about the SMB server as a whole.
func (s sink) server(m *server.Metrics) {
	plain := 0
	for _, k := range m.Sessions {
		s.add(sessions, float64(k.Count), k.Dialect, k.SigningAlgorithm, k.Cipher, strconv.FormatBool(k.Signed), strconv.FormatBool(k.Encrypted))
		if !k.Signed && !k.Encrypted {
			plain += k.Count
		}
	}
	s.add(unprotected, float64(plain))
	s.add(connections, float64(m.PendingConnections), "pending")
	s.add(connections, float64(m.Connections-m.PendingConnections), "signed_in")
	s.add(opens, float64(m.Opens))
	s.add(waiting, float64(m.Waiting))
	s.add(credits, float64(m.Credits))
	s.add(memory, float64(m.Memory))
	s.add(limits, float64(m.Limits.Connections), "connections")
	s.add(limits, float64(m.Limits.Sessions), "sessions")
	s.add(limits, float64(m.Limits.Opens), "open_files")
	s.add(limits, float64(m.Limits.Memory), "memory_bytes")
	s.add(accepted, float64(m.Accepted))
	s.add(signIns, float64(m.SignIns))
	s.add(received, float64(m.Received))
	s.add(sent, float64(m.Sent))
	s.add(proofs, float64(m.Requests.Signed), "signed")
	s.add(proofs, float64(m.Requests.Sealed), "sealed")
	s.add(proofs, float64(m.Requests.Plain), "plain")
	forged := uint64(0)
	for _, r := range m.Refusals {
		s.add(refused, float64(r.Count), r.Reason.String())
		if r.Reason == server.RefusedSignature || r.Reason == server.RefusedDecryption {
			forged += r.Count
		}
	}
	s.add(badSignatures, float64(forged))
}

// commands gives what was counted of each command.
func (s sink) commands(all []server.CommandMetrics) {
	for i := range all {
		c := &all[i]
		total, buckets := uint64(0), make(map[float64]uint64, len(c.Buckets))
		for j, n := range c.Buckets {
			total += n
			if j < len(server.DurationBounds) {
				buckets[server.DurationBounds[j].Seconds()] = total
			}
		}
		s.add(requests, float64(total+c.Waited), c.Command)
		s.add(failed, float64(c.Failed), c.Command)
		s.add(waited, float64(c.Waited), c.Command)
		s.to <- prometheus.MustNewConstHistogram(durations.desc, total, c.Took.Seconds(), buckets, c.Command)
	}
}

// configuration gives what is about the configuration.
func (s sink) configuration(c *Configuration) {
	s.add(revision, float64(c.Revision))
	if !c.Until.IsZero() {
		s.add(restore, float64(c.Until.Unix()), "until")
	}
	if !c.ConfirmBy.IsZero() {
		s.add(restore, float64(c.ConfirmBy.Unix()), "confirm")
	}
	s.add(weakened, float64(c.Weakened))
	s.add(exceptions, float64(c.Exceptions))
	s.add(pendingRules, float64(c.Pending))
	s.add(required, truth(c.ServerSigns), "server")
	s.add(required, truth(c.ClientSigns), "client")
	s.add(encrypting, truth(c.Encrypts))
	s.add(guests, truth(c.Guests))
}
