package photos_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/photos"
)

// What is planted in files, and must not come out: an owner, and a place in degrees, minutes and seconds.
var (
	owner = []byte("OUYANG-JUEMI")
	gps   = []byte{0, 0, 0, 119, 0, 0, 0, 1, 0, 0, 0, 44, 0, 0, 0, 1, 0, 0, 0, 11, 0, 0, 0, 1}
)

func gradient(width, height int) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.Set(x, y, color.RGBA{uint8(255 * x / width), uint8(255 * y / height), 90, 255})
		}
	}
	return picture
}

func jpegOf(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pngOf(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// exif is a block with a GPS position and an owner.
func exif() []byte {
	block := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x02" + // big-endian, two entries
		"\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x32" + // GPS at 50
		"\x01\x3b\x00\x02\x00\x00\x00\x0d\x00\x00\x00\x26" + // artist at 38
		"\x00\x00\x00\x00")
	block = append(block, owner...)
	block = append(block, "\x00\x01\x00\x02\x00\x05\x00\x00\x00\x03\x00\x00\x00\x50\x00\x00\x00\x00"...)
	return append(block, gps...)
}

// withSegments puts application segments behind the start of a JPEG, and a comment, and something behind its end.
func withSegments(file []byte) []byte {
	out := append([]byte{}, file[:2]...)
	for _, s := range []struct {
		marker byte
		body   []byte
	}{
		{0xe1, append([]byte("Exif\x00\x00"), exif()...)},
		{0xe1, append([]byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"), owner...)},
		{0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), owner...)},
		{0xed, append([]byte("Photoshop 3.0\x008BIM"), owner...)},
		{0xfe, owner},
	} {
		out = append(out, 0xff, s.marker, byte((len(s.body)+2)>>8), byte(len(s.body)+2))
		out = append(out, s.body...)
	}
	out = append(out, file[2:]...)
	return append(out, owner...)
}

func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// withChunks puts chunks behind the head of a PNG.
func withChunks(file []byte, chunks ...[]byte) []byte {
	const head = 8 + 25
	return append(append(append([]byte{}, file[:head]...), bytes.Join(chunks, nil)...), file[head:]...)
}

// losslessWebP is one pixel.
const losslessWebP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(name string, body []byte) []byte {
	out := append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body))), body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

// webpOf wraps the pixel in an extended file whose head claims a size.
func webpOf(t testing.TB, side uint32) []byte {
	t.Helper()
	plain, err := base64.StdEncoding.DecodeString(losslessWebP)
	if err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 10)
	head[0] = 1<<3 | 1<<2 | 1<<5 // EXIF, XMP, ICC
	for i, shift := range []int{0, 8, 16} {
		head[4+i], head[7+i] = byte((side-1)>>shift), byte((side-1)>>shift)
	}
	size := binary.LittleEndian.Uint32(plain[16:])
	return riff(riffChunk("VP8X", head), riffChunk("ICCP", owner), riffChunk("VP8L", plain[20:20+size]), riffChunk("EXIF", exif()), riffChunk("XMP ", owner))
}

// expectPlain proves that nothing but a picture is in the file: only the segments without which there is none.
func expectPlain(t testing.TB, photo *yizhan.Photo) {
	t.Helper()
	for _, secret := range [][]byte{owner, gps, []byte("Exif"), []byte("ICC_PROFILE"), []byte("http"), []byte("8BIM"), []byte("GPS")} {
		if bytes.Contains(photo.JPEG, secret) {
			t.Errorf("the photo holds %q", secret)
		}
	}
	allowed := map[byte]bool{0xdb: true, 0xc0: true, 0xc4: true, 0xda: true}
	at := 2
	for photo.JPEG[at] == 0xff && photo.JPEG[at+1] != 0xda {
		if marker := photo.JPEG[at+1]; !allowed[marker] {
			t.Errorf("the photo has a segment %#x", marker)
		}
		at += 2 + int(binary.BigEndian.Uint16(photo.JPEG[at+2:]))
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(photo.JPEG))
	if err != nil || config.Width != photo.Width || config.Height != photo.Height || max(photo.Width, photo.Height) > photos.MaxSide {
		t.Errorf("%d by %d, said to be %d by %d: %v", config.Width, config.Height, photo.Width, photo.Height, err)
	}
	if !bytes.HasSuffix(photo.JPEG, []byte{0xff, 0xd9}) {
		t.Error("something is behind the end")
	}
}

