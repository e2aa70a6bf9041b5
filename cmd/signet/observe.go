package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/signet-smb/signet/internal/metrics"
	"github.com/signet-smb/signet/internal/private"
	"github.com/signet-smb/signet/policy"
)

// Bounds of the token for metrics: shorter ones can be guessed, and no program
// makes longer ones.
const (
	minTokenLength = 32
	maxTokenLength = 512
)

// readMetricsToken reads the token that lets its bearer read the metrics from a
// file that nobody else may read; "" for no file.
func readMetricsToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := private.Open(path, private.Credential)
	if err != nil {
		return "", usagef("token for metrics: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTokenLength+3))
	if err != nil {
		return "", fmt.Errorf("token for metrics: %w", err)
	}
	token := strings.TrimRight(string(data), "\r\n")
	switch {
	case len(token) < minTokenLength || len(token) > maxTokenLength:
		return "", usagef("token for metrics: %s holds %d characters; %d to %d are wanted, such as openssl rand -hex 32 makes", path, len(token), minTokenLength, maxTokenLength)
	case strings.ContainsFunc(token, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || r == 0x7f }):
		return "", usagef("token for metrics: %s holds characters that no header can carry, or more than one line", path)
	}
	return token, nil
}

// metricsHandler answers with the metrics of a server.
func (s *service) metricsHandler(smb smbServer) http.Handler {
	return metrics.Handler(metrics.Sources{
		Version: version(), Server: smb.Metrics, Events: s.events.State,
		Configuration: s.config.metrics, Ready: func(ctx context.Context) error { return s.ready(ctx, smb) },
	})
}

// metrics is what metrics tell of the configuration.
func (c *configService) metrics(ctx context.Context) (metrics.Configuration, error) {
	p := c.policy.current()
	status := inForce(p)
	m := metrics.Configuration{
		ServerSigns: status.Inbound == "Required", ClientSigns: status.Outbound == "Required",
		Encrypts: status.Encryption == "Required", Guests: status.Guest == "On",
		Pending: len(c.pendingRules(time.Now())),
	}
	for _, setting := range status.Settings {
		if setting.Weakens {
			m.Weakened++
		}
	}
	exceptions, err := c.exceptions(ctx)
	if err != nil {
		return m, err
	}
	m.Exceptions = len(exceptions)
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return m, err
	}
	m.Revision = d.Revision
	for i := range d.Deadlines {
		if l := &d.Deadlines[i]; !l.ConfirmBy.IsZero() {
			m.ConfirmBy = earlier(m.ConfirmBy, l.ConfirmBy)
		} else {
			m.Until = earlier(m.Until, l.Until)
		}
	}
	return m, nil
}

// ready tells why the server should be given no new clients; nil: it may.
func (s *service) ready(ctx context.Context, smb smbServer) error {
	if smb.Metrics().Shutting {
		return errors.New("the server is shutting down")
	}
	if s.events.State().Failing {
		return errors.New("the log of events cannot be written")
	}
	if _, err := s.config.store.Decisions(ctx); err != nil {
		return err
	}
	if policy.Get(s.policy.current(), policy.EnableSMB2Protocol) {
		return nil
	}
	return errors.New("EnableSMB2Protocol is False: nobody is served")
}
