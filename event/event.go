package event

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is something that has happened. What does not apply is zero.
type Event struct {
	Kind *Kind
	Time time.Time // zero: now

	Client     string // the peer's network address with its port
	ClientName string // what the peer calls its machine
	User       string // the account, as it is stored or else as the peer said it
	Domain     string // as the peer said it
	SessionID  uint64
	TreeID     uint32
	MessageID  uint64
	Command    string // of a request, "READ"
	Share      string
	SPN        string // the service that the client meant to reach
	Dialect    string // "3.1.1"
	Status     string // what the peer was answered
	Reason     string // our words

	// SigningRequired is whether the server requires signing; nil: it does not
	// matter here.
	SigningRequired *bool

	// Of administration:
	Means    string  // by which way: "Socket", "TCP", "CLI", "Timer"
	Object   string  // what was changed or wanted: an account, a session, an operation; shares are in Share
	Property string  // which of its properties
	Old, New *string // its value; nil: there is none, or it is a secret
	Revision uint64  // of the configuration
}

// What of an event that is not the same in all that one record stands for.
const (
	VariesUser   = "User"   // users, of one client
	VariesClient = "Client" // clients, and users
)

// Record is an event as it is kept, or several like it: the answer of the
// administration API, word for word, and what the chain's hashes cover. Fields
// are only ever added, at the end.
//
// Strings are bounded but otherwise a peer's own: escape them before showing
// them.
type Record struct {
	Sequence uint64    `json:"Sequence" doc:"its place in the chain, from 1"`
	Time     time.Time `json:"Time" doc:"RFC 3339, UTC; of several the first"`
	LastTime time.Time `json:"LastTime" doc:"of several the last"`
	Count    int       `json:"Count" doc:"how many it stands for: of one client and user within a minute"`
	Varies   string    `json:"Varies,omitempty" enum:"User,Client" doc:"of several: what was not the same in all; shown is the last"`
	Channel  Channel   `json:"Channel"`
	ID       int       `json:"Id" doc:"Windows' number in the channel; 0: which one is not known"`
	Name     string    `json:"Name"`
	Level    Level     `json:"Level" enum:"Information,Warning,Error"`

	Client          string `json:"Client,omitempty" doc:"the peer's network address; of several of one IPv6 network that network"`
	ClientName      string `json:"ClientName,omitempty" doc:"what the peer calls its machine"`
	User            string `json:"User,omitempty"`
	Domain          string `json:"Domain,omitempty"`
	SessionID       string `json:"SessionId,omitempty"`
	TreeID          string `json:"TreeId,omitempty"`
	MessageID       string `json:"MessageId,omitempty"`
	Command         string `json:"Command,omitempty"`
	Share           string `json:"Share,omitempty"`
	SPN             string `json:"ServicePrincipalName,omitempty"`
	Dialect         string `json:"Dialect,omitempty"`
	Status          string `json:"Status,omitempty"`
	SigningRequired *bool  `json:"SigningRequired,omitempty"`
	Reason          string `json:"Reason,omitempty"`
	Through         uint64 `json:"Through,omitempty" doc:"of LogRotated: the last that made room"`
	ThroughHash     string `json:"ThroughHash,omitempty" doc:"of LogRotated: the hash of that one"`

	Means    string  `json:"Means,omitempty" doc:"of administration: by which way, such as Socket, TCP or Timer"`
	Object   string  `json:"Object,omitempty" doc:"of administration: what was changed or wanted"`
	Property string  `json:"Property,omitempty" doc:"which of its properties was changed"`
	Old      *string `json:"Old,omitempty" doc:"what it was"`
	New      *string `json:"New,omitempty" doc:"what it is"`
	Revision uint64  `json:"Revision,omitempty" doc:"of the configuration"`

	Hash string `json:"Hash,omitempty" doc:"over the hash before it and all of the above, in hexadecimal"`
}

// maxText is the longest string of a record in bytes: a peer may send names of
// many kilobytes.
const maxText = 256

// NewRecord returns the record of one event. It keeps none of e's strings that
// are too long.
func NewRecord(e *Event) Record {
	r := Record{
		Time: e.Time.UTC(), LastTime: e.Time.UTC(), Count: 1,
		Channel: e.Kind.Channel, ID: e.Kind.ID, Name: e.Kind.Name, Level: e.Kind.Level,
		Client: Clip(e.Client), ClientName: Clip(e.ClientName), User: Clip(e.User), Domain: Clip(e.Domain),
		Command: Clip(e.Command), Share: Clip(e.Share), SPN: Clip(e.SPN), Dialect: e.Dialect,
		Status: e.Status, Reason: Clip(e.Reason), SigningRequired: e.SigningRequired,
		Means: e.Means, Object: Clip(e.Object), Property: Clip(e.Property), Old: clip(e.Old), New: clip(e.New), Revision: e.Revision,
	}
	if e.SessionID != 0 {
		r.SessionID = fmt.Sprintf("0x%016x", e.SessionID)
	}
	if e.TreeID != 0 {
		r.TreeID = fmt.Sprintf("0x%08x", e.TreeID)
	}
	if e.Command != "" {
		r.MessageID = fmt.Sprintf("0x%016x", e.MessageID)
	}
	return r
}

// Clip returns what a record keeps of a string: at most 256 bytes and a mark.
func Clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for cut > maxText-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.Clone(s[:cut]) + "…"
}

// clip is Clip of a string that may not be there.
func clip(s *string) *string {
	if s == nil {
		return nil
	}
	clipped := Clip(*s)
	return &clipped
}

// Text says what has happened, in one line. It holds a peer's words.
func (r *Record) Text() string {
	text := r.Name
	if k := ByName(r.Name); k != nil {
		text = k.Text
	}
	var details []string
	add := func(name, value string) {
		if value != "" {
			details = append(details, name+" "+value)
		}
	}
	add("command", r.Command)
	add("message", r.MessageID)
	add("session", r.SessionID)
	add("tree", r.TreeID)
	add("share", r.Share)
	add("revision", r.revision())
	add("of", r.Object)
	add("property", r.Property)
	if r.Old != nil {
		add("was", *r.Old)
	}
	if r.New != nil {
		add("is", *r.New)
	}
	add("by way of", r.Means)
	add("SPN", r.SPN)
	add("dialect", r.Dialect)
	add("answered", r.Status)
	if r.SigningRequired != nil {
		add("signing required:", fmt.Sprint(*r.SigningRequired))
	}
	if r.Through != 0 {
		add("up to", fmt.Sprint(r.Through))
	}
	if r.Reason != "" {
		details = append(details, r.Reason)
	}
	if r.Varies != "" {
		add("several of:", r.Varies)
	}
	if len(details) > 0 {
		text += " (" + strings.Join(details, ", ") + ")"
	}
	return text
}

// revision is the number of the revision; "" if there is none.
func (r *Record) revision() string {
	if r.Revision == 0 {
		return ""
	}
	return strconv.FormatUint(r.Revision, 10)
}
