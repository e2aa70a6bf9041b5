package gpo

import (
	"fmt"
	"strconv"
	"strings"
)

// conversion makes of a registry value the text that a property is set to. The
// error says what is wrong with the value, without naming it.
type conversion func(v *value) (string, error)

// boolean takes 0 and 1, as Windows' own tools write them.
func boolean(v *value) (string, error) {
	n, err := v.number()
	switch {
	case err != nil:
		return "", err
	case n > 1:
		return "", fmt.Errorf("is %d, 0 or 1 is wanted", n)
	}
	return strconv.FormatUint(uint64(n), 10), nil
}

// inverse is boolean of a value that says "disable" where the property says
// "enable".
func inverse(v *value) (string, error) {
	on, err := boolean(v)
	if err != nil {
		return "", err
	}
	if on == "1" {
		return "0", nil
	}
	return "1", nil
}

// decimal takes a number as it is.
func decimal(v *value) (string, error) {
	n, err := v.number()
	return strconv.FormatUint(uint64(n), 10), err
}

// dialect takes the number of a dialect revision. [MS-SMB2] 2.2.3.
func dialect(v *value) (string, error) {
	n, err := v.number()
	if err != nil {
		return "", err
	}
	words := map[uint32]string{0: "None", 0x0202: "SMB202", 0x0210: "SMB210", 0x0300: "SMB300", 0x0302: "SMB302", 0x0311: "SMB311"}
	word, ok := words[n]
	if !ok {
		return "", fmt.Errorf("is %d, which is no dialect: 514, 528, 768, 770 or 785 is wanted", n)
	}
	return word, nil
}

// neverIdle is what Windows' own form writes for "never".
const neverIdle = 99999

// idleMinutes makes seconds of minutes. Windows' "as soon as possible", 0, is
// one second: a property of 0 would mean never.
func idleMinutes(v *value) (string, error) {
	n, err := v.number()
	switch {
	case err != nil:
		return "", err
	case n == 0:
		return "1", nil
	case n >= neverIdle:
		return "0", nil
	}
	return strconv.FormatUint(uint64(n)*60, 10), nil
}

// restrictNTLM takes how much NTLM is restricted: 0 not at all, 1 watched, 2
// refused.
func restrictNTLM(v *value) (string, error) {
	n, err := v.number()
	switch {
	case err != nil:
		return "", err
	case n > 2:
		return "", fmt.Errorf("is %d, 0 to 2 is wanted", n)
	case n == 2:
		return "True", nil
	}
	return "False", nil
}

// names takes a list of words.
func names(v *value) (string, error) {
	list, err := v.list()
	if err != nil {
		return "", err
	}
	for i, name := range list {
		list[i] = strings.TrimSpace(name)
		if strings.Contains(name, ",") {
			return "", fmt.Errorf("holds %q, a name with a comma", name)
		}
	}
	return strings.Join(list, ","), nil
}

// text takes a string as it is.
func text(v *value) (string, error) { return v.sentence() }
