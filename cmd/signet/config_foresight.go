package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// historyFile is where in the state directory the history is.
const historyFile = "history.db"

// WhatIf implements admin.Foresight.
func (c *configService) WhatIf(ctx context.Context, trial admin.Trial) (admin.WhatIf, error) {
	if c.history == nil {
		return admin.WhatIf{}, &admin.Error{Code: "NotRunning", Status: http.StatusConflict, Message: "no server runs that has seen anybody", Hint: "signet serve"}
	}
	change, err := c.thinkOf(ctx, trial)
	if err != nil {
		return admin.WhatIf{}, err
	}
	now := time.Now()
	seen, err := c.history.Since(ctx, now.AddDate(0, 0, -trial.Days))
	if err != nil {
		return admin.WhatIf{}, err
	}
	out := admin.WhatIf{From: seen.From.UTC(), To: seen.To.UTC(), DevicesSeen: len(seen.Facts)}
	for _, g := range seen.Gaps {
		out.Gaps = append(out.Gaps, admin.Gap{From: g.From, To: g.To})
	}
	for _, f := range seen.Facts {
		foreseen := history.Foresee(f, change, now)
		switch foreseen.Verdict {
		case history.Refused:
			out.WillBeRefused++
		case history.HasSigned:
			out.HasSigned++
		case history.ShouldSign:
			out.ShouldSign++
		case history.NotSeen:
			out.NotSeen++
		}
		out.Devices = append(out.Devices, showForeseen(foreseen))
	}
	// Who will be refused comes first.
	slices.SortStableFunc(out.Devices, func(a, b admin.ForeseenDevice) int {
		return cmp.Compare(b2i(b.Verdict == history.Refused.String()), b2i(a.Verdict == history.Refused.String()))
	})
	return out, nil
}

// thinkOf is the change that a trial is about. The error is a refusal.
func (c *configService) thinkOf(ctx context.Context, trial admin.Trial) (*history.Change, error) {
	before := c.policy.current()
	after, err := c.policyAfter(ctx, trial)
	if err != nil {
		return nil, err
	}
	shares, err := c.shares.List(ctx)
	if err != nil {
		return nil, err
	}
	change := &history.Change{Before: before, After: after, Shares: make(map[string]policy.ShareDemands), Fold: ruleFolding}
	for _, s := range shares {
		if s.ShareState == "Online" {
			change.Shares[vfs.Fold(s.Name)] = policy.ShareDemands{RequireSigning: s.RequireSecuritySignature, EncryptData: s.EncryptData}
		}
	}
	return change, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// policyAfter is the policy that would come of a change, which is not made. The
// error is a refusal.
func (c *configService) policyAfter(ctx context.Context, trial admin.Trial) (*policy.Snapshot, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	e, err := editTo(trial.Set, trial.Reset, d)
	if err != nil {
		return nil, err
	}
	l := c.layersAfterLocked(d, e)
	after, err := l.stack()
	_, err2 := l.ours()
	if err := errors.Join(err, err2); err != nil {
		return nil, propertyRefusal("ConflictingValues", err)
	}
	return after, nil
}

// showForeseen is a verdict in the words of the API.
func showForeseen(f history.Foreseen) admin.ForeseenDevice {
	d := admin.ForeseenDevice{
		Device: f.Fact.Device.String(), ClientName: f.Fact.Name, Account: f.Fact.Account, Identity: f.Fact.Identity.String(),
		FirstSeen: f.Fact.First, LastSeen: f.Fact.Last, Dialect: history.DialectName(f.Fact.Dialect),
		Verdict: f.Verdict.String(), Why: f.Why, Do: f.Do,
		LastSigned: timeOrNil(f.Fact.Signed), LastEncrypted: timeOrNil(f.Fact.Sealed), LastFailed: timeOrNil(f.Fact.Failed),
		Advertised: f.Fact.Advertised, Share: f.Share, Rule: f.Decision.Rule, Section: f.Decision.Section,
	}
	if f.Decision.Outcome == policy.Refused {
		d.Status = f.Decision.Status.String()
	}
	return d
}

// summaryOf says in words what would become of whom.
func summaryOf(w *admin.WhatIf) string {
	gaps := "no gaps"
	if n := len(w.Gaps); n > 0 {
		gaps = fmt.Sprintf("%d gaps", n)
	}
	return fmt.Sprintf("Who breaks, from sessions of %s to %s, %s: of devices seen %d, will be refused %d, have signed before %d, could and never had to %d, not seen %d.",
		w.From.Format(time.DateTime), w.To.Format(time.DateTime), gaps, w.DevicesSeen, w.WillBeRefused, w.HasSigned, w.ShouldSign, w.NotSeen)
}

// whoBreaks are the lines that tell who will be refused.
func whoBreaks(w *admin.WhatIf) []string {
	lines := []string{summaryOf(w)}
	for _, d := range w.Devices {
		if d.Verdict == history.Refused.String() {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("  %s %s: %s", escape(d.Device), escape(cmp.Or(d.Account, d.Identity)), d.Why)))
		}
	}
	return lines
}
