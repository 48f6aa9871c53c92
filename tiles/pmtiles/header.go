package pmtiles

import (
	"encoding/binary"
	"fmt"
	"math"
)

const (
	headerSize = 127
	// rootLimit bounds header and root directory together: a client fetches this much at first.
	rootLimit = 16384
	magic     = "PMTiles"
	version   = 3

	compressionGzip = 2
	typeVector      = 1
)

// section is a stretch of the file.
type section struct{ Offset, Length uint64 }

// Header is what an archive says of itself.
type Header struct {
	Root, Metadata, Leaves, Data section

	Addressed uint64 // tiles that can be asked for
	Entries   uint64 // runs of equal tiles
	Contents  uint64 // distinct tiles
	Clustered bool

	MinZoom, MaxZoom uint32
	Bounds           [4]float64 // west, south, east, north in degrees
	Center           [3]float64 // lng, lat in degrees, and zoom
}

func (h Header) append(out []byte) []byte {
	out = append(out, magic...)
	out = append(out, version)
	for _, s := range []section{h.Root, h.Metadata, h.Leaves, h.Data} {
		out = binary.LittleEndian.AppendUint64(out, s.Offset)
		out = binary.LittleEndian.AppendUint64(out, s.Length)
	}
	for _, n := range []uint64{h.Addressed, h.Entries, h.Contents} {
		out = binary.LittleEndian.AppendUint64(out, n)
	}
	var clustered byte
	if h.Clustered {
		clustered = 1
	}
	out = append(out, clustered, compressionGzip, compressionGzip, typeVector, byte(h.MinZoom), byte(h.MaxZoom))
	out = appendDegrees(out, h.Bounds[:]...)
	out = append(out, byte(h.Center[2]))
	return appendDegrees(out, h.Center[:2]...)
}

// appendDegrees writes degrees as the format counts them, by ten millionths: the grid of our store.
func appendDegrees(out []byte, degrees ...float64) []byte {
	for _, d := range degrees {
		out = binary.LittleEndian.AppendUint32(out, uint32(int32(math.Round(d*1e7))))
	}
	return out
}

func parseHeader(in []byte) (Header, error) {
	if len(in) < headerSize || string(in[:7]) != magic {
		return Header{}, fmt.Errorf("pmtiles: not an archive")
	}
	if in[7] != version {
		return Header{}, fmt.Errorf("pmtiles: version %d is not %d", in[7], version)
	}
	if in[97] != compressionGzip || in[98] != compressionGzip || in[99] != typeVector {
		return Header{}, fmt.Errorf("pmtiles: compression %d and %d, type %d: only gzipped vector tiles are read here", in[97], in[98], in[99])
	}
	number := func(at int) uint64 { return binary.LittleEndian.Uint64(in[at:]) }
	degrees := func(at int) float64 { return float64(int32(binary.LittleEndian.Uint32(in[at:]))) / 1e7 }
	return Header{
		Root: section{number(8), number(16)}, Metadata: section{number(24), number(32)},
		Leaves: section{number(40), number(48)}, Data: section{number(56), number(64)},
		Addressed: number(72), Entries: number(80), Contents: number(88), Clustered: in[96] == 1,
		MinZoom: uint32(in[100]), MaxZoom: uint32(in[101]),
		Bounds: [4]float64{degrees(102), degrees(106), degrees(110), degrees(114)},
		Center: [3]float64{degrees(119), degrees(123), float64(in[118])},
	}, nil
}
