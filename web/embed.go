// Package web is the page of the administration: the files that a browser
// loads, compiled in, and the handler that gives them out.
//
// Its source is in TypeScript beside this file and is built by make web; what
// comes of that, dist, is committed, so that a build needs Go alone. See
// README.md.
package web

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// dist is what Vite has made of the source.
//
//go:embed all:dist
var dist embed.FS

// ContentSecurityPolicy is what the page may load and do: what this server
// gives out, and nothing else. No script or style in the document itself runs.
//
// The hash is that of nothing at all. Fluent UI makes style elements that are
// empty, and fills them by the object model, which no policy forbids to
// scripts that run; the element as such has to be let through. One with any
// text in it is refused as before, so whoever could put markup into the page
// gains nothing by it.
const ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'; img-src 'self'; font-src 'none'"

// sourceHash is the file of dist that names the source that it was made of.
const sourceHash = "source.sha256"

// assets are the files below that, whose names change with what is in them.
const assets = "assets/"

// Handler gives out the page. Every path that names no file is one of the
// page's own and gets the same document. Safe for concurrent use.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // dist is a valid path
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		body, err := fs.ReadFile(files, name)
		switch {
		case name == "index.html" || err != nil && path.Ext(name) == "":
			name = "index.html"
			body, err = fs.ReadFile(files, name)
		case name == sourceHash:
			err = fs.ErrNotExist
		}
		if err != nil {
			http.NotFound(w, r)
			return
		}
		give(w, r, name, body)
	})
}

// give answers with one file.
func give(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	h := w.Header()
	h.Set("Content-Security-Policy", ContentSecurityPolicy)
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, assets) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the peer went away if this fails: nobody to tell
	}
}
