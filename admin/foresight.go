package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Foresight tells whom a change of the configuration would shut out, from what
// was seen of clients. It is safe for concurrent use.
//
// A refusal is an [*Error] with its Status.
type Foresight interface {
	WhatIf(ctx context.Context, trial Trial) (WhatIf, error)
}

// Trial is the body of POST /api/v1/config/what-if: a change that is not made.
type Trial struct {
	Set   map[string]string `json:"Set,omitempty" doc:"values by property, server.Name or client.Name"`
	Reset []string          `json:"Reset,omitempty" nullable:"false" maxItems:"1000" doc:"properties of which the store would say nothing"`
	Days  int               `json:"Days,omitempty" minimum:"1" maximum:"90" default:"14" doc:"how far back to look"`
}

// WhatIf is the answer: what would become of who was seen.
type WhatIf struct {
	From          time.Time        `json:"From" doc:"RFC 3339, UTC; since when what was seen is known, of the time that was asked for"`
	To            time.Time        `json:"To"`
	Gaps          []Gap            `json:"Gaps" nullable:"false" doc:"times between in which nothing was recorded"`
	DevicesSeen   int              `json:"DevicesSeen" doc:"devices and accounts; who did not connect in this time is not among them"`
	WillBeRefused int              `json:"WillBeRefused"`
	HasSigned     int              `json:"HasSigned"`
	ShouldSign    int              `json:"ShouldSign"`
	NotSeen       int              `json:"NotSeen" doc:"of which nothing that was seen tells"`
	Devices       []ForeseenDevice `json:"Devices" nullable:"false"`
}

// Gap is a time in which nothing was recorded.
type Gap struct {
	From time.Time `json:"From"`
	To   time.Time `json:"To"`
}

// ForeseenDevice is what would become of a device under an account. Names are as
// the peer said them: escape them before showing them.
type ForeseenDevice struct {
	Device        string     `json:"Device" doc:"network address"`
	ClientName    string     `json:"ClientName" doc:"what the device calls itself"`
	Account       string     `json:"Account" doc:"empty: a guest, or nobody"`
	Identity      string     `json:"Identity" enum:"user,guest,anonymous"`
	FirstSeen     time.Time  `json:"FirstSeen"`
	LastSeen      time.Time  `json:"LastSeen"`
	Dialect       string     `json:"Dialect" doc:"of its last session"`
	Verdict       string     `json:"Verdict" enum:"WillBeRefused,HasSigned,ShouldSign,NotSeen"`
	Why           string     `json:"Why"`
	Do            string     `json:"Do" doc:"what to do about it; empty: nothing"`
	Advertised    bool       `json:"Advertised" doc:"whether it says that it can sign"`
	LastSigned    *time.Time `json:"LastSigned,omitempty" doc:"when a valid signature of it was last seen; absent: never"`
	LastEncrypted *time.Time `json:"LastEncrypted,omitempty" doc:"absent: never"`
	LastFailed    *time.Time `json:"LastFailed,omitempty" doc:"when a signature of it was last wrong or missing; absent: never"`
	Share         string     `json:"Share" doc:"of which the verdict is; empty: of the session"`
	Rule          string     `json:"Rule" doc:"by which it is decided"`
	Section       string     `json:"Section" doc:"where the rule is from"`
	Status        string     `json:"Status,omitempty" doc:"with which it will be refused"`
}

// trialInput is the request of POST /api/v1/config/what-if.
type trialInput struct{ Body Trial }

// whatIfOutput is what huma takes for its reply.
type whatIfOutput struct{ Body WhatIf }

// registerForesight is the part of the table of operations that looks ahead.
func registerForesight(api huma.API, h *handlers) {
	// It is no GET for what it takes; it changes nothing.
	huma.Register(api, operation(Viewer, "what-if", http.MethodPost, "/api/v1/config/what-if", "Whom a change would shut out, from the sessions seen"), h.whatIf)
}

func (h *handlers) whatIf(ctx context.Context, in *trialInput) (*whatIfOutput, error) {
	if h.foresight == nil {
		return nil, errNotRunning()
	}
	w, err := h.foresight.WhatIf(ctx, in.Body)
	w.Gaps, w.Devices = append([]Gap{}, w.Gaps...), append([]ForeseenDevice{}, w.Devices...)
	return &whatIfOutput{Body: w}, h.configError(ctx, err)
}
