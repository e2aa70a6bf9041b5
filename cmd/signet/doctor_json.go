package main

import "github.com/signet-smb/signet/internal/doctor"

// causeJSON is a cause in JSON.
type causeJSON struct {
	ID     string `json:"Id"`
	Title  string `json:"Title"`
	Why    string `json:"Why"`
	Server string `json:"Server,omitempty"`
	Client string `json:"Client,omitempty"`
}

// codeJSON is a code in JSON.
type codeJSON struct {
	Space   doctor.Space `json:"Space"`
	Number  string       `json:"Number"`
	Name    string       `json:"Name"`
	Meaning string       `json:"Meaning"`
	Causes  []causeJSON  `json:"Causes,omitempty"`
}

// reportJSON is the answer of signet doctor URL --json.
type reportJSON struct {
	Target string     `json:"Target"`
	Steps  []stepJSON `json:"Steps"`
	Cause  *causeJSON `json:"Cause"`
	Code   *codeJSON  `json:"Code,omitempty"`
	Look   []string   `json:"Look,omitempty"`
	Notes  []string   `json:"Notes,omitempty"`
}

// stepJSON is a step of it.
type stepJSON struct {
	Name   string        `json:"Name"`
	Result doctor.Result `json:"Result"`
	Detail string        `json:"Detail,omitempty"`
}

// answerJSON is the answer of signet doctor ERRORCODE --json.
type answerJSON struct {
	Read    string     `json:"Read"`
	Name    string     `json:"Name,omitempty"`
	Codes   []codeJSON `json:"Codes"`
	Nearest *codeJSON  `json:"Nearest,omitempty"`
}

func newCauseJSON(c *doctor.Cause) causeJSON {
	return causeJSON{ID: c.ID, Title: c.Title, Why: c.Why, Server: c.Server, Client: c.Client}
}

func newCodeJSON(c *doctor.Code) codeJSON {
	return codeJSON{Space: c.Space, Number: c.Number(), Name: c.Name, Meaning: c.Meaning}
}

func newReportJSON(r *doctor.Report) reportJSON {
	out := reportJSON{Target: r.Target.String(), Look: r.Look, Notes: r.Notes}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, stepJSON(s))
	}
	if r.Cause != nil {
		c := newCauseJSON(r.Cause)
		out.Cause = &c
	}
	if r.Code != nil {
		c := newCodeJSON(r.Code)
		out.Code = &c
	}
	return out
}

func newAnswerJSON(a doctor.Answer) answerJSON {
	out := answerJSON{Read: a.Read, Name: a.Name, Codes: []codeJSON{}}
	for _, code := range a.Codes {
		c := newCodeJSON(code)
		for _, reason := range code.Reasons() {
			c.Causes = append(c.Causes, newCauseJSON(reason))
		}
		out.Codes = append(out.Codes, c)
	}
	if a.Nearest != nil && len(a.Codes) == 0 {
		c := newCodeJSON(a.Nearest)
		out.Nearest = &c
	}
	return out
}
