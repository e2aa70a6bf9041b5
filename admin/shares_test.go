//go:build linux

package admin_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
)

// oneShare is a list of shares that has room for one, and says what was asked
// of it.
type oneShare struct {
	share admin.Share
	asked []string
}

func (s *oneShare) List(context.Context) ([]admin.Share, error) {
	if s.share.Name == "" {
		return nil, nil
	}
	return []admin.Share{s.share}, nil
}

func (s *oneShare) Add(_ context.Context, n admin.NewShare) (admin.Share, error) {
	if s.share.Name != "" {
		return admin.Share{}, fs.ErrExist
	}
	s.share = admin.Share{Name: n.Name, Path: n.Path, ReadOnly: n.ReadOnly, FullAccess: n.FullAccess, ShareState: "Offline", Source: "Store"}
	return s.share, nil
}

func (s *oneShare) Update(_ context.Context, name string, c admin.ShareChange) (admin.Share, error) {
	if name != s.share.Name {
		return admin.Share{}, fs.ErrNotExist
	}
	if c.Path != nil && *c.Path == "relative" {
		return admin.Share{}, &admin.Error{Code: "InvalidValue", Property: "Path", Message: "not absolute"}
	}
	if c.ReadOnly != nil {
		s.share.ReadOnly = *c.ReadOnly
	}
	return s.share, nil
}

func (s *oneShare) Remove(_ context.Context, name string) error {
	if name != s.share.Name {
		return fs.ErrNotExist
	}
	s.share = admin.Share{}
	return nil
}

func (s *oneShare) Grant(_ context.Context, name, account, access string) (admin.Share, error) {
	s.asked = append(s.asked, "grant "+name+" "+account+" "+access)
	s.share.ChangeAccess = []string{account}
	return s.share, nil
}

func (s *oneShare) Revoke(_ context.Context, name, account string) (admin.Share, error) {
	s.asked = append(s.asked, "revoke "+name+" "+account)
	return s.share, errors.New("disk on fire")
}

func TestSharesComeAndGoAndAreGranted(t *testing.T) {
	shares, log := &oneShare{}, &logBuffer{}
	path := serve(t, admin.NewHandler(admin.Config{
		Inspector: fixedStatus{}, Accounts: newMemAccounts(), Shares: shares, Logger: slog.New(slog.NewJSONHandler(log, nil)),
	}))
	client := admin.OverSocket(dialer(path))
	defer client.Close()
	ctx := t.Context()

	if code, body := raw(t, path, "GET", "/api/v1/shares", "", ""); code != 200 || strings.TrimSpace(body) != `{"Shares":[]}` {
		t.Errorf("GET shares = %d %s", code, body)
	}
	want := admin.Share{
		Name: "my docs", Path: "/srv/docs", FullAccess: []string{"ann"}, ChangeAccess: []string{}, ReadAccess: []string{},
		NoAccess: []string{}, ShareState: "Offline", Source: "Store",
	}
	add := admin.NewShare{Name: want.Name, Path: want.Path, FullAccess: want.FullAccess}
	if got, err := client.AddShare(ctx, add); err != nil || !reflect.DeepEqual(*got, want) {
		t.Fatalf("AddShare = %+v, %v; want %+v", got, err, want)
	}
	wantCode(t, errOf(client.AddShare(ctx, add)), "AlreadyExists", 409)
	wantCode(t, errOf(client.AddShare(ctx, admin.NewShare{Name: "x"})), "InvalidValue", 422)
	want.ReadOnly = true
	if got, err := client.UpdateShare(ctx, "my docs", admin.ShareChange{ReadOnly: new(true)}); err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("UpdateShare = %+v, %v; want %+v", got, err, want)
	}
	wantCode(t, errOf(client.UpdateShare(ctx, "my docs", admin.ShareChange{Path: new("relative")})), "InvalidValue", 422)
	wantCode(t, errOf(client.UpdateShare(ctx, "other", admin.ShareChange{})), "NotFound", 404)
	if got, err := client.Shares(ctx); err != nil || len(got.Shares) != 1 || !reflect.DeepEqual(got.Shares[0], want) {
		t.Errorf("Shares = %+v, %v; want %+v", got, err, want)
	}
	if _, err := client.GrantShare(ctx, "my docs", "ann lee", "Change"); err != nil {
		t.Error(err)
	}
	wantCode(t, errOf(client.GrantShare(ctx, "my docs", "ann", "change")), "InvalidValue", 422)
	wantCode(t, errOf(client.RevokeShare(ctx, "my docs", "a?b")), "InternalError", 500)
	if got := strings.Join(shares.asked, ", "); got != "grant my docs ann lee Change, revoke my docs a?b" {
		t.Errorf("asked for %s", got)
	}
	if err := client.RemoveShare(ctx, "my docs"); err != nil {
		t.Error(err)
	}
	wantCode(t, client.RemoveShare(ctx, "my docs"), "NotFound", 404)
	for _, change := range []string{"share added", "share changed", "share access granted", "share removed"} {
		if !strings.Contains(log.String(), `"msg":"`+change+`","share":"my docs"`) {
			t.Errorf("the log does not say %q:\n%s", change, log)
		}
	}
}
