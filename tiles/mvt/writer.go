package mvt

import (
	"encoding/binary"

	"github.com/yizhan/yizhan/tiles/cut"
)

// The wire types of the protocol buffer.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

func appendTag(buf []byte, field, wire int) []byte {
	return binary.AppendUvarint(buf, uint64(field)<<3|uint64(wire))
}

// Layer is written feature by feature.
type Layer struct {
	name     string
	extent   int
	texts    map[string]uint32 // by far the most values: a map of strings is twice as fast as one of Values
	others   map[Value]uint32
	keyList  []string
	valueNum uint32
	valueBuf []byte
	features []byte
	count    int
	scratch  []byte
	geometry []uint32
	cursor   cut.Point
}

// Property is a key with its value.
type Property struct {
	Key   string
	Value Value
}

// Grow makes room for about as many features.
func (l *Layer) Grow(features int) {
	if l.count == 0 {
		l.texts = make(map[string]uint32, 2*features)
		l.features = make([]byte, 0, 64*features)
		l.valueBuf = make([]byte, 0, 48*features)
	}
}

// NewLayer starts a layer.
func NewLayer(name string, extent int) *Layer {
	return &Layer{name: name, extent: extent, texts: map[string]uint32{}, others: map[Value]uint32{}}
}

// Count is the number of features.
func (l *Layer) Count() int { return l.count }

// AddPoint adds a feature that is a point.
func (l *Layer) AddPoint(id uint64, properties []Property, p cut.Point) {
	l.begin()
	l.command(moveTo, 1)
	l.to(p)
	l.finish(id, properties, Points)
}

// AddLines adds a feature of lines, each of two or more points without a repeated one.
func (l *Layer) AddLines(id uint64, properties []Property, lines [][]cut.Point) {
	l.begin()
	for _, line := range lines {
		l.path(line)
	}
	l.finish(id, properties, Lines)
}

// AddPolygons adds a feature of polygons, each an exterior ring and its holes, without closing points.
func (l *Layer) AddPolygons(id uint64, properties []Property, polygons [][][]cut.Point) {
	l.begin()
	for _, polygon := range polygons {
		for _, ring := range polygon {
			l.path(ring)
			l.command(closePath, 1)
		}
	}
	l.finish(id, properties, Polygon)
}

func (l *Layer) begin() {
	l.geometry, l.cursor = l.geometry[:0], cut.Point{}
}

func (l *Layer) path(points []cut.Point) {
	l.command(moveTo, 1)
	l.to(points[0])
	l.command(lineTo, len(points)-1)
	for _, p := range points[1:] {
		l.to(p)
	}
}

func (l *Layer) command(id, count int) { l.geometry = append(l.geometry, uint32(id|count<<3)) }

func (l *Layer) to(p cut.Point) {
	l.geometry = append(l.geometry, zigzag(p.X-l.cursor.X), zigzag(p.Y-l.cursor.Y))
	l.cursor = p
}

func zigzag(n int32) uint32 { return uint32(n<<1) ^ uint32(n>>31) }

func (l *Layer) finish(id uint64, properties []Property, kind Kind) {
	buf := appendTag(l.scratch[:0], featureID, wireVarint)
	buf = binary.AppendUvarint(buf, id)
	if len(properties) > 0 {
		buf = appendTag(buf, featureTags, wireBytes)
		size := len(buf)
		buf = append(buf, 0)
		for _, p := range properties {
			buf = binary.AppendUvarint(buf, uint64(l.key(p.Key)))
			buf = binary.AppendUvarint(buf, uint64(l.value(p.Value)))
		}
		buf = fixLength(buf, size)
	}
	buf = appendTag(buf, featureKind, wireVarint)
	buf = binary.AppendUvarint(buf, uint64(kind))
	buf = appendTag(buf, featureGeometry, wireBytes)
	size := len(buf)
	buf = append(buf, 0)
	for _, n := range l.geometry {
		buf = binary.AppendUvarint(buf, uint64(n))
	}
	buf = fixLength(buf, size)
	l.scratch = buf

	l.features = appendTag(l.features, layerFeatures, wireBytes)
	l.features = binary.AppendUvarint(l.features, uint64(len(buf)))
	l.features = append(l.features, buf...)
	l.count++
}

// fixLength writes the length of what follows the byte at, which was kept for it, and moves what follows
// if one byte is not enough.
func fixLength(buf []byte, at int) []byte {
	length := len(buf) - at - 1
	if length < 0x80 {
		buf[at] = byte(length)
		return buf
	}
	var prefix [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(prefix[:], uint64(length))
	buf = append(buf, prefix[:n-1]...)
	copy(buf[at+n:], buf[at+1:at+1+length])
	copy(buf[at:], prefix[:n])
	return buf
}

// key looks through the list, which is short and begins with the keys of the feature before.
func (l *Layer) key(k string) uint32 {
	for i, have := range l.keyList {
		if have == k {
			return uint32(i)
		}
	}
	l.keyList = append(l.keyList, k)
	return uint32(len(l.keyList) - 1)
}

func (l *Layer) value(v Value) uint32 {
	if v.field != valueString {
		n, known := l.others[v]
		if !known {
			n = l.newValue(v)
			l.others[v] = n
		}
		return n
	}
	n, known := l.texts[v.text]
	if !known {
		n = l.newValue(v)
		l.texts[v.text] = n
	}
	return n
}

func (l *Layer) newValue(v Value) uint32 {
	l.valueBuf = appendTag(l.valueBuf, layerValues, wireBytes)
	size := len(l.valueBuf)
	l.valueBuf = fixLength(v.append(append(l.valueBuf, 0)), size)
	l.valueNum++
	return l.valueNum - 1
}

// Append adds the layer to a tile; a layer without features adds nothing.
func (l *Layer) Append(tile []byte) []byte {
	if l.count == 0 {
		return tile
	}
	buf := appendTag(nil, layerVersion, wireVarint)
	buf = append(buf, 2)
	buf = appendTag(buf, layerName, wireBytes)
	buf = binary.AppendUvarint(buf, uint64(len(l.name)))
	buf = append(buf, l.name...)
	var tail []byte
	for _, key := range l.keyList {
		tail = appendTag(tail, layerKeys, wireBytes)
		tail = binary.AppendUvarint(tail, uint64(len(key)))
		tail = append(tail, key...)
	}
	tail = append(tail, l.valueBuf...)
	tail = binary.AppendUvarint(appendTag(tail, layerExtent, wireVarint), uint64(l.extent))

	tile = appendTag(tile, tileLayers, wireBytes)
	tile = binary.AppendUvarint(tile, uint64(len(buf)+len(l.features)+len(tail)))
	tile = append(tile, buf...)
	tile = append(tile, l.features...)
	return append(tile, tail...)
}
