package metrics

import "github.com/prometheus/client_golang/prometheus"

// metric is a row of the table: one metric, or family of them by labels.
// Immutable.
type metric struct {
	name   string
	kind   prometheus.ValueType // UntypedValue: a histogram
	help   string
	labels []string
	desc   *prometheus.Desc
}

func newMetric(kind prometheus.ValueType, name, help string, labels ...string) *metric {
	return &metric{name, kind, help, labels, prometheus.NewDesc(name, help, labels, nil)}
}

func counter(name, help string, labels ...string) *metric {
	return newMetric(prometheus.CounterValue, name, help, labels...)
}

func gauge(name, help string, labels ...string) *metric {
	return newMetric(prometheus.GaugeValue, name, help, labels...)
}

func histogram(name, help string, labels ...string) *metric {
	return newMetric(prometheus.UntypedValue, name, help, labels...)
}

// word is what Prometheus calls a metric of the kind.
func (m *metric) word() string {
	return map[prometheus.ValueType]string{prometheus.CounterValue: "counter", prometheus.GaugeValue: "gauge", prometheus.UntypedValue: "histogram"}[m.kind]
}

// The metrics.
var (
	build = gauge("signet_build_info", "1; the version of the program.", "version", "goversion")

	sessions      = gauge("signet_smb_sessions", "Signed-in sessions, by what protects them. signed and encrypted say what is demanded of their requests.", "dialect", "signing_algorithm", "cipher", "signed", "encrypted")
	unprotected   = gauge("signet_smb_sessions_unprotected", "Signed-in sessions of which neither signatures nor encryption is demanded.")
	connections   = gauge("signet_smb_connections", "Connections. pending: nobody has signed in yet.", "state")
	opens         = gauge("signet_smb_open_files", "Open files, directories and pipes.")
	waiting       = gauge("signet_smb_waiting_requests", "Requests that have an interim response: they wait for a lock.")
	credits       = gauge("signet_smb_credits", "Credits that clients hold.")
	memory        = gauge("signet_smb_memory_bytes", "Memory of requests and replies in progress.")
	limits        = gauge("signet_smb_limit", "The most that there may be: connections, sessions, open_files, memory_bytes.", "of")
	accepted      = counter("signet_smb_connections_total", "Connections that were accepted, refused ones included.")
	signIns       = counter("signet_smb_sign_ins_total", "Sessions that were set up.")
	received      = counter("signet_smb_received_bytes_total", "Bytes of messages from clients.")
	sent          = counter("signet_smb_sent_bytes_total", "Bytes of messages to clients.")
	requests      = counter("signet_smb_requests_total", "Requests, by command.", "command")
	failed        = counter("signet_smb_requests_failed_total", "Of those, the ones with an error status; that a file is not found is one, too.", "command")
	waited        = counter("signet_smb_requests_waited_total", "Of those, the ones that had an interim response. The histogram leaves them out: others decide how long they take.", "command")
	durations     = histogram("signet_smb_request_duration_seconds", "From the look at a request's signature to its result, without waiting for others, and without the network.", "command")
	proofs        = counter("signet_smb_verified_requests_total", "Requests that were let through, by what proved them: signed, sealed, or plain where nothing is demanded.", "protection")
	refused       = counter("signet_smb_refusals_total", "Clients and requests that were refused, by the reason.", "reason")
	badSignatures = counter("signet_smb_signature_failures_total", "Requests with a wrong signature, and encrypted messages that were altered. More than none: somebody may be in the path.")

	raised       = counter("signet_events_total", "Events since the start, by the name in docs/events.md.", "event")
	eventsLost   = counter("signet_events_lost_total", "Events that are not in the log: they came too fast, or could not be written.")
	eventsWait   = gauge("signet_events_pending", "Events that wait to be written.")
	logFailing   = gauge("signet_event_log_failing", "1 if the last attempt to write to the log of events failed.")
	logSequence  = gauge("signet_event_log_sequence", "Sequence number of the last record in the log of events. It goes back only if the log was replaced.")
	revision     = gauge("signet_config_revision", "Revision of the configuration.")
	unreadable   = gauge("signet_config_failing", "1 if the configuration could not be read for this scrape; what is about it is missing then.")
	restore      = gauge("signet_config_restore_timestamp_seconds", "When a change of the configuration goes back by itself next, in seconds since 1970; absent if none does. confirm: unless somebody confirms it.", "kind")
	weakened     = gauge("signet_config_weakened_properties", "Properties whose values lower protection.")
	exceptions   = gauge("signet_config_exceptions", "What lowers protection for some, or for a time: the exceptions of signet status.")
	pendingRules = gauge("signet_config_pending_rules", "Rules that only warn so far.")
	required     = gauge("signet_config_signing_required", "1 if signing is required: of the server's sessions, and by our own client.", "side")
	encrypting   = gauge("signet_config_encryption_required", "1 if encryption is required of every session.")
	guests       = gauge("signet_config_guests", "1 if guests are let in.")
	ready        = gauge("signet_ready", "1 if the server is ready, as /readyz says.")
)

// table is every metric of ours.
var table = []*metric{
	build, ready,
	sessions, unprotected, connections, opens, waiting, credits, memory, limits,
	accepted, signIns, received, sent, requests, failed, waited, durations, proofs, refused, badSignatures,
	raised, eventsLost, eventsWait, logFailing, logSequence,
	revision, unreadable, restore, weakened, exceptions, pendingRules, required, encrypting, guests,
}
