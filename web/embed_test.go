package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/signet-smb/signet/web"
)

// get asks the handler for a path.
func get(t *testing.T, method, path string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody))
	return w.Result()
}

func TestEveryRouteGetsTheDocument(t *testing.T) {
	for _, path := range []string{"/", "/index.html", "/sessions", "/settings/file-shares", "/x/../y"} {
		reply := get(t, http.MethodGet, path)
		if kind := reply.Header.Get("Content-Type"); reply.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/html") {
			t.Errorf("GET %s: got %d %s, want 200 text/html", path, reply.StatusCode, kind)
		}
		if got := reply.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("GET %s: Cache-Control %q, want no-cache", path, got)
		}
		if got := reply.Header.Get("Content-Security-Policy"); got != web.ContentSecurityPolicy {
			t.Errorf("GET %s: Content-Security-Policy %q", path, got)
		}
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	for _, path := range []string{"/assets/none.js", "/favicon.gif", "/source.sha256", "/../embed.go", "/assets/../source.sha256"} {
		if reply := get(t, http.MethodGet, path); reply.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: got %d, want 404", path, reply.StatusCode)
		}
	}
	if reply := get(t, http.MethodPost, "/"); reply.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /: got %d, want 405", reply.StatusCode)
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	files, err := fs.Glob(os.DirFS("dist"), "assets/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no assets: %v", err)
	}
	for _, name := range files {
		reply := get(t, http.MethodGet, "/"+name)
		if got := reply.Header.Get("Cache-Control"); reply.StatusCode != http.StatusOK || !strings.Contains(got, "immutable") {
			t.Errorf("GET /%s: got %d, Cache-Control %q", name, reply.StatusCode, got)
		}
	}
}

// The policy lets nothing through that is in the document itself, and names no
// other host.
func TestThePolicyIsStrict(t *testing.T) {
	for _, bad := range []string{"unsafe", "http:", "https:", "data:", "blob:", "*", "nonce"} {
		if strings.Contains(web.ContentSecurityPolicy, bad) {
			t.Errorf("the policy has %q in it: %s", bad, web.ContentSecurityPolicy)
		}
	}
	empty := sha256.Sum256(nil)
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(empty[:]) + "'"; strings.Count(web.ContentSecurityPolicy, "sha256-") != 1 || !strings.Contains(web.ContentSecurityPolicy, want) {
		t.Errorf("the policy lets more styles through than the empty one: %s", web.ContentSecurityPolicy)
	}
	document, err := os.ReadFile("dist/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`<style`, `<script>`, `\son[a-z]+=`, `style=`, `https?://`, `(?:src|href)="[^/]`} {
		if found := regexp.MustCompile(bad).Find(document); found != nil {
			t.Errorf("index.html has %q in it:\n%s", found, document)
		}
	}
}
