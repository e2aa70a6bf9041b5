package smbconf

// Outcome is what becomes of a parameter.
type Outcome string

// Outcomes.
const (
	Taken   Outcome = "Taken"
	Changed Outcome = "Changed" // taken as something else than it says
	Ignored Outcome = "Ignored"
	Lost    Outcome = "Lost"    // it protects, and cannot be taken
	Unknown Outcome = "Unknown" // no parameter that is known here
)

// Row is what becomes of one parameter, or of a share as a whole.
type Row struct {
	Outcome   Outcome
	File      string
	Line      int // from 1
	Section   string
	Parameter string // as it is written; "" of the share as a whole
	Value     string
	Target    string // the property, or "Share NAME"; "" if there is none
	Result    string // what that is set to
	Reason    string
}

// rowOf makes a row about a parameter.
func rowOf(s *section, q *parameter, outcome Outcome, target, result, reason string) Row {
	return Row{
		Outcome: outcome, File: q.file, Line: q.line, Section: s.name, Parameter: q.said, Value: q.value,
		Target: target, Result: result, Reason: reason,
	}
}

// Share is a share to be stored.
type Share struct {
	Name          string
	Path          string
	ReadOnly      bool
	RunAs         string
	EncryptData   bool
	AccessBased   bool // listings show what the user may read
	Restricted    bool // only those of the lists may use it
	FullAccess    []string
	ReadAccess    []string
	NoAccess      []string
	GuestsAllowed bool // what guest ok says

	Description         string // at most 256 characters
	ConcurrentUserLimit uint32 // 0: none
}

// Result is what a file means.
type Result struct {
	Values map[string]string // by property, in Windows' words
	Shares []Share           // in the order of the file
	Rows   []Row
}

// Lost lists the parameters that protect and cannot be taken.
func (r *Result) Lost() []string {
	var list []string
	for _, row := range r.Rows {
		if row.Outcome == Lost {
			list = append(list, "["+row.Section+"] "+row.Parameter)
		}
	}
	return list
}
