package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/vfs"
)

// maxConfigBytes bounds what is read as a configuration file.
const maxConfigBytes = 1 << 20

// configuration is what signet.yaml asks for.
type configuration struct {
	version    string
	listen     []string
	shares     []shareSpec
	profile    *policy.Values // below properties; nil: signet
	properties *policy.Values // of server and client
	admin      adminFlags
	anchors    anchorFlags
	peers      []string

	dir string // where paths begin
}

// layers are what the file says of properties.
func (c *configuration) layers() []*policy.Values { return []*policy.Values{c.profile, c.properties} }

// configProperties are what signet.yaml may hold.
var configProperties = []property[configuration]{
	{"version", func(c *configuration, n ast.Node) (err error) {
		c.version, err = scalar(n)
		return err
	}},
	{"listen", readListen},
	{"admin", func(c *configuration, n ast.Node) (err error) {
		if c.admin.addr, err = scalar(n); err == nil {
			_, err = parseAdmin("address", c.admin.addr)
		}
		return err
	}},
	{"adminCertificate", readPath(func(c *configuration) *string { return &c.admin.certificate })},
	{"adminKey", readPath(func(c *configuration) *string { return &c.admin.key })},
	{"metricsTokenFile", readPath(func(c *configuration) *string { return &c.admin.metricsToken })},
	{"eventAnchors", func(c *configuration, n ast.Node) (err error) {
		c.anchors.names, err = textsOf(n)
		for i, name := range c.anchors.names {
			if path, ok := strings.CutPrefix(name, "file:"); ok && path != "" && !filepath.IsAbs(path) {
				c.anchors.names[i] = "file:" + filepath.Join(c.dir, path)
			}
		}
		return err
	}},
	{"eventAnchorInterval", func(c *configuration, n ast.Node) error {
		text, err := scalar(n)
		if err == nil {
			c.anchors.every, err = time.ParseDuration(text)
		}
		if err == nil && c.anchors.every < time.Second {
			err = fmt.Errorf("%v is less than a second", c.anchors.every)
		}
		return err
	}},
	{"peers", func(c *configuration, n ast.Node) (err error) {
		if c.peers, err = textsOf(n); err == nil {
			_, err = parsePeers(c.peers)
		}
		return err
	}},
	{"profile", func(c *configuration, n ast.Node) error {
		name, err := scalar(n)
		if err == nil {
			c.profile, err = policy.Profile(name)
		}
		return err
	}},
	{"server", readSide("server")},
	{"client", readSide("client")},
	{"shares", readShares},
	{"rules", readRules},
}

// readPath makes the reader of the path of a file, which begins where the
// configuration file is.
func readPath(of func(*configuration) *string) func(*configuration, ast.Node) error {
	return func(c *configuration, n ast.Node) error {
		path, err := scalar(n)
		switch {
		case err != nil:
			return err
		case path == "":
			return errors.New("it names no file")
		case !filepath.IsAbs(path):
			path = filepath.Join(c.dir, path)
		}
		*of(c) = path
		return nil
	}
}

func readListen(c *configuration, n ast.Node) error {
	return eachItem(n, func(item ast.Node) error {
		text, err := scalar(item)
		if err != nil {
			return err
		}
		addr, err := parseListen(text)
		c.listen = append(c.listen, addr)
		return err
	})
}

// readSide makes the reader of the properties of server or client.
func readSide(side string) func(*configuration, ast.Node) error {
	return func(c *configuration, n ast.Node) error {
		return eachEntry(n, func(name string, value ast.Node) error {
			text, err := scalar(value)
			if _, isList := value.(*ast.SequenceNode); isList {
				var texts []string
				texts, err = textsOf(value)
				text = strings.Join(texts, ",")
			}
			if err != nil {
				return within(name, err)
			}
			return c.properties.Set(side+"."+name, text)
		})
	}
}

// readConfig reads a configuration file. Folders and users are not looked at.
func readConfig(path string) (*configuration, error) {
	c, err := decodeConfigFile(path)
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return c, nil
}

