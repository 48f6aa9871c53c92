package api

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// pages keeps the built pages and assets in memory: they are part of the binary, and few.
type pages struct {
	web   fs.FS
	mu    sync.Mutex
	files map[string]*staticFile
}

// staticFile is a file with the forms of it that were compressed when it was built.
type staticFile struct {
	contentType string
	tag         string
	plain       []byte
	encodings   []string // of encoded, the best first
	encoded     map[string][]byte
}

// Pages by address. A station's page is the rider's, which reads the code from its address.
var pageFiles = map[string]string{
	"/": "rider.html", "/s/:code": "rider.html", "/plan/": "planner.html", "/insight/": "analyst.html",
	"/admin/": "admin.html", "/login/": "login.html",
}

func (s *Server) routePages() {
	s.pages = pages{web: s.options.Web, files: map[string]*staticFile{}}
	for address, file := range pageFiles {
		s.router.get(address, func(c *fiber.Ctx) error { return s.pages.serve(c, file, "no-cache") })
	}
	for _, address := range []string{"/plan", "/insight", "/admin", "/login"} {
		s.router.get(address, func(c *fiber.Ctx) error { return c.Redirect(address+"/", http.StatusPermanentRedirect) })
	}
	// The names of assets carry a hash of what is in them.
	s.router.get("/assets/*", func(c *fiber.Ctx) error {
		return s.pages.serve(c, "assets/"+c.Params("*"), "public, max-age=31536000, immutable")
	})
	for _, name := range rootFiles(s.options.Web) {
		s.router.get("/"+name, func(c *fiber.Ctx) error { return s.pages.serve(c, name, "no-cache") })
	}
}

// isPage tells whether a route is of the pages and their files, which are part of the binary and hold no data:
// what they show, they ask for.
func isPage(route string) bool {
	_, page := pageFiles[route]
	_, beside := pageFiles[route+"/"]
	return page || beside || route == "/assets/*" || path.Dir(route) == "/" && path.Ext(route) != ""
}

// rootFiles lists what lies beside the pages: icons, a manifest, a service worker.
func rootFiles(web fs.FS) []string {
	if web == nil {
		return nil
	}
	entries, err := fs.ReadDir(web, ".")
	if err != nil {
		panic(fmt.Errorf("api: list the pages: %w", err)) // they are part of the binary
	}
	var names []string
	for _, entry := range entries {
		switch path.Ext(entry.Name()) {
		case ".html", ".br", ".gz", "":
		default:
			names = append(names, entry.Name())
		}
	}
	return names
}

func (p *pages) serve(c *fiber.Ctx, name, cacheControl string) error {
	if p.web == nil {
		return newProblem("no_pages", "this binary was built without the web pages; the API is at /api/docs")
	}
	file, err := p.open(name)
	if err != nil {
		return err
	}
	tag, body := file.tag, file.plain
	if len(file.encoded) > 0 {
		c.Vary(fiber.HeaderAcceptEncoding)
		encoding := chooseEncoding(c.Get(fiber.HeaderAcceptEncoding), file.encodings...)
		if encoded := file.encoded[encoding]; encoded != nil {
			tag, body = tag+"-"+encoding, encoded
			c.Set(fiber.HeaderContentEncoding, encoding)
		}
	}
	c.Set(fiber.HeaderETag, `"`+tag+`"`)
	c.Set(fiber.HeaderCacheControl, cacheControl)
	if matches(c.Get(fiber.HeaderIfNoneMatch), file.tag) {
		c.Response().Header.Del(fiber.HeaderContentEncoding)
		c.Status(http.StatusNotModified)
		return nil
	}
	c.Set(fiber.HeaderContentType, file.contentType)
	c.Status(http.StatusOK).Response().SetBodyRaw(body)
	return nil
}

func (p *pages) open(name string) (*staticFile, error) {
	if !fs.ValidPath(name) || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
		return nil, notFound("there is no such file")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if file := p.files[name]; file != nil {
		return file, nil
	}
	plain, err := fs.ReadFile(p.web, name)
	if errors.Is(err, fs.ErrNotExist) || isFolder(p.web, name) {
		return nil, notFound("there is no such file")
	}
	if err != nil {
		return nil, err
	}
	file := &staticFile{contentType: contentTypeOf(name), tag: hashOf(plain), plain: plain, encoded: map[string][]byte{}}
	for _, form := range []struct{ encoding, suffix string }{{encodingBrotli, ".br"}, {encodingGzip, ".gz"}} {
		if encoded, err := fs.ReadFile(p.web, name+form.suffix); err == nil {
			file.encodings = append(file.encodings, form.encoding)
			file.encoded[form.encoding] = encoded
		}
	}
	p.files[name] = file
	return file, nil
}

func isFolder(web fs.FS, name string) bool {
	info, err := fs.Stat(web, name)
	return err == nil && info.IsDir()
}

// contentTypeOf does not ask the machine's tables for what the pages are made of.
func contentTypeOf(name string) string {
	known := map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json",
		".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
		".map": "application/json", ".wasm": "application/wasm", ".pbf": "application/x-protobuf", ".webp": "image/webp",
	}
	extension := path.Ext(name)
	if contentType, ok := known[extension]; ok {
		return contentType
	}
	if contentType := mime.TypeByExtension(extension); contentType != "" {
		return contentType
	}
	return "application/octet-stream"
}
