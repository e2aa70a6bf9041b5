package krb5

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Config is what krb5.conf says that this package goes by. It is not changed
// while in use.
type Config struct {
	DefaultRealm string
	Realms       map[string][]string // the KDCs of a realm, host or host:port
	Domains      map[string]string   // the realm of a host, or of ".domain", in lower case
	NoDNS        bool                // dns_lookup_kdc = false: KDCs are not looked for in DNS
	CacheName    string              // default_ccache_name; "" if it is not set
}

// Bounds of krb5.conf, with what it includes.
const (
	maxConfig   = 1 << 20 // bytes of a file
	maxIncludes = 64      // files
	maxRealms   = 1024
)

// systemConfig is where krb5.conf is.
const systemConfig = "/etc/krb5.conf"

// LoadConfig reads the files that $KRB5_CONFIG names, or /etc/krb5.conf. Files
// that are not there say nothing.
func LoadConfig() (*Config, error) {
	paths := os.Getenv("KRB5_CONFIG")
	if paths == "" {
		paths = systemConfig
	}
	return ReadConfig(strings.Split(paths, ":")...)
}

// ReadConfig reads the files at paths. What an earlier one says goes before
// what a later one says.
func ReadConfig(paths ...string) (*Config, error) {
	r := configReader{config: &Config{Realms: make(map[string][]string), Domains: make(map[string]string)}, left: maxIncludes}
	for _, path := range paths {
		if err := r.file(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("krb5.conf: %w", err)
		}
	}
	return r.config, nil
}

// configReader reads files into a Config.
type configReader struct {
	config *Config
	left   int // files that may still be read
}

func (r *configReader) file(path string) error {
	if r.left--; r.left < 0 {
		return fmt.Errorf("%s: more than %d files", path, maxIncludes)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := r.read(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// directory reads the files of dir whose names are of the kind that MIT reads.
func (r *configReader) directory(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		plain := strings.Trim(e.Name(), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
		if plain || strings.HasSuffix(e.Name(), ".conf") && !strings.HasPrefix(e.Name(), ".") {
			if err := r.file(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// read takes a file apart line by line: sections in brackets, realms in braces.
// Sections and values that are not of interest are passed over.
func (r *configReader) read(f io.Reader) error {
	lines := bufio.NewScanner(io.LimitReader(f, maxConfig))
	section, realm, depth := "", "", 0
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if path, ok := strings.CutPrefix(line, "includedir "); ok {
			if err := r.directory(strings.TrimSpace(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		if path, ok := strings.CutPrefix(line, "include "); ok {
			if err := r.file(strings.TrimSpace(path)); err != nil {
				return err
			}
			continue
		}
		if line[0] == '[' {
			section, _, _ = strings.Cut(line[1:], "]")
			section, depth = strings.ToLower(strings.TrimSpace(section)), 0
			continue
		}
		if line[0] == '}' {
			depth = max(depth-1, 0)
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if strings.HasPrefix(value, "{") {
			if depth++; depth == 1 {
				realm = key
			}
			if strings.HasSuffix(value, "}") {
				depth--
			}
			continue
		}
		r.value(section, realm, depth, strings.TrimSuffix(key, "*"), strings.Trim(value, `"`))
	}
	return lines.Err()
}

// value takes one value in.
func (r *configReader) value(section, realm string, depth int, key, value string) {
	c := r.config
	switch {
	case section == "libdefaults" && depth == 0:
		switch strings.ToLower(key) {
		case "default_realm":
			setOnce(&c.DefaultRealm, value)
		case "default_ccache_name":
			setOnce(&c.CacheName, value)
		case "dns_lookup_kdc":
			c.NoDNS = slices.Contains([]string{"false", "no", "n", "off", "0", "f", "nil"}, strings.ToLower(value))
		}
	case section == "realms" && depth == 1 && strings.EqualFold(key, "kdc"):
		if _, ok := c.Realms[realm]; (ok || len(c.Realms) < maxRealms) && len(c.Realms[realm]) < maxKDCs {
			c.Realms[realm] = append(c.Realms[realm], value)
		}
	case section == "domain_realm" && depth == 0 && len(c.Domains) < maxRealms:
		if _, ok := c.Domains[strings.ToLower(key)]; !ok {
			c.Domains[strings.ToLower(key)] = value
		}
	}
}

func setOnce(to *string, value string) {
	if *to == "" {
		*to = value
	}
}

// realmOf is the realm that the configuration gives host; "" if it says none.
func (c *Config) realmOf(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if realm := c.Domains[host]; realm != "" {
		return realm
	}
	for {
		_, rest, ok := strings.Cut(host, ".")
		if !ok {
			return ""
		}
		if realm := c.Domains["."+rest]; realm != "" {
			return realm
		}
		host = rest
	}
}
