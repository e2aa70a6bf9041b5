package smbconf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Bounds of what is read.
const (
	maxBytes    = 4 << 20 // of all files together
	maxFiles    = 64
	maxDepth    = 8 // of files including files
	maxLines    = 1 << 16
	maxSections = 4096
)

// parameter is one line NAME = VALUE.
type parameter struct {
	name  string // in the form of fold, its synonym replaced
	said  string // as it is written
	value string
	file  string
	line  int // from 1
}

// section is a [NAME] and what stands in it. A section that comes again goes on.
type section struct {
	name       string
	parameters []*parameter
	last       map[string]*parameter // by name: of two the later counts
}

// get returns the parameter of that name, or nil.
func (s *section) get(name string) *parameter { return s.last[name] }

// fold makes names that Samba takes for the same the same.
func fold(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, name))
}

// parser is the state of reading.
type parser struct {
	root     *os.Root
	sections []*section // the first is [global]
	byName   map[string]*section
	current  *section
	notes    []Row

	bytes, files, lines int
}

// parse reads a file and what it includes.
func parse(name string) (*parser, error) {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	p := newParser(root)
	if err := p.file(filepath.Base(name), 0); err != nil {
		return nil, err
	}
	return p, nil
}

func newParser(root *os.Root) *parser {
	global := &section{name: "global", last: make(map[string]*parameter)}
	return &parser{root: root, sections: []*section{global}, byName: map[string]*section{"global": global}}
}

// file reads one file. Lines before the first section belong to [global].
func (p *parser) file(name string, depth int) error {
	if p.files++; p.files > maxFiles || depth > maxDepth {
		return fmt.Errorf("%s: files include each other %d deep, or are more than %d", name, maxDepth, maxFiles)
	}
	text, err := p.read(name)
	if err != nil {
		return err
	}
	return p.text(name, text, depth)
}

// text reads what a file holds.
func (p *parser) text(name, text string, depth int) error {
	if p.current == nil {
		p.current = p.sections[0]
	}
	number, begin, joined := 0, 0, ""
	for line := range strings.Lines(text) {
		number++
		if p.lines++; p.lines > maxLines {
			return fmt.Errorf("%s: more than %d lines", name, maxLines)
		}
		if begin == 0 {
			begin = number
		}
		line = strings.TrimRight(line, "\r\n")
		if rest, goesOn := strings.CutSuffix(line, `\`); goesOn {
			joined += rest
			continue
		}
		if err := p.line(strings.TrimSpace(joined+line), name, begin, depth); err != nil {
			return fmt.Errorf("%s: line %d: %w", name, begin, err)
		}
		begin, joined = 0, ""
	}
	if joined != "" {
		return fmt.Errorf("%s: line %d: it goes on behind the end of the file", name, begin)
	}
	return nil
}

// read reads a regular file.
func (p *parser) read(name string) (string, error) {
	if fi, err := p.root.Stat(name); err != nil { // before it is opened, for opening a pipe would wait
		return "", err
	} else if !fi.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file", name)
	}
	f, err := p.root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(maxBytes-p.bytes)+1))
	if err != nil {
		return "", err
	}
	if p.bytes += len(data); p.bytes > maxBytes {
		return "", fmt.Errorf("%s: more than %d bytes", name, maxBytes)
	}
	if !utf8.Valid(data) || strings.ContainsRune(string(data), 0) {
		return "", fmt.Errorf("%s is no UTF-8", name)
	}
	return strings.TrimPrefix(string(data), "\uFEFF"), nil
}

// line reads a line without the blanks around it.
func (p *parser) line(line, file string, number, depth int) error {
	switch {
	case line == "" || line[0] == '#' || line[0] == ';':
		return nil
	case line[0] == '[':
		name, ok := strings.CutSuffix(line[1:], "]")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return errors.New("it is no [section]")
		}
		return p.open(name)
	}
	said, value, ok := strings.Cut(line, "=")
	said, value = strings.TrimSpace(said), strings.TrimSpace(value)
	if !ok || said == "" {
		return errors.New("it is no name = value")
	}
	name := fold(said)
	if same, ok := synonyms[name]; ok {
		name = same
	}
	q := &parameter{name: name, said: said, value: unquote(value), file: file, line: number}
	if inverse[fold(said)] {
		if on, ok := boolean(q.value); ok {
			q.value = map[bool]string{true: "no", false: "yes"}[on]
		}
	}
	if name == "include" {
		return p.include(q, depth)
	}
	s := p.current
	if before := s.last[name]; before != nil && before.value != q.value {
		p.note(s, before, Ignored, fmt.Sprintf("it is said again in line %d of %s", number, file))
	}
	s.last[name] = q
	s.parameters = append(s.parameters, q)
	return nil
}

// open goes on in a section.
func (p *parser) open(name string) error {
	key := strings.ToLower(name)
	if p.byName[key] == nil {
		if len(p.sections) == maxSections {
			return fmt.Errorf("there are more than %d sections", maxSections)
		}
		p.byName[key] = &section{name: name, last: make(map[string]*parameter)}
		p.sections = append(p.sections, p.byName[key])
	}
	p.current = p.byName[key]
	return nil
}

// include reads another file as if it stood here.
func (p *parser) include(q *parameter, depth int) error {
	switch {
	case q.value == "registry":
		p.note(p.current, q, Ignored, "the registry of Samba is not read: net conf list writes it as a file")
		return nil
	case strings.Contains(q.value, "%"):
		p.note(p.current, q, Ignored, "it depends on who connects")
		return nil
	}
	name := filepath.ToSlash(q.value)
	if filepath.IsAbs(q.value) {
		rel, err := filepath.Rel(p.root.Name(), q.value)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(rel)
	}
	if name = path.Clean(name); name == ".." || strings.HasPrefix(name, "../") {
		return fmt.Errorf("%s is not below %s: copy it there, or leave the line out", q.value, p.root.Name())
	}
	return p.file(name, depth+1)
}

// unquote takes the quotation marks off a value that has them at both ends.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// boolean reads yes and no as Samba does.
func boolean(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "yes", "true", "1", "on":
		return true, true
	case "no", "false", "0", "off":
		return false, true
	}
	return false, false
}

func (p *parser) note(s *section, q *parameter, outcome Outcome, reason string) {
	p.notes = append(p.notes, rowOf(s, q, outcome, "", "", reason))
}
