// Package photos makes pictures that strangers send into plain ones: whatever comes in, what comes out is a JPEG
// of bounded size that holds nothing but the picture. It is decoded and drawn anew, so that place, time, camera
// and owner (EXIF, XMP, IPTC), colour profiles and anything hidden in the file are gone.
//
// It deliberately keeps nothing, and tries to repair nothing.
package photos

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/yizhan/yizhan"
)

// Bounds of what comes in and of what goes out.
const (
	MaxBytes  = 700_000   // of the file
	MaxPixels = 8_000_000 // of the picture, looked at before anything is decoded: about 100 MB at worst
	MaxSide   = 1600      // of what comes out
	maxAspect = 20        // a strip that is longer than so many times its width is no photo
)

// decoders are the formats, by how their files begin.
var decoders = []struct {
	begins func([]byte) bool
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
}{
	{
		func(data []byte) bool { return bytes.HasPrefix(data, []byte("\xff\xd8\xff")) },
		func(data []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(data)) },
		decodeJPEG,
	},
	{
		func(data []byte) bool { return bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) },
		func(data []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(data)) },
		func(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) },
	},
	{
		func(data []byte) bool {
			return len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
		},
		func(data []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(data)) },
		func(data []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(data)) },
	},
}

// Clean makes a JPEG of a JPEG, PNG or WebP. Which way up the camera was held is one of the things that are
// gone: send it upright. Errors are about the field photo.
func Clean(data []byte) (*yizhan.Photo, error) {
	if len(data) > MaxBytes {
		return nil, yizhan.Errorf(yizhan.CodeTooLarge, "photo", "has %d bytes; %d are allowed", len(data), MaxBytes)
	}
	for _, format := range decoders {
		if !format.begins(data) {
			continue
		}
		config, err := format.config(data)
		if err != nil {
			return nil, broken(err)
		}
		if err := checkSize(config.Width, config.Height); err != nil {
			return nil, err
		}
		picture, err := format.decode(data)
		if err != nil {
			return nil, broken(err)
		}
		if size := picture.Bounds().Size(); size.X != config.Width || size.Y != config.Height {
			return nil, broken(fmt.Errorf("it is %v, its head says %dx%d", size, config.Width, config.Height))
		}
		return encode(scaled(picture))
	}
	return nil, yizhan.Invalid("photo", "is not a JPEG, PNG or WebP")
}

// maxScans bounds how often a JPEG may go over its picture; usual ones do so once, or about ten times. Each time
// costs the decoder a walk over all pixels, and takes the sender twenty bytes.
const maxScans = 64

func decodeJPEG(data []byte) (image.Image, error) {
	if scans := bytes.Count(data, []byte("\xff\xda")); scans > maxScans {
		return nil, fmt.Errorf("it has %d scans", scans)
	}
	return jpeg.Decode(bytes.NewReader(data))
}

func broken(cause error) error {
	return &yizhan.Error{Code: yizhan.CodeInvalid, Field: "photo", Message: "cannot be read: the file is broken", Err: cause}
}

func checkSize(width, height int) error {
	switch {
	case width < 1 || height < 1:
		return yizhan.Invalid("photo", "is empty")
	case width > MaxPixels/height:
		return yizhan.Errorf(yizhan.CodeTooLarge, "photo", "has %d by %d pixels; %d in all are allowed", width, height, MaxPixels)
	case width > maxAspect*height || height > maxAspect*width:
		return yizhan.Invalid("photo", "is a strip of %d by %d pixels", width, height)
	}
	return nil
}

// scaled draws the picture on white, no larger than MaxSide.
func scaled(picture image.Image) *image.RGBA {
	size := picture.Bounds().Size()
	width, height := size.X, size.Y
	if longest := max(width, height); longest > MaxSide {
		width, height = max(1, width*MaxSide/longest), max(1, height*MaxSide/longest)
	}
	drawn := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(drawn, drawn.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(drawn, drawn.Bounds(), picture, picture.Bounds(), draw.Over, nil)
	return drawn
}

// maxEncoded is what the database takes; noise is made coarser until it fits.
const maxEncoded = 1 << 20

func encode(picture *image.RGBA) (*yizhan.Photo, error) {
	var out bytes.Buffer
	for _, quality := range []int{82, 65, 40, 15} {
		out.Reset()
		if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("encode a photo: %w", err)
		}
		if out.Len() <= maxEncoded {
			size := picture.Bounds().Size()
			return &yizhan.Photo{JPEG: out.Bytes(), Width: size.X, Height: size.Y}, nil
		}
	}
	return nil, yizhan.Errorf(yizhan.CodeTooLarge, "photo", "stays larger than %d bytes", maxEncoded)
}
