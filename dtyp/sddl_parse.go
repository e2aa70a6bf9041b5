package dtyp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ParseSDDL reads the text form of a security descriptor. [MS-DTYP] 2.5.1.1.
// Letters may be in either case, as everywhere in that grammar, and parts in
// any order, each at most once. A list without entries grants nothing; one
// that is left out is not present.
//
// Refused, as [SecurityDescriptor.SDDL] cannot write them: conditional
// entries and resource attributes. Aliases of a domain's accounts ("DA") are
// refused too, for no domain is given; their SIDs in full are not.
func ParseSDDL(text string) (SecurityDescriptor, error) {
	sd := SecurityDescriptor{Control: SelfRelative}
	var seen []byte
	for rest := text; rest != ""; {
		tag, body, after, ok := cutSDDLPart(rest)
		if !ok || slices.Contains(seen, tag) {
			return SecurityDescriptor{}, fmt.Errorf("dtyp: SDDL: want one of O:, G:, D: and S:, each once, not %s", excerpt(rest))
		}
		if err := sd.parseSDDLPart(tag, body); err != nil {
			return SecurityDescriptor{}, fmt.Errorf("dtyp: SDDL: %c: %w", tag, err)
		}
		seen = append(seen, tag)
		rest = after
	}
	return sd, nil
}

// excerpt quotes the beginning of text, for an error.
func excerpt(text string) string {
	const enough = 40
	if len(text) > enough {
		return strconv.Quote(text[:enough]) + "…"
	}
	return strconv.Quote(text)
}

// cutSDDLPart cuts the first part off text: its tag in upper case and what is
// between the colon and the next part's tag.
func cutSDDLPart(text string) (tag byte, body, rest string, ok bool) {
	if len(text) < 2 || text[1] != ':' {
		return 0, "", "", false
	}
	tag, text = upper(text[0]), text[2:]
	depth := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ':' && depth == 0:
			if i == 0 {
				return 0, "", "", false
			}
			return tag, text[:i-1], text[i-1:], true
		}
	}
	return tag, text, "", true
}

// upper is c in upper case, if it is a letter of ASCII.
func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// parseSDDLPart reads the part of sd that tag names.
func (sd *SecurityDescriptor) parseSDDLPart(tag byte, body string) (err error) {
	switch tag {
	case 'O':
		sd.Owner, err = parseSDDLSID(body)
		return err
	case 'G':
		sd.Group, err = parseSDDLSID(body)
		return err
	}
	for _, l := range sddlLists {
		if l.tag != tag {
			continue
		}
		acl, control, err := parseSDDLList(l, body)
		*l.of(sd) = acl
		sd.Control |= control
		return err
	}
	return errors.New("no such part")
}

// parseSDDLList reads a list: flags, then entries.
func parseSDDLList(l sddlList, text string) (*ACL, SecurityDescriptorControl, error) {
	control := l.present
	flags, entries := text, ""
	if i := strings.IndexByte(text, '('); i >= 0 {
		flags, entries = text[:i], text[i:]
	}
	if cut, ok := cutSuffixFold(flags, nullACL); ok && entries == "" {
		bits, err := parseSDDLBits(l.flags[:], cut)
		return nil, control | bits, err
	}
	bits, err := parseSDDLBits(l.flags[:], flags)
	if err != nil {
		return nil, 0, err
	}
	acl := &ACL{Revision: ACLRevision, ACEs: []ACE{}}
	size := aclHeaderSize
	for entries != "" {
		end := strings.IndexByte(entries, ')')
		if entries[0] != '(' || end < 0 {
			return nil, 0, fmt.Errorf("want an entry in parentheses, not %s", excerpt(entries))
		}
		a, err := parseSDDLACE(entries[1:end])
		if err != nil {
			return nil, 0, fmt.Errorf("entry %d, %s: %w", len(acl.ACEs), excerpt(entries[:end+1]), err)
		}
		if size += a.Size(); size > MaxACLSize {
			return nil, 0, errors.New("access control list too large")
		}
		if a.Type.row().object {
			acl.Revision = ACLRevisionDS
		}
		acl.ACEs = append(acl.ACEs, a)
		entries = entries[end+1:]
	}
	return acl, control | bits, nil
}

// cutSuffixFold is strings.CutSuffix for either case of ASCII.
func cutSuffixFold(s, suffix string) (string, bool) {
	if i := len(s) - len(suffix); i >= 0 && equalFold(s[i:], suffix) {
		return s[:i], true
	}
	return s, false
}

