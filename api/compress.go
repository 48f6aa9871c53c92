package api

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	compressFrom   = 1 << 10  // below, the headers cost more than is won
	brotliUpTo     = 64 << 10 // above, brotli's time is worth more than the bytes it saves over gzip
	brotliFastest  = fasthttp.CompressBrotliBestSpeed
	gzipFastest    = fasthttp.CompressBestSpeed
	encodingGzip   = "gzip"
	encodingBrotli = "br"
)

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
	encoding := chooseEncoding(c.Get(fiber.HeaderAcceptEncoding), len(body) <= brotliUpTo)
	switch encoding {
	case encodingBrotli:
		response.SetBodyRaw(fasthttp.AppendBrotliBytesLevel(nil, body, brotliFastest))
	case encodingGzip:
		response.SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, body, gzipFastest))
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

// chooseEncoding picks br or gzip from an Accept-Encoding header; empty for neither. An encoding with
// q=0 is refused; other weights do not change our preference.
func chooseEncoding(header string, brotli bool) string {
	accepted := map[string]bool{}
	for _, part := range strings.Split(header, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		accepted[strings.ToLower(strings.TrimSpace(name))] = !zeroWeight(parameters)
	}
	switch {
	case brotli && accepted[encodingBrotli]:
		return encodingBrotli
	case accepted[encodingGzip]:
		return encodingGzip
	case accepted[encodingBrotli]:
		return encodingBrotli
	}
	return ""
}

func zeroWeight(parameters string) bool {
	weight, isWeight := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
	return isWeight && strings.Trim(weight, "0.") == ""
}
