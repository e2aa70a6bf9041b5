package interop

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/policy"
)

func TestOurClientFollowsReferralsOfSmbd(t *testing.T) {
	needSmbd(t)
	folders := map[string]string{"one": nobodysFolder(t), "two": nobodysFolder(t), "three": nobodysFolder(t)}
	ports := make(map[string]string)
	for name, folder := range folders {
		s, _ := startSmbd(t, folder, "host msdfs = yes", "msdfs root = yes")
		ports[name] = net.JoinHostPort(s.host, s.port)
	}
	must(t, os.Symlink(`msdfs:nobody-home\`+shareName+`,two\`+shareName, filepath.Join(folders["one"], "link")))
	must(t, os.Symlink(`msdfs:three\`+shareName, filepath.Join(folders["two"], "more")))
	must(t, os.WriteFile(filepath.Join(folders["one"], "f"), []byte("one"), 0o666))
	must(t, os.WriteFile(filepath.Join(folders["two"], "f"), []byte("two"), 0o666))
	must(t, os.WriteFile(filepath.Join(folders["three"], "f"), []byte("three"), 0o666))

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	reach := func(excepted string) *client.DFS {
		v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "test"})
		must(t, v.Set("client.BlockNTLMServerExceptionList", excepted))
		snapshot, err := policy.Stack(v)
		must(t, err)
		dfs := client.NewDFS(&client.Dialer{
			Credentials: client.Credentials{User: "nobody", Password: password}, Policy: snapshot,
			Connect: func(ctx context.Context, network, address string) (net.Conn, error) {
				host, _, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				if ports[host] == "" {
					return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
				}
				return new(net.Dialer).DialContext(ctx, network, ports[host])
			},
		})
		t.Cleanup(func() { must(t, dfs.Close()) })
		return dfs
	}
	dfs := reach("two, three, nobody-home")
	for path, want := range map[string]string{
		`f`: "one", `link\f`: "two", `link\more\f`: "three",
	} {
		share, name, err := dfs.Resolve(ctx, `\\one\`+shareName+`\`+path)
		must(t, err)
		got, err := share.ReadFile(ctx, name)
		must(t, err)
		if string(got) != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
		must(t, share.WriteFile(ctx, name+"2", got))
		must(t, share.Rename(ctx, name+"2", name+"3", true))
		must(t, share.Mkdir(ctx, name+"-dir"))
		for _, err := range share.ReadDir(ctx, name+"-dir") {
			must(t, err)
		}
		must(t, share.RemoveDir(ctx, name+"-dir"))
		if on, err := os.ReadFile(filepath.Join(folders[want], "f3")); err != nil || string(on) != want {
			t.Errorf("%s: %q, %v", path, on, err)
		}
	}
	_, _, err := reach("nobody-home").Resolve(ctx, `\\one\`+shareName+`\link\f`)
	if r, ok := errors.AsType[*client.Refusal](err); !ok || r.Rule != client.RuleReferred {
		t.Errorf("to a server that nobody trusts: %v", err)
	}
}
