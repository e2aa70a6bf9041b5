package fsa

import (
	"strings"

	"github.com/signet-smb/signet/vfs"
)

// Wildcards. [MS-FSA] 2.1.4.3. The last three are what clients make of "*",
// "?" and "." to get the meaning they had under DOS.
const (
	anyRun  = '*' // any number of characters
	anyOne  = '?' // one character
	dosStar = '<' // any number of characters, up to the last period and with it
	dosQM   = '>' // one character that is no period, or nothing before a period or at the end
	dosDot  = '"' // a period, or nothing at the end

	wildcards = `*?<>"`
)

// pattern is an expression that names of files are matched with, without
// regard to case. Immutable.
type pattern struct {
	text    string // as given
	folded  string
	runes   []rune // of folded
	literal bool   // there is no wildcard
}

func newPattern(text string) pattern {
	folded := vfs.Fold(text)
	return pattern{text, folded, []rune(folded), !strings.ContainsAny(text, wildcards)}
}

// match says whether name is in the expression. [MS-FSA] 2.1.4.4.
//
// It follows all ways through the expression at once: position i is in at when
// runes[:i] can stand for what was read of name. So the time is at most the
// product of the two lengths.
func (p *pattern) match(name string) bool {
	if p.text == "*" || p.text == "*.*" {
		return name != ""
	}
	name = vfs.Fold(name)
	if p.literal {
		return name == p.folded
	}
	lastPeriod := strings.LastIndexByte(name, '.')
	var spaceA, spaceB [64]bool
	at, next := p.positions(spaceA[:]), p.positions(spaceB[:])
	at[0] = true
	for i, c := range name {
		clear(next)
		alive := false
		for j, e := range p.runes {
			if !at[j] {
				continue
			}
			stay, skip, step := false, false, false
			switch e {
			case anyRun:
				stay, skip = true, true
			case dosStar:
				stay, skip, step = i != lastPeriod, true, i == lastPeriod
			case dosQM:
				skip, step = c == '.', c != '.'
			case dosDot:
				step = c == '.'
			case anyOne:
				step = true
			default:
				step = c == e
			}
			at[j+1] = at[j+1] || skip
			next[j] = next[j] || stay
			next[j+1] = next[j+1] || step
			alive = alive || stay || step
		}
		if !alive {
			return false
		}
		at, next = next, at
	}
	for j, e := range p.runes { // what may stand for nothing at the end
		if at[j] && (e == anyRun || e == dosStar || e == dosQM || e == dosDot) {
			at[j+1] = true
		}
	}
	return at[len(p.runes)]
}

// positions returns one bool for each position, in space if that is enough.
func (p *pattern) positions(space []bool) []bool {
	if n := len(p.runes) + 1; n > len(space) {
		return make([]bool, n)
	}
	return space[:len(p.runes)+1]
}
