package api

import (
	"net/http"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	compressFrom   = 1 << 10 // bytes; below, the headers cost more than is won
	encodingGzip   = "gzip"
	encodingBrotli = "br"
)

// Answers made for one request are compressed at once and fast; gzip is then twice as fast as brotli
// and hardly larger. Those that many ask for are compressed once, and well.
const (
	gzipFast   = fasthttp.CompressBestSpeed
	brotliFast = fasthttp.CompressBrotliBestSpeed
	gzipWell   = fasthttp.CompressDefaultCompression
	brotliWell = 6
)

// packed is the compressed forms of an answer that many ask for, each made when it is first asked for.
type packed struct {
	gzip, brotli sync.Once
	forms        [2][]byte
}

func (p *packed) form(encoding string, body []byte) []byte {
	switch encoding {
	case encodingGzip:
		p.gzip.Do(func() { p.forms[0] = fasthttp.AppendGzipBytesLevel(nil, body, gzipWell) })
		return p.forms[0]
	case encodingBrotli:
		p.brotli.Do(func() { p.forms[1] = fasthttp.AppendBrotliBytesLevel(nil, body, brotliWell) })
		return p.forms[1]
	}
	return body
}

// compress encodes text answers as the client accepts. Tiles and assets come encoded already, event
// streams must not be held back.
func compress(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		return err
	}
	response := c.Response()
	if response.IsBodyStream() || !compressible(string(response.Header.ContentType())) {
		return nil
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	body := response.Body()
	if len(response.Header.ContentEncoding()) > 0 || len(body) < compressFrom || c.Response().StatusCode() != http.StatusOK {
		return nil
	}
	encoding := chooseEncoding(c.Get(fiber.HeaderAcceptEncoding), encodingGzip, encodingBrotli)
	switch encoding {
	case encodingBrotli:
		response.SetBodyRaw(fasthttp.AppendBrotliBytesLevel(nil, body, brotliFast))
	case encodingGzip:
		response.SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, body, gzipFast))
	default:
		return nil
	}
	c.Locals(localOwned, true)
	c.Set(fiber.HeaderContentEncoding, encoding)
	// Other bytes need another strong tag.
	if tag := string(response.Header.Peek(fiber.HeaderETag)); strings.HasSuffix(tag, `"`) {
		c.Set(fiber.HeaderETag, strings.TrimSuffix(tag, `"`)+"-"+encoding+`"`)
	}
	return nil
}

func compressible(contentType string) bool {
	return strings.Contains(contentType, "json") || strings.HasPrefix(contentType, "text/") ||
		strings.HasPrefix(contentType, "image/svg")
}

// chooseEncoding picks the first of our encodings that an Accept-Encoding header names; empty for none.
// One with q=0 is refused; other weights do not change our preference.
func chooseEncoding(header string, ours ...string) string {
	best := len(ours)
	for rest := header; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, ",")
		name, parameters, _ := strings.Cut(part, ";")
		name = strings.TrimSpace(name)
		for i := 0; i < best; i++ {
			if strings.EqualFold(name, ours[i]) && !zeroWeight(parameters) {
				best = i
			}
		}
	}
	if best == len(ours) {
		return ""
	}
	return ours[best]
}

func zeroWeight(parameters string) bool {
	weight, isWeight := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
	return isWeight && strings.Trim(weight, "0.") == ""
}
