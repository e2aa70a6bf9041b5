package interop

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// metricsToken is the token of watched servers.
const metricsToken = "0123456789abcdef0123456789abcdef"

// watched starts a server whose metrics are served over TCP.
func watched(t *testing.T, more ...string) (s *server, url string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(file, []byte(metricsToken+"\n"), 0o600))
	s = startServer(t, append([]string{"--admin", "127.0.0.1:0", "--metrics-token-file", file}, more...)...)
	var status struct{ Administration string }
	must(t, json.Unmarshal([]byte(s.signet(t, "status", "--json")), &status))
	return s, status.Administration
}

// scrape reads the metrics as Prometheus does: by name, the values by their
// labels, "{command=\"READ\"}".
type scrape map[string]*dto.MetricFamily

func scrapeOf(t *testing.T, url string) scrape {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", http.NoBody)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+metricsToken)
	req.Header.Set("Accept", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET /metrics: %s", resp.Status)
	}
	parse := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parse.TextToMetricFamilies(resp.Body)
	must(t, err)
	return families
}

// value is the sum of a metric over the series that have the given labels, name
// and value in turn; of a histogram, of its counts.
func (s scrape) value(name string, pairs ...string) (sum float64) {
	for _, m := range s[name].GetMetric() {
		has := make(map[string]string)
		for _, l := range m.Label {
			has[l.GetName()] = l.GetValue()
		}
		fits := true
		for i := 0; i < len(pairs); i += 2 {
			fits = fits && has[pairs[i]] == pairs[i+1]
		}
		if fits {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

// TestAScrapeTellsWhatSmbclientDid: sessions signed by CMAC and by GMAC, one that
// is sealed, seen while they are there; then refused ones.
func TestAScrapeTellsWhatSmbclientDid(t *testing.T) {
	need(t, "smbclient")
	need(t, "curl")
	s, url := watched(t)
	sealed := smbclient{user: account + "%" + password, options: []string{"--max-protocol=SMB3_11", "--client-protection=encrypt"}}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "up"), make([]byte, 300_000), 0o644))
	look := `!curl -s -H "Authorization: Bearer ` + metricsToken + `" ` + url + "/metrics > seen" // while the session is there
	for _, c := range []struct {
		client    smbclient
		algorithm string
		encrypted string
	}{
		{signingWith("AES-128-CMAC"), "AES-128-CMAC", "false"}, {signingWith("AES-128-GMAC"), "AES-128-GMAC", "false"}, {sealed, "", "true"},
	} {
		before := scrapeOf(t, url)
		c.client.do(t, s, dir, "put up", "get up down", look)
		f, err := os.Open(filepath.Join(dir, "seen"))
		must(t, err)
		parse := expfmt.NewTextParser(model.LegacyValidation)
		during, err := parse.TextToMetricFamilies(f)
		f.Close()
		must(t, err)
		want := []string{"dialect", "3.1.1", "signed", "true"}
		if c.encrypted == "true" { // smbclient demands it, not the server
			want = want[:2]
		} else {
			want = append(want, "signing_algorithm", c.algorithm)
		}
		if n := scrape(during).value("signet_smb_sessions", want...); n != 1 {
			t.Errorf("%s: %v sessions with %v, want 1: %v", c.algorithm, n, want, during["signet_smb_sessions"])
		}
		after := scrapeOf(t, url)
		grew := func(name string, pairs ...string) float64 {
			return after.value(name, pairs...) - before.value(name, pairs...)
		}
		protection := map[string]string{"false": "signed", "true": "sealed"}[c.encrypted]
		for what, grown := range map[string]float64{
			"READ": grew("signet_smb_requests_total", "command", "READ"), "WRITE": grew("signet_smb_requests_total", "command", "WRITE"),
			"durations of CREATE": grew("signet_smb_request_duration_seconds", "command", "CREATE"), "sign-ins": grew("signet_smb_sign_ins_total"),
			protection: grew("signet_smb_verified_requests_total", "protection", protection) - 3,
			"bytes in": grew("signet_smb_received_bytes_total") - 300_000, "bytes out": grew("signet_smb_sent_bytes_total") - 300_000,
		} {
			if grown <= 0 {
				t.Errorf("%s encrypted %s: %s grew too little: %v", c.algorithm, c.encrypted, what, grown)
			}
		}
		if grew("signet_smb_signature_failures_total") != 0 || after.value("signet_smb_sessions_unprotected") != 0 {
			t.Error("a good client has failures, or is unprotected")
		}
	}
	testWhoIsRefusedIsCounted(t, s, url)
}

