package client_test

import (
	"context"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/policy"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of a test: one that hangs says where.
const patience = 60 * time.Second

// bounded is a context that ends a hanging test.
func bounded(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// set is a snapshot with the given values above the default; text as Windows
// writes it.
func set(t testing.TB, values ...string) *policy.Snapshot {
	t.Helper()
	s, err := snapshot(values...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// snapshot is set without a test.
func snapshot(values ...string) (*policy.Snapshot, error) {
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "test"})
	for i := 0; i < len(values); i += 2 {
		if err := v.Set(values[i], values[i+1]); err != nil {
			return nil, err
		}
	}
	return policy.Stack(v)
}

// dialer signs in as the user of test servers.
func dialer() *client.Dialer {
	return &client.Dialer{Credentials: client.Credentials{User: smbtest.User, Domain: "WORKGROUP", Password: smbtest.Password}}
}

// dial signs in on s, and closes the session at the end of the test.
func dial(t testing.TB, s *smbtest.Server, d *client.Dialer) *client.Session {
	t.Helper()
	session, err := d.DialConn(bounded(t), s.DialConn(), "SIGNET")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

// connect is dial that goes on to the share.
func connect(t testing.TB, s *smbtest.Server, d *client.Dialer) *client.Share {
	t.Helper()
	share, err := dial(t, s, d).Share(bounded(t), smbtest.ShareName)
	if err != nil {
		t.Fatal(err)
	}
	return share
}