func decodeConfigFile(path string) (*configuration, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxConfigBytes {
		return nil, fmt.Errorf("longer than %d bytes", maxConfigBytes)
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	return decodeConfig(data, path)
}

// decodeConfig decodes signet.yaml, which lies at path: its paths begin there.
func decodeConfig(data []byte, path string) (_ *configuration, err error) {
	body, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	c := &configuration{
		dir:        filepath.Dir(path),
		properties: policy.NewValues(policy.Origin{Layer: policy.LayerFile, Name: path}),
	}
	if err := readMapping(body, c, configProperties); err != nil {
		return nil, err
	}
	if c.version != "1" {
		return nil, fmt.Errorf("version is %q, this Signet knows version: 1", c.version)
	}
	if _, err := policy.Stack(c.layers()...); err != nil {
		return nil, err
	}
	return c, nil
}

func readShares(c *configuration, n ast.Node) error {
	seen := map[string]bool{}
	return eachItem(n, func(item ast.Node) error {
		spec := shareSpec{source: fromFile}
		err := readMapping(item, &spec, shareProperties)
		if err == nil {
			err = checkShareName(spec.name)
		}
		if err == nil {
			err = checkDescription(spec.description)
		}
		switch {
		case err != nil:
		case seen[vfs.Fold(spec.name)]:
			err = errors.New("the name is taken")
		case spec.path == "":
			err = errors.New("it has no Path")
		}
		if err != nil {
			return within(fmt.Sprintf("share %d, %q", len(c.shares)+1, spec.name), err)
		}
		if !filepath.IsAbs(spec.path) {
			spec.path = filepath.Join(c.dir, spec.path)
		}
		seen[vfs.Fold(spec.name)] = true
		c.shares = append(c.shares, spec)
		return nil
	})
}

// shareProperties are what a share in signet.yaml may have. As soon as one of
// the lists of accounts is there, only those named in them may use the share.
var shareProperties = []property[shareSpec]{
	{"Name", readText(func(s *shareSpec) *string { return &s.name })},
	{"Path", readText(func(s *shareSpec) *string { return &s.path })},
	{"ReadOnly", readBoolean(func(s *shareSpec) *bool { return &s.readOnly })},
	{"RunAs", readText(func(s *shareSpec) *string { return &s.runAs })},
	{"EncryptData", readBoolean(func(s *shareSpec) *bool { return &s.encryptData })},
	{"RequireSecuritySignature", readBoolean(func(s *shareSpec) *bool { return &s.requireSignature })},
	{"EnableGuestAccess", func(s *shareSpec, n ast.Node) error {
		guests, err := boolean(n)
		s.refuseGuests = !guests
		return err
	}},
	{"FolderEnumerationMode", func(s *shareSpec, n ast.Node) error {
		text, err := scalar(n)
		if err == nil {
			s.enumeration, err = parseEnumeration(text)
		}
		return err
	}},
	{"LeasingMode", func(s *shareSpec, n ast.Node) error {
		text, err := scalar(n)
		if err == nil {
			s.leasing, err = parseLeasing(text)
		}
		return err
	}},
	{"Description", readText(func(s *shareSpec) *string { return &s.description })},
	{"ConcurrentUserLimit", func(s *shareSpec, n ast.Node) error {
		text, err := scalar(n)
		if err != nil {
			return err
		}
		limit, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return fmt.Errorf("%q is no number of users; 0 is no limit", text)
		}
		s.userLimit = uint32(limit)
		return nil
	}},
	{"FullAccess", readGrants(store.Full)},
	{"ChangeAccess", readGrants(store.Change)},
	{"ReadAccess", readGrants(store.Read)},
	{"NoAccess", readGrants(store.None)},
}

func readText(of func(*shareSpec) *string) func(*shareSpec, ast.Node) error {
	return func(s *shareSpec, n ast.Node) (err error) {
		*of(s), err = scalar(n)
		return err
	}
}

func readBoolean(of func(*shareSpec) *bool) func(*shareSpec, ast.Node) error {
	return func(s *shareSpec, n ast.Node) (err error) {
		*of(s), err = boolean(n)
		return err
	}
}

func readGrants(access store.Access) func(*shareSpec, ast.Node) error {
	return func(s *shareSpec, n ast.Node) error {
		accounts, err := textsOf(n)
		if err != nil {
			return err
		}
		s.restricted = true
		for _, account := range accounts {
			if account == "" {
				return errors.New("it holds an account without a name")
			}
			s.grants = append(s.grants, store.Grant{Account: account, Access: access})
		}
		return nil
	}
}