// testWhoIsRefusedIsCounted: a wrong password, a guest, a dialect that nobody speaks, a share
// that is closed to the user.
func testWhoIsRefusedIsCounted(t *testing.T, s *server, url string) {
	for _, c := range []struct {
		client smbclient
		reason string
	}{
		{smbclient{user: account + "%wrong"}, "sign_in"},
		{smbclient{user: "%", options: []string{"--client-protection=off"}}, "guest"},
		{smbclient{user: account + "%" + password, options: []string{"--option=client min protocol=NT1", "--max-protocol=NT1"}}, "smb1"},
	} {
		before := scrapeOf(t, url).value("signet_smb_refusals_total", "reason", c.reason)
		if out, ok := c.client.run(t, s, t.TempDir(), "ls"); ok {
			t.Errorf("%s: let in:\n%s", c.reason, out)
		}
		if after := scrapeOf(t, url).value("signet_smb_refusals_total", "reason", c.reason); after <= before {
			t.Errorf("refusals for %s: %v, then %v", c.reason, before, after)
		}
	}
}

// TestNoSeriesNamesAnybody looks for what only this test's client is called.
func TestNoSeriesNamesAnybody(t *testing.T) {
	need(t, "smbclient")
	s, url := watched(t)
	dir := t.TempDir()
	const file = "uncommonly-named-file"
	must(t, os.WriteFile(filepath.Join(dir, file), []byte("x"), 0o644))
	signingWith("AES-128-GMAC").do(t, s, dir, "put "+file)
	if _, ok := (smbclient{user: "uncommonly-named-user%x"}).run(t, s, dir, "ls"); ok {
		t.Error("let in")
	}
	series := 0
	for name, family := range scrapeOf(t, url) {
		for _, m := range family.Metric {
			series++
			for _, l := range m.Label {
				v := l.GetValue()
				if v == account || v == shareName || strings.Contains(v, "uncommonly") || strings.Contains(v, "127.0.0.1") || strings.Contains(v, s.share) {
					t.Errorf("%s{%s=%q} names somebody or something", name, l.GetName(), v)
				}
			}
		}
	}
	if series > 500 {
		t.Errorf("%d series", series)
	}
}

// TestTheDashboardAndTheAlertsAskForWhatThereIs parses every expression with
// Prometheus' parser; each metric is one that a server gives, and has the labels
// that it is asked for.
func TestTheDashboardAndTheAlertsAskForWhatThereIs(t *testing.T) {
	_, url := watched(t)
	given := labelsOf(scrapeOf(t, url))
	// These are there at times only.
	given["signet_config_restore_timestamp_seconds"] = []string{"kind"}
	given["signet_smb_sessions"] = []string{"cipher", "dialect", "encrypted", "signed", "signing_algorithm"}
	asked := make(map[string]bool)
	for where, expr := range expressions(t) {
		expr = strings.NewReplacer("$__rate_interval", "5m", "$job", "signet", "$instance", ".*").Replace(expr)
		tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
		if err != nil {
			t.Errorf("%s: %s: %v", where, expr, err)
			continue
		}
		parser.Inspect(tree, func(n parser.Node, _ []parser.Node) error {
			if v, ok := n.(*parser.VectorSelector); ok {
				asked[v.Name] = true
				checkSelector(t, where, v, given)
			}
			return nil
		})
	}
	for name := range given {
		if _, ok := strings.CutPrefix(name, "signet_"); ok && !asked[name] && !asked[name+"_bucket"] && !strings.HasSuffix(name, "event_log_sequence") &&
			!strings.HasSuffix(name, "_guests") && !strings.HasSuffix(name, "encryption_required") {
			t.Errorf("neither dashboard nor alerts ask for %s", name)
		}
	}
}

// checkSelector compares a selector with the metrics that are given.
func checkSelector(t *testing.T, where string, v *parser.VectorSelector, given map[string][]string) {
	t.Helper()
	name := v.Name
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if base, ok := strings.CutSuffix(name, suffix); ok && given[base] != nil {
			name = base
		}
	}
	has, ok := given[name]
	if !ok {
		t.Errorf("%s: there is no metric %s", where, v.Name)
	}
	for _, m := range v.LabelMatchers {
		if m.Name != labels.MetricName && m.Name != "job" && m.Name != "instance" && !slices.Contains(has, m.Name) {
			t.Errorf("%s: %s has no label %s", where, v.Name, m.Name)
		}
	}
}

// labelsOf is the labels of each metric.
func labelsOf(s scrape) map[string][]string {
	all := make(map[string][]string)
	for name, family := range s {
		all[name] = []string{}
		for _, m := range family.Metric {
			for _, l := range m.Label {
				if !slices.Contains(all[name], l.GetName()) {
					all[name] = append(all[name], l.GetName())
				}
			}
		}
	}
	return all
}

// expressions are those of the dashboard and of the alerts, by where they are.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	data, err := os.ReadFile("../deploy/grafana/signet.json")
	must(t, err)
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	must(t, json.Unmarshal(data, &board))
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			all["panel "+p.Title+" "+target.RefID] = target.Expr
		}
	}
	panels := len(all)
	data, err = os.ReadFile("../deploy/prometheus/signet-alerts.yml")
	must(t, err)
	var alerts struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	must(t, yaml.Unmarshal(data, &alerts))
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			all["alert "+r.Alert] = r.Expr
		}
	}
	if panels < 20 || len(all)-panels < 10 {
		t.Fatalf("%d expressions were found: %v", len(all), slices.Sorted(maps.Keys(all)))
	}
	return all
}
