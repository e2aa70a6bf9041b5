package metrics

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/event/journal"
	"github.com/signet-smb/signet/server"
)

var update = flag.Bool("update", false, "write the table of docs/metrics.md anew")

// sample is sources that have something to say of everything.
func sample() Sources {
	m := server.Metrics{
		Received: 1, Sent: 2, Accepted: 3, SignIns: 4, Connections: 5, PendingConnections: 2, Opens: 6, Waiting: 7, Credits: 8, Memory: 9,
		Requests: server.ProtectionMetrics{Signed: 10, Sealed: 11, Plain: 12},
		Sessions: []server.SessionMetrics{
			{Dialect: "3.1.1", SigningAlgorithm: "AES-128-GMAC", Cipher: "AES-128-GCM", Signed: true, Count: 2}, {Dialect: "2.1", SigningAlgorithm: "HMAC-SHA256", Count: 1},
		},
		Commands: []server.CommandMetrics{{Command: "READ", Buckets: make([]uint64, len(server.DurationBounds)+1), Took: time.Second, Waited: 1, Failed: 2}},
		Refusals: []server.RefusalMetrics{{Reason: server.RefusedSignature, Count: 1}, {Reason: server.RefusedDecryption, Count: 2}, {Reason: server.RefusedGuest, Count: 5}},
	}
	m.Commands[0].Buckets[0], m.Commands[0].Buckets[len(server.DurationBounds)] = 3, 1
	return Sources{
		Version: "1.2.3", Server: func() server.Metrics { return m },
		Events: func() journal.State {
			return journal.State{Pending: 1, Lost: 2, Sequence: 3, Raised: map[string]uint64{event.BadSignature.Name: 4}}
		},
		Configuration: func(context.Context) (Configuration, error) {
			return Configuration{Revision: 57, Until: time.Unix(2000, 0), ConfirmBy: time.Unix(1000, 0), Weakened: 1, Exceptions: 2, Pending: 3, ServerSigns: true}, nil
		},
		Ready: func(context.Context) error { return nil },
	}
}

// scrape is what a scrape of s answers.
func scrape(t *testing.T, s Sources) string {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(s).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestWhatTheSourcesSayIsInTheScrape(t *testing.T) {
	got := scrape(t, sample())
	for _, want := range []string{
		`signet_build_info{goversion="go1.`,
		`signet_smb_sessions{cipher="AES-128-GCM",dialect="3.1.1",encrypted="false",signed="true",signing_algorithm="AES-128-GMAC"} 2`,
		"signet_smb_sessions_unprotected 1\n",
		`signet_smb_connections{state="pending"} 2`, `signet_smb_connections{state="signed_in"} 3`,
		`signet_smb_requests_total{command="READ"} 5`, `signet_smb_requests_failed_total{command="READ"} 2`,
		`signet_smb_request_duration_seconds_bucket{command="READ",le="2.5e-05"} 3`, `signet_smb_request_duration_seconds_bucket{command="READ",le="10"} 3`,
		`signet_smb_request_duration_seconds_bucket{command="READ",le="+Inf"} 4`, `signet_smb_request_duration_seconds_sum{command="READ"} 1`,
		`signet_smb_verified_requests_total{protection="sealed"} 11`,
		`signet_smb_refusals_total{reason="guest"} 5`, "signet_smb_signature_failures_total 3\n",
		`signet_events_total{event="BadSignature"} 4`, `signet_events_total{event="EventsDropped"} 0`, "signet_events_lost_total 2\n",
		"signet_event_log_failing 0\n", "signet_event_log_sequence 3\n",
		"signet_config_revision 57\n", `signet_config_restore_timestamp_seconds{kind="confirm"} 1000`, `signet_config_restore_timestamp_seconds{kind="until"} 2000`,
		`signet_config_signing_required{side="server"} 1`, `signet_config_signing_required{side="client"} 0`,
		"signet_ready 1\n", "process_open_fds ", "go_goroutines ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the scrape lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// A scrape tells what it can: an alert on the rest must not fall silent.
func TestAConfigurationThatCannotBeReadIsTold(t *testing.T) {
	s := sample()
	s.Configuration = func(context.Context) (Configuration, error) { return Configuration{}, errors.New("disk") }
	s.Ready = func(context.Context) error { return errors.New("disk") }
	got := scrape(t, s)
	for _, want := range []string{"signet_config_failing 1\n", "signet_ready 0\n", "signet_smb_open_files 6\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the scrape lacks %s", want)
		}
	}
	if strings.Contains(got, "signet_config_revision") {
		t.Error("the scrape has a revision that nobody read")
	}
}

// TestTheTableIsWhatIsScraped also holds names and help to Prometheus' rules.
func TestTheTableIsWhatIsScraped(t *testing.T) {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{sample()})
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	var listed []string
	for _, m := range table {
		listed = append(listed, m.name)
	}
	slices.Sort(listed)
	if !slices.Equal(names, listed) {
		t.Errorf("scraped %v\nlisted  %v", names, listed)
	}
	problems, err := promlint.New(strings.NewReader(scrape(t, sample()))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "signet_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// TestLabelsComeFromClosedSets: who connects must not be able to make series, or
// to be seen in them.
func TestLabelsComeFromClosedSets(t *testing.T) {
	allowed := []string{"version", "goversion", "dialect", "signing_algorithm", "cipher", "signed", "encrypted", "state", "of", "command", "protection", "reason", "event", "kind", "side"}
	for _, m := range table {
		for _, l := range m.labels {
			if !slices.Contains(allowed, l) {
				t.Errorf("%s has the label %s: show that its values are a closed set, and add it here", m.name, l)
			}
		}
	}
}

const (
	documentPath = "../../docs/metrics.md"
	begin, end   = "<!-- generated by make generate: begin -->\n", "<!-- generated by make generate: end -->\n"
)

// TestTheDocumentListsEveryMetric compares the table of docs/metrics.md.
func TestTheDocumentListsEveryMetric(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| metric | kind | labels | what it is |\n|---|---|---|---|\n")
	for _, m := range table {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.word(), strings.Join(m.labels, ", "), m.help)
	}
	b.WriteString("\nReasons of `signet_smb_refusals_total`:")
	for _, r := range server.Refusals() {
		fmt.Fprintf(&b, " `%v`", r)
	}
	b.WriteString(".\n\n")
	text, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the marks of what is generated", documentPath)
	}
	want := head + begin + b.String() + end + tail
	if *update {
		if err := os.WriteFile(documentPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the code says; run make generate", documentPath)
	}
}
