package admin

import (
	"context"
	"time"
)

// Configuration is what has been decided: the properties, and the journal of
// their changes. It is safe for concurrent use.
//
// A refusal is an [*Error] with its Status. A change of a stale revision, of a
// property that is none, to a value that it cannot have, or that contradicts
// another, is refused, and nothing has changed then.
type Configuration interface {
	// Properties returns every property, as it is in force.
	Properties(ctx context.Context) (PropertyList, error)
	// Explain says of a property, "server.Name", all that is known.
	Explain(ctx context.Context, property string) (Explanation, error)
	// Change changes properties in the store: all of them, or none.
	Change(ctx context.Context, by Author, c ConfigChange) (ConfigResult, error)
	// Import makes the changes that files of another system ask for: all of
	// them, or none.
	Import(ctx context.Context, by Author, c ConfigImport) (ImportResult, error)
	// Rollback makes the store say again what it said at an earlier revision.
	Rollback(ctx context.Context, by Author, c ConfigRollback) (ConfigResult, error)
	// Confirm lifts the deadlines of changes that wait to be confirmed.
	Confirm(ctx context.Context, by Author, c ConfigConfirmation) (Revision, error)
	// History returns up to limit revisions below the number before, the
	// latest first; 0 is above all.
	History(ctx context.Context, before uint64, limit int) ([]Revision, error)
	// ValuesAt returns what the store said at a revision.
	ValuesAt(ctx context.Context, revision uint64) (RevisionValues, error)
}

// Author is who makes a change.
type Author struct {
	Caller
	// Administrator is whether protection may be lowered.
	Administrator bool
	// Stale is whether who has signed in over TCP must do so again before
	// protection may be lowered: somebody else may sit there.
	Stale bool
}

// PropertyList is the answer of GET /api/v1/config.
type PropertyList struct {
	Revision   uint64     `json:"Revision" doc:"of the store; 0: nothing was ever changed"`
	Properties []Property `json:"Properties" nullable:"false"`
}

// Property is one property, as it is in force.
type Property struct {
	Side        string            `json:"Side" enum:"server,client"`
	Name        string            `json:"Name" doc:"Windows' name"`
	Value       string            `json:"Value"`
	Layer       string            `json:"Layer" enum:"Profile,Machine,File,Store,GroupPolicy,CommandLine,Floor" doc:"who holds the value"`
	Source      string            `json:"Source" doc:"which one of that layer"`
	TakesEffect string            `json:"TakesEffect" doc:"who sees a change: NextConnection, NextSession, NextTreeConnect or AtOnce"`
	State       string            `json:"State" enum:"Works,Planned,NotApplicable" doc:"whether anything reads it"`
	Why         string            `json:"Why,omitempty" doc:"why nothing reads it"`
	Caution     string            `json:"Caution,omitempty" doc:"why the value is not recommended"`
	Deadline    *PropertyDeadline `json:"Deadline,omitempty" doc:"when the store's value goes back to what it was"`
}

// PropertyDeadline is when and to what a value goes back.
type PropertyDeadline struct {
	Restore   *string    `json:"Restore,omitempty" doc:"what it goes back to; absent: what lower layers say"`
	Until     *time.Time `json:"Until,omitempty" doc:"RFC 3339, UTC; absent: it does not end by itself"`
	ConfirmBy *time.Time `json:"ConfirmBy,omitempty" doc:"RFC 3339, UTC; it goes back then unless it is confirmed"`
}

// Explanation is the answer of GET /api/v1/config/explain/{property}.
type Explanation struct {
	Property
	Doc     string        `json:"Doc" doc:"what it governs"`
	Section string        `json:"Section" doc:"of the specification; local: of none"`
	Allowed []string      `json:"Allowed" nullable:"false" doc:"its values"`
	Layers  []LayerValue  `json:"Layers" nullable:"false" doc:"what each layer says, the one that counts first"`
	Changed *RevisionHead `json:"Changed,omitempty" doc:"the revision that the store's value is of"`
	Rules   []Rule        `json:"Rules,omitempty" doc:"that say something else of some, the most specific first"`
}

// LayerValue is what one layer says of a property.
type LayerValue struct {
	Layer  string `json:"Layer"`
	Source string `json:"Source"`
	Value  string `json:"Value"`
}

// RevisionHead says who made a revision, when and why.
type RevisionHead struct {
	Number uint64    `json:"Number"`
	At     time.Time `json:"At" doc:"RFC 3339, UTC"`
	Kind   string    `json:"Kind" enum:"Change,Rollback,Confirm,Restore"`
	By     string    `json:"By"`
	Means  string    `json:"Means" doc:"by which way: CLI, Socket, TCP and an address, or Timer"`
	Reason string    `json:"Reason"`
}

