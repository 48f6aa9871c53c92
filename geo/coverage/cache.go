package coverage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"

	"github.com/yizhan/yizhan/geo/hex"
)

// Key names the content of a tract, and with it its allotment.
type Key [16]byte

// KeyOf hashes what the allotment of a tract follows from.
func KeyOf(tract Tract) Key {
	text := make([]byte, 0, 256)
	text = binary.LittleEndian.AppendUint64(text, uint64(tract.Households))
	for _, polygon := range tract.Boundary {
		text = binary.LittleEndian.AppendUint64(text, uint64(len(polygon)))
		for _, ring := range polygon {
			text = binary.LittleEndian.AppendUint64(text, uint64(len(ring)))
			for _, p := range ring {
				text = binary.LittleEndian.AppendUint64(text, math.Float64bits(p[0]))
				text = binary.LittleEndian.AppendUint64(text, math.Float64bits(p[1]))
			}
		}
	}
	sum := sha256.Sum256(text)
	return Key(sum[:len(Key{})])
}

// Keyed is an allotment and the tract it is of.
type Keyed struct {
	Key Key
	Allotment
}

// A cache is a header, its records, and a SHA-256 of all before it. A record is a key, the number of
// shares (twice that, plus one if flagged), and for each share how far its cell is beyond the one
// before, in steps of the resolution, and its households. cacheVersion changes with the format, and
// with any change of Allot that gives other shares for the same tract.
const (
	cacheMagic   = "YZDEMAND"
	cacheVersion = 1
	headerBytes  = len(cacheMagic) + 2
)

// EncodeAllotments makes the bytes of a cache. Equal input gives equal bytes.
func EncodeAllotments(resolution int, allotments []Keyed) []byte {
	text := make([]byte, 0, 64+len(allotments)*64)
	text = append(text, cacheMagic...)
	text = append(text, cacheVersion, byte(resolution))
	for _, a := range allotments {
		text = append(text, a.Key[:]...)
		head := uint64(len(a.Shares)) << 1
		if a.Flagged {
			head |= 1
		}
		text = binary.AppendUvarint(text, head)
		previous := uint64(0)
		for _, share := range a.Shares {
			step := uint64(share.Cell) >> stepShift(resolution)
			text = binary.AppendUvarint(text, step-previous)
			text = binary.AppendUvarint(text, uint64(share.Households))
			previous = step
		}
	}
	sum := sha256.Sum256(text)
	return append(text, sum[:]...)
}

// stepShift drops the digits of an index that are finer than the resolution, all of whose bits are set.
func stepShift(resolution int) int { return 3 * (hex.MaxResolution - resolution) }

// ErrCache means that bytes are no cache of this version and resolution, or not whole.
var ErrCache = errors.New("coverage: not a whole demand cache of this version")

// DecodeAllotments reads a cache back.
func DecodeAllotments(text []byte, resolution int) ([]Keyed, error) {
	if len(text) < headerBytes+sha256.Size || resolution < 0 || resolution > hex.MaxResolution {
		return nil, ErrCache
	}
	body, want := text[:len(text)-sha256.Size], text[len(text)-sha256.Size:]
	sum := sha256.Sum256(body)
	if !bytes.Equal(sum[:], want) || !bytes.HasPrefix(body, append([]byte(cacheMagic), cacheVersion, byte(resolution))) {
		return nil, ErrCache
	}
	d := decoder{rest: body[headerBytes:], resolution: resolution}
	var allotments []Keyed
	for len(d.rest) > 0 && !d.bad {
		allotments = append(allotments, d.record())
	}
	if d.bad {
		return nil, ErrCache
	}
	return allotments, nil
}

type decoder struct {
	rest       []byte
	resolution int
	bad        bool
}

func (d *decoder) record() (a Keyed) {
	if d.bad = len(d.rest) < len(a.Key); d.bad {
		return a
	}
	d.rest = d.rest[copy(a.Key[:], d.rest):]
	head := d.number()
	a.Flagged = head&1 == 1
	if d.bad = d.bad || head>>1 > uint64(len(d.rest)/2); d.bad { // a share takes two bytes at least
		return a
	}
	a.Shares = make([]Share, head>>1)
	step := uint64(0)
	shift := stepShift(d.resolution)
	for i := range a.Shares {
		step += d.number()
		cell := hex.Cell(step<<shift | (1<<shift - 1))
		households := d.number()
		if d.bad = d.bad || households > MaxTractHouseholds || cell.Resolution() != d.resolution || !cell.Valid(); d.bad {
			return a
		}
		a.Shares[i] = Share{cell, int32(households)}
	}
	return a
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}