// equalFold compares in either case of ASCII. [strings.EqualFold] also takes
// other letters for ASCII ones, which are of another length.
func equalFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// parseSDDLACE reads an entry without its parentheses.
func parseSDDLACE(text string) (ACE, error) {
	fields := strings.SplitN(text, ";", 7)
	if len(fields) < 6 {
		return ACE{}, fmt.Errorf("%d fields, want 6", len(fields))
	}
	a := ACE{}
	typ := slices.IndexFunc(aceTypes[:], func(row aceRow) bool {
		return row.sddl != "" && equalFold(row.sddl, fields[0])
	})
	if typ < 0 {
		return ACE{}, fmt.Errorf("no such type: %s", excerpt(fields[0]))
	}
	a.Type = ACEType(typ)
	row := a.Type.row()
	switch {
	case row.data:
		return ACE{}, errors.New("conditional entries and resource attributes are not read")
	case len(fields) > 6:
		return ACE{}, errors.New("more than 6 fields")
	case !row.object && fields[3]+fields[4] != "":
		return ACE{}, errors.New("GUIDs in an entry that is not for objects")
	}
	var err error
	if a.Flags, err = parseSDDLBits(sddlACEFlags[:], fields[1]); err != nil {
		return ACE{}, err
	}
	if a.Mask, err = parseSDDLMask(a.Type, fields[2]); err != nil {
		return ACE{}, err
	}
	for _, g := range [...]struct {
		text string
		flag ObjectACEFlags
		to   *GUID
	}{
		{fields[3], ObjectTypePresent, &a.ObjectType},
		{fields[4], InheritedObjectTypePresent, &a.InheritedObjectType},
	} {
		if g.text == "" {
			continue
		}
		if *g.to, err = ParseGUID(g.text); err != nil {
			return ACE{}, err
		}
		a.ObjectFlags |= g.flag
	}
	a.SID, err = parseSDDLSID(fields[5])
	return a, err
}

// parseSDDLBits reads names written one after the other. No name of a table
// is the beginning of another.
func parseSDDLBits[T ~uint8 | ~uint16 | ~uint32](names []sddlFlag[T], text string) (v T, err error) {
	for rest := text; rest != ""; {
		i := slices.IndexFunc(names, func(n sddlFlag[T]) bool {
			return len(rest) >= len(n.name) && equalFold(rest[:len(n.name)], n.name)
		})
		if i < 0 {
			return 0, fmt.Errorf("no such flag or right: %s", excerpt(rest))
		}
		v |= names[i].bit
		rest = rest[len(names[i].name):]
	}
	return v, nil
}

// parseSDDLMask reads rights: names, or a number in the notation of C.
func parseSDDLMask(t ACEType, text string) (AccessMask, error) {
	if text != "" && '0' <= text[0] && text[0] <= '9' {
		return parseSDDLNumber(text)
	}
	if t == SystemMandatoryLabelACE {
		return parseSDDLBits(sddlLabelRights[:], text)
	}
	return parseSDDLBits(sddlReadRights, text)
}

// parseSDDLNumber reads a decimal, octal (017) or hexadecimal (0x1f) number
// of 32 bits. [strconv.ParseUint] alone would take 0o17, 0b1 and 1_000 too.
func parseSDDLNumber(text string) (AccessMask, error) {
	digits, base := text, 10
	switch {
	case len(text) > 2 && text[0] == '0' && upper(text[1]) == 'X':
		digits, base = text[2:], 16
	case len(text) > 1 && text[0] == '0':
		digits, base = text[1:], 8
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, fmt.Errorf("no mask of 32 bits: %s", excerpt(text))
	}
	return AccessMask(n), nil
}

// parseSDDLSID reads an alias or a SID in full.
func parseSDDLSID(text string) (SID, error) {
	if len(text) != 2 {
		return ParseSID(text)
	}
	name := strings.ToUpper(text)
	for _, a := range sddlSIDs {
		if a.name == name {
			return a.sid, nil
		}
	}
	if slices.Contains(sddlDomainSIDs[:], name) {
		return SID{}, fmt.Errorf("%s names an account of a domain, and no domain is given: write its SID", name)
	}
	return SID{}, fmt.Errorf("no such alias: %s", excerpt(text))
}