// Revision is an entry of the journal.
type Revision struct {
	RevisionHead
	Changes []RevisionChange `json:"Changes" nullable:"false"`
}

// RevisionChange is what a revision did to one property.
type RevisionChange struct {
	Property string  `json:"Property"`
	Old      *string `json:"Old,omitempty" doc:"what the store said; absent: nothing"`
	New      *string `json:"New,omitempty" doc:"what the store says; absent: nothing"`
	Layer    string  `json:"Layer,omitempty" doc:"GroupPolicy: what group policy says; absent: what administrators say"`
	Source   string  `json:"Source,omitempty" doc:"the group policy object and its file"`
}

// History is the answer of GET /api/v1/config/history.
type History struct {
	Revisions []Revision `json:"Revisions" nullable:"false"`
}

// RevisionValues is the answer of GET /api/v1/config/revisions/{number}.
type RevisionValues struct {
	Revision uint64            `json:"Revision"`
	Values   map[string]string `json:"Values" doc:"by property"`
	// GroupPolicy is what group policy said above them.
	GroupPolicy []GroupPolicySetting `json:"GroupPolicy,omitempty" nullable:"false"`
}

// ConfigChange is the body of PATCH /api/v1/config.
type ConfigChange struct {
	Set   map[string]string `json:"Set,omitempty" doc:"values by property, server.Name or client.Name"`
	Reset []string          `json:"Reset,omitempty" nullable:"false" maxItems:"1000" doc:"properties of which the store is to say nothing"`
	ChangeTerms
	Until                *time.Time `json:"Until,omitempty" doc:"RFC 3339; all goes back then"`
	ConfirmWithinSeconds int64      `json:"ConfirmWithinSeconds,omitempty" minimum:"0" maximum:"604800" doc:"all goes back then unless it is confirmed; 0: never"`
}

// ConfigRollback is the body of POST /api/v1/config/rollback.
type ConfigRollback struct {
	Revision *uint64 `json:"Revision,omitempty" doc:"to go back to; absent: the one before the last that changed anything"`
	ChangeTerms
}

// ChangeTerms are what every change may be made under.
type ChangeTerms struct {
	Reason     string  `json:"Reason,omitempty" maxLength:"1000" doc:"needed where protection is lowered"`
	IfRevision *uint64 `json:"IfRevision,omitempty" doc:"refuse unless the store is at this revision"`
	Now        bool    `json:"Now,omitempty" doc:"also close the sessions that comply no more"`
	DryRun     bool    `json:"DryRun,omitempty" doc:"change nothing, say what would follow"`
}

// ConfigConfirmation is the body of POST /api/v1/config/confirm.
type ConfigConfirmation struct {
	Reason     string  `json:"Reason,omitempty" maxLength:"1000"`
	IfRevision *uint64 `json:"IfRevision,omitempty" doc:"refuse unless the store is at this revision"`
}

// ConfigResult is the answer to a change, made or only tried.
type ConfigResult struct {
	Revision uint64            `json:"Revision" doc:"of the store now"`
	Changed  bool              `json:"Changed" doc:"whether a revision was made"`
	Effects  []ConfigEffect    `json:"Effects" nullable:"false"`
	Weakens  bool              `json:"Weakens" doc:"whether protection is lowered"`
	Sessions []SessionID       `json:"Sessions" nullable:"false" doc:"that comply no more: closed with Now, else they go on as they are"`
	Deadline *PropertyDeadline `json:"Deadline,omitempty" doc:"when all goes back"`
	Overlaps []string          `json:"Overlaps,omitempty" doc:"of a rule: where it meets others, and which one counts there"`

	Unpublished string `json:"Unpublished,omitempty" doc:"why the clients of this machine do not see what is decided for them"`
}

// ConfigEffect is what a change does to one property.
type ConfigEffect struct {
	Property    string  `json:"Property"`
	Old         *string `json:"Old,omitempty" doc:"what the store said; absent: nothing"`
	New         *string `json:"New,omitempty" doc:"what the store says; absent: nothing"`
	Before      string  `json:"Before" doc:"what was in force"`
	After       string  `json:"After" doc:"what is in force"`
	HeldBy      string  `json:"HeldBy,omitempty" doc:"the higher layer that holds another value"`
	TakesEffect string  `json:"TakesEffect"`
	Caution     string  `json:"Caution,omitempty" doc:"why it is not recommended, if it lowers protection"`
	Warning     string  `json:"Warning,omitempty" doc:"why the value does nothing"`
	Layer       string  `json:"Layer,omitempty" doc:"GroupPolicy: the change is of what group policy says; absent: of what administrators say"`
	Source      string  `json:"Source,omitempty" doc:"the group policy object and its file"`
}
