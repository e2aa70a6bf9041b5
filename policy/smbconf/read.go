package smbconf

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/signet-smb/signet/policy"
)

// ValueError refuses a parameter: it cannot be what it says.
type ValueError struct {
	Row Row
	Err error // may wrap a *[policy.PropertyError]
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s: line %d: [%s] %s: %v", e.Row.File, e.Row.Line, e.Row.Section, e.Row.Parameter, e.Err)
}

func (e *ValueError) Unwrap() error { return e.Err }

// Read reads a file and what it includes. accounts reports whether there is an
// account of a name: what is granted to others is left out, and said. The error
// names the file and the line, or is a *[ValueError].
func Read(name string, accounts func(name string) bool) (*Result, error) {
	p, err := parse(name)
	if err != nil {
		return nil, err
	}
	return p.result(accounts)
}

// result makes of sections what they mean.
func (p *parser) result(accounts func(string) bool) (*Result, error) {
	r := &Result{Values: make(map[string]string), Rows: p.notes}
	global := p.sections[0]
	if err := r.global(global); err != nil {
		return nil, err
	}
	for _, s := range p.sections[1:] {
		if err := r.share(s, global, accounts); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// global reads [global]. What it says of all shares is read with each.
func (r *Result) global(s *section) error {
	for _, q := range s.parameters {
		if s.get(q.name) != q {
			continue // said again
		}
		read, ok := globals[q.name]
		if !ok {
			if m, ofShares := forShares[q.name]; ofShares && m.outcome != Lost && m.outcome != "" {
				r.Rows = append(r.Rows, rowOf(s, q, m.outcome, "", "", m.reason))
			} else if !ofShares && !ofAShare[q.name] {
				r.Rows = append(r.Rows, rowOf(s, q, Unknown, "", "", "no parameter of that name is known"))
			}
			continue
		}
		if strings.Contains(q.value, "%") {
			r.Rows = append(r.Rows, rowOf(s, q, Ignored, "", "", "its variables would have to be replaced"))
			continue
		}
		m, ok := read(q.value)
		if !ok {
			return &ValueError{Row: rowOf(s, q, Ignored, "", "", ""), Err: fmt.Errorf("%q is no value of it", q.value)}
		}
		if err := r.take(s, q, m); err != nil {
			return err
		}
	}
	return nil
}

// take enters what a parameter of [global] comes to.
func (r *Result) take(s *section, q *parameter, m meaning) error {
	if len(m.values) == 0 {
		r.Rows = append(r.Rows, rowOf(s, q, m.outcome, "", "", m.reason))
		return nil
	}
	for _, v := range m.values {
		text := v.text
		if before := r.Values[v.property]; v.property == "server.OptionalNames" && before != "" && text != "" {
			text = before + "," + text // the name and the aliases
		}
		definition, err := policy.Find(v.property)
		if err != nil {
			return err
		}
		parsed, err := definition.Parse(text)
		if err != nil {
			return &ValueError{Row: rowOf(s, q, m.outcome, "", "", ""), Err: err}
		}
		text = definition.Format(parsed)
		r.Values[definition.Name] = text
		r.Rows = append(r.Rows, rowOf(s, q, m.outcome, definition.Name, text, m.reason))
	}
	return nil
}

// notShares are sections that are no shares of folders.
var notShares = map[string]string{
	"homes":    "home folders are not shared by one section: signet share add for each",
	"printers": "printers are not shared",
	"print$":   "printers are not shared",
	"ipc$":     "it is always there",
	"netlogon": "a domain is not served",
}

// share reads the section of a share.
func (r *Result) share(s, global *section, accounts func(string) bool) error {
	get := func(name string) *parameter {
		if q := s.get(name); q != nil {
			return q
		}
		return global.get(name)
	}
	if reason := r.noShare(s, get); reason != "" {
		r.Rows = append(r.Rows, Row{Outcome: Ignored, Section: s.name, Target: "Share " + s.name, Reason: reason, File: fileOf(s), Line: lineOf(s)})
		return nil
	}
	sh := shareReading{result: r, section: s, get: get, accounts: accounts, share: Share{Name: s.name}}
	if err := sh.read(); err != nil {
		return err
	}
	r.Shares = append(r.Shares, sh.share)
	for _, q := range append(slices.Clone(s.parameters), global.parameters...) {
		ofGlobal := s.get(q.name) != q
		if ofGlobal && (global.get(q.name) != q || s.get(q.name) != nil) {
			continue // said again
		}
		m, ok := forShares[q.name]
		switch {
		case ok && m.outcome == Lost:
			r.Rows = append(r.Rows, rowOf(s, q, Lost, "", "", m.reason))
		case ofGlobal || ofAShare[q.name]:
		case ok && m.outcome != "":
			r.Rows = append(r.Rows, rowOf(s, q, m.outcome, "", "", m.reason))
		case globals[q.name] != nil:
			r.Rows = append(r.Rows, rowOf(s, q, Ignored, "", "", "it counts in [global] only"))
		case !ok:
			r.Rows = append(r.Rows, rowOf(s, q, Unknown, "", "", "no parameter of that name is known"))
		}
	}
	return nil
}

func fileOf(s *section) string {
	if len(s.parameters) == 0 {
		return ""
	}
	return s.parameters[0].file
}

func lineOf(s *section) int {
	if len(s.parameters) == 0 {
		return 0
	}
	return s.parameters[0].line
}

// noShare says why a section is not taken; "" if it is.
func (r *Result) noShare(s *section, get func(string) *parameter) string {
	if reason := notShares[strings.ToLower(s.name)]; reason != "" {
		return reason
	}
	if q := get("printable"); q != nil {
		if on, _ := boolean(q.value); on {
			return "printers are not shared"
		}
	}
	if q := get("available"); q != nil {
		if on, ok := boolean(q.value); ok && !on {
			return "it is not available there either"
		}
	}
	if s.get("copy") != nil {
		return "it is a copy of another section: write out what it says"
	}
	q := s.get("path")
	switch {
	case q == nil:
		return "it has no path"
	case strings.Contains(q.value, "%"):
		return "its path depends on who connects"
	case !filepath.IsAbs(q.value):
		return "its path is not absolute"
	}
	return ""
}

// ofAShare are the parameters that shareReading reads.
var ofAShare = map[string]bool{
	"path": true, "readonly": true, "validusers": true, "invalidusers": true, "readlist": true, "writelist": true,
	"guestok": true, "forceuser": true, "hideunreadable": true, "serversmbencrypt": true, "available": true, "printable": true, "copy": true,
	"comment": true, "maxconnections": true,
}

// shareReading is a share on its way from parameters to what is stored.
type shareReading struct {
	result   *Result
	section  *section
	get      func(name string) *parameter // of the section, or of [global]
	accounts func(string) bool
	share    Share
}

func (r *shareReading) row(q *parameter, outcome Outcome, result, reason string) {
	r.result.Rows = append(r.result.Rows, rowOf(r.section, q, outcome, "Share "+r.section.name, result, reason))
}

func (r *shareReading) refuse(q *parameter) error {
	return &ValueError{Row: rowOf(r.section, q, Ignored, "", "", ""), Err: fmt.Errorf("%q is no value of it", q.value)}
}

// flag reads a parameter that is yes or no.
func (r *shareReading) flag(name string, otherwise bool) (bool, *parameter, error) {
	q := r.get(name)
	if q == nil {
		return otherwise, nil, nil
	}
	on, ok := boolean(q.value)
	if !ok {
		return false, q, r.refuse(q)
	}
	return on, q, nil
}

func (r *shareReading) read() error {
	path := r.section.get("path")
	r.share.Path = filepath.Clean(path.value)
	r.row(path, Taken, r.share.Path, "")
	if err := r.access(); err != nil {
		return err
	}
	if q := r.get("forceuser"); q != nil && q.value != "" {
		if strings.Contains(q.value, "%") || strings.EqualFold(q.value, "root") {
			r.row(q, Ignored, "", "nobody uses files as root, or as who depends on the sign-in")
		} else {
			r.share.RunAs = q.value
			r.row(q, Taken, "RunAs "+q.value, "")
		}
	}
	if err := r.description(); err != nil {
		return err
	}
	hide, q, err := r.flag("hideunreadable", false)
	if err != nil {
		return err
	}
	if r.share.AccessBased = hide; q != nil {
		r.row(q, Taken, "FolderEnumerationMode "+map[bool]string{true: "AccessBased", false: "Unrestricted"}[hide], "")
	}
	if q := r.section.get("serversmbencrypt"); q != nil { // that of [global] is the server's
		level, ok := protection(q.value)
		if !ok {
			return r.refuse(q)
		}
		r.share.EncryptData = level == required
		r.row(q, Taken, "EncryptData "+title(r.share.EncryptData), "")
	}
	return nil
}

// maxDescription is the most characters of a share's description.
const maxDescription = 256

// description reads what tells people of the share, and how many may use it at a
// time.
func (r *shareReading) description() error {
	if q := r.get("comment"); q != nil && q.value != "" {
		switch {
		case strings.Contains(q.value, "%"):
			r.row(q, Ignored, "", "it depends on who asks")
		case utf8.RuneCountInString(q.value) > maxDescription || strings.ContainsFunc(q.value, unicode.IsControl):
			r.row(q, Ignored, "", "it is not one line of 256 characters at most")
		default:
			r.share.Description = q.value
			r.row(q, Taken, "Description "+q.value, "")
		}
	}
	q := r.get("maxconnections")
	if q == nil {
		return nil
	}
	limit, err := strconv.ParseUint(q.value, 10, 32)
	if err != nil {
		return r.refuse(q)
	}
	r.share.ConcurrentUserLimit = uint32(limit)
	r.row(q, Taken, "ConcurrentUserLimit "+q.value, "")
	return nil
}

// access reads who may do what.
func (r *shareReading) access() error {
	readOnly, q, err := r.flag("readonly", true)
	if err != nil {
		return err
	}
	if q != nil {
		r.row(q, Taken, "ReadOnly "+title(readOnly), "")
	}
	guests, q, err := r.flag("guestok", false)
	if err != nil {
		return err
	}
	valid, validGiven := r.names("validusers")
	invalid, _ := r.names("invalidusers")
	readers, _ := r.names("readlist")
	writers, _ := r.names("writelist")
	r.share.NoAccess = invalid
	s := &r.share
	switch {
	case validGiven: // nobody else, whatever they are
		s.Restricted = true
		for _, name := range valid {
			switch {
			case has(readers, name) && !has(writers, name) || readOnly && !has(writers, name):
				s.ReadAccess = append(s.ReadAccess, name)
			default:
				s.FullAccess = append(s.FullAccess, name)
			}
		}
	case readOnly && len(writers) == 0 && len(invalid) == 0 && guests:
		s.ReadOnly = true
	case readOnly:
		s.Restricted, s.ReadAccess, s.FullAccess = true, []string{everyone}, writers
	case len(invalid) == 0 && guests && len(readers) == 0:
	default:
		s.Restricted, s.FullAccess = true, []string{everyone}
	}
	if !validGiven && !readOnly && len(readers) > 0 {
		r.row(r.get("readlist"), Lost, "", "all may write, and what all may one of them may, too: name who may write by valid users")
	}
	s.GuestsAllowed = guests && !s.Restricted
	if q != nil {
		reason := ""
		if guests {
			reason = "guests come in only where server.EnableGuestAccess is True, and nobody requires signing or encryption"
		}
		r.row(q, Taken, "Guests "+title(s.GuestsAllowed), reason)
	}
	return nil
}

// everyone stands for all accounts in lists of them.
const everyone = "Everyone"

// names reads a list of accounts, without those that are none here; given tells
// that there is one, even if nobody is left in it.
func (r *shareReading) names(parameter string) (names []string, given bool) {
	q := r.get(parameter)
	if q == nil || strings.TrimSpace(q.value) == "" {
		return nil, false
	}
	var left, missing []string
	for _, name := range list(q.value) {
		switch {
		case strings.ContainsAny(name[:1], "@+&") || strings.Contains(name, "%"):
			left = append(left, name)
		case !r.accounts(name):
			missing = append(missing, name)
		case !has(names, name):
			names = append(names, name)
		}
	}
	outcome, reason := Taken, ""
	if len(left)+len(missing) > 0 {
		outcome = Changed
		if parameter == "invalidusers" { // whom it would keep out
			outcome = Lost
		}
		var why []string
		if len(left) > 0 {
			why = append(why, "groups and variables are not known here: "+strings.Join(left, ", "))
		}
		if len(missing) > 0 {
			why = append(why, "no such account: "+strings.Join(missing, ", ")+"; signet user import, then signet share grant")
		}
		reason = strings.Join(why, "; ")
	}
	r.row(q, outcome, strings.Join(names, ", "), reason)
	return names, true
}

func has(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}