func TestNothingButThePictureComesOut(t *testing.T) {
	picture := gradient(320, 200)
	for name, file := range map[string][]byte{
		"JPEG": withSegments(jpegOf(t, picture)),
		"PNG":  withChunks(pngOf(t, picture), chunk("eXIf", exif()), chunk("tEXt", append([]byte("Author\x00"), owner...))),
		"WebP": webpOf(t, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(file, owner) || !bytes.Contains(file, gps) {
				t.Fatal("nothing is planted")
			}
			photo, err := photos.Clean(file)
			if err != nil {
				t.Fatal(err)
			}
			expectPlain(t, photo)
			if name == "WebP" {
				return
			}
			drawn, err := jpeg.Decode(bytes.NewReader(photo.JPEG))
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []image.Point{{10, 10}, {300, 20}, {160, 190}} {
				r, g, _, _ := drawn.At(at.X, at.Y).RGBA()
				want := picture.RGBAAt(at.X, at.Y)
				if dr, dg := int(r>>8)-int(want.R), int(g>>8)-int(want.G); dr*dr+dg*dg > 200 {
					t.Errorf("at %v: %d %d, want %v", at, r>>8, g>>8, want)
				}
			}
		})
	}
}

func TestLargePhotosBecomeSmaller(t *testing.T) {
	photo, err := photos.Clean(jpegOf(t, gradient(3200, 2000)))
	if err != nil || photo.Width != 1600 || photo.Height != 1000 {
		t.Fatalf("%+v, %v", photo, err)
	}
	expectPlain(t, photo)
	clear, err := photos.Clean(pngOf(t, image.NewNRGBA(image.Rect(0, 0, 20, 20)))) // all of it transparent
	if err != nil {
		t.Fatal(err)
	}
	white, err := jpeg.Decode(bytes.NewReader(clear.JPEG))
	if r, _, _, _ := white.At(5, 5).RGBA(); err != nil || r>>8 < 250 {
		t.Errorf("what is transparent is drawn %d, %v", r>>8, err)
	}
}

// TestBombs: files that are small and would become large, or take long.
func TestBombs(t *testing.T) {
	header := func(width, height uint32) []byte {
		body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
		return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(body, 8, 6, 0, 0, 0))...)
	}
	scans := jpegOf(t, gradient(8, 8))
	for range 100 {
		scans = append(scans, "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"...)
	}
	huge := jpegOf(t, gradient(8, 8))
	frame := bytes.Index(huge, []byte{0xff, 0xc0})
	copy(huge[frame+5:], []byte{0xff, 0xff, 0xff, 0xff})
	for name, test := range map[string]struct {
		file []byte
		code yizhan.ErrorCode
	}{
		"a PNG of 900 megapixels":     {header(30_000, 30_000), yizhan.CodeTooLarge},
		"a PNG as wide as can be":     {header(1<<31-1, 1), yizhan.CodeTooLarge},
		"a strip":                     {pngOf(t, image.NewGray(image.Rect(0, 0, 4000, 2))), yizhan.CodeInvalid},
		"a JPEG of 4 gigapixels":      {huge, yizhan.CodeTooLarge},
		"a JPEG of a hundred scans":   {scans, yizhan.CodeInvalid},
		"a WebP that is not its head": {webpOf(t, 64), yizhan.CodeInvalid},
		"a WebP of 16,000 by 16,000":  {webpOf(t, 16_000), yizhan.CodeTooLarge},
		"a file that is too large":    {append(jpegOf(t, gradient(8, 8)), make([]byte, photos.MaxBytes)...), yizhan.CodeTooLarge},
		"half a JPEG":                 {jpegOf(t, gradient(64, 64))[:300], yizhan.CodeInvalid},
		"half a PNG":                  {pngOf(t, gradient(64, 64))[:150], yizhan.CodeInvalid},
		"a GIF":                       {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), yizhan.CodeInvalid},
		"an SVG":                      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), yizhan.CodeInvalid},
		"nothing":                     {nil, yizhan.CodeInvalid},
	} {
		photo, err := photos.Clean(test.file)
		if photo != nil || yizhan.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
}

func FuzzClean(f *testing.F) {
	picture := gradient(9, 7)
	f.Add(withSegments(jpegOf(f, picture)))
	f.Add(withChunks(pngOf(f, picture), chunk("eXIf", exif())))
	f.Add(webpOf(f, 1))
	f.Add([]byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if photo, err := photos.Clean(data); err == nil {
			expectPlain(t, photo)
		}
	})
}
