//go:build linux

package admin_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/admin"
)

// foreseen is a Foresight that knows one device, and remembers what it was
// asked.
type foreseen struct{ trial admin.Trial }

func (f *foreseen) WhatIf(_ context.Context, trial admin.Trial) (admin.WhatIf, error) {
	f.trial = trial
	if trial.Set["server.EncryptData"] == "Maybe" {
		return admin.WhatIf{}, &admin.Error{Code: "InvalidValue", Status: 422, Message: "no such value"}
	}
	return admin.WhatIf{DevicesSeen: 1, WillBeRefused: 1, Devices: []admin.ForeseenDevice{{Device: "192.0.2.7", Verdict: "WillBeRefused"}}}, nil
}

func TestWhatIfAsksForFourteenDays(t *testing.T) {
	f := new(foreseen)
	c := admin.InProcess(admin.NewHandler(admin.Config{Foresight: f}))
	w, err := c.WhatIf(t.Context(), admin.Trial{Set: map[string]string{"server.EncryptData": "True"}})
	if err != nil || w.WillBeRefused != 1 || len(w.Devices) != 1 || w.Gaps == nil {
		t.Errorf("got %+v, %v", w, err)
	}
	if f.trial.Days != 14 || f.trial.Set["server.EncryptData"] != "True" {
		t.Errorf("asked for %+v, want 14 days", f.trial)
	}
	if _, err := c.WhatIf(t.Context(), admin.Trial{Set: map[string]string{"server.EncryptData": "Maybe"}}); err == nil || !strings.Contains(err.Error(), "no such value") {
		t.Errorf("a refusal: got %v", err)
	}
	if _, err := c.WhatIf(t.Context(), admin.Trial{Days: 91}); err == nil {
		t.Error("91 days are taken, want at most 90")
	}
}

func TestWhatIfWithoutServerIsRefused(t *testing.T) {
	if _, err := admin.InProcess(admin.NewHandler(admin.Config{})).WhatIf(t.Context(), admin.Trial{}); err == nil {
		t.Error("got an answer, though nobody was seen")
	}
}

// Protection of a share is lowered by who has signed in lately, as that of the
// server is; everything else is done for as long as the sign-in lasts.
func TestALongSignInDoesNotLowerProtectionOfAShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, handler := inBubble(t)
		defer r.signIns.Close()
		b := r.direct(handler)
		if code, body := b.signIn("admin", "admin"); code != 200 {
			t.Fatalf("%d %s", code, body)
		}
		r.shares.share = admin.Share{Name: "docs", Path: "/docs", Source: "Store", RequireSecuritySignature: true, EncryptData: true}
		change := func(body string, want int) {
			t.Helper()
			if code := b.code("PATCH", "/api/v1/shares/docs", body); code != want {
				t.Errorf("%s: %d, want %d", body, code, want)
			}
		}
		change(`{"EncryptData":false}`, 200)
		time.Sleep(admin.FreshTime)
		change(`{"EncryptData":false}`, 403)
		change(`{"RequireSecuritySignature":false}`, 403)
		change(`{"EnableGuestAccess":true}`, 403)
		change(`{"ReadOnly":true}`, 200)
		change(`{"EncryptData":true,"RequireSecuritySignature":true,"EnableGuestAccess":false}`, 200)
	})
}
