package mvt

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yizhan/yizhan/tiles/cut"
)

// Tile is a tile read.
type Tile struct{ Layers []TileLayer }

// TileLayer is a layer read.
type TileLayer struct {
	Name     string
	Version  uint64
	Extent   uint64
	Features []Feature
	keys     []string
	values   []Value

	hasName, hasVersion bool
}

// Feature is a feature read.
type Feature struct {
	ID         uint64
	HasID      bool
	Kind       Kind
	Properties []Property
	Paths      [][]cut.Point // points, lines or rings in their order; rings without the closing point

	tags     []uint32
	geometry []uint32
	hasKind  bool
	beyond   bool // a coordinate did not fit and is the nearest that does
}

// Get gives a property; the zero Value if the feature has none of that key.
func (f *Feature) Get(key string) Value {
	for _, p := range f.Properties {
		if p.Key == key {
			return p.Value
		}
	}
	return Value{}
}

// Layer finds a layer; nil if the tile has none of that name.
func (t *Tile) Layer(name string) *TileLayer {
	for i := range t.Layers {
		if t.Layers[i].Name == name {
			return &t.Layers[i]
		}
	}
	return nil
}

// Decode reads a tile. What cannot be read is an error; use Validate to see all that is wrong.
func Decode(data []byte) (*Tile, error) {
	tile, err := decodeRaw(data)
	if err != nil {
		return nil, err
	}
	for i := range tile.Layers {
		layer := &tile.Layers[i]
		for j := range layer.Features {
			if err := layer.resolve(&layer.Features[j]); err != nil {
				return nil, fmt.Errorf("layer %q: feature %d: %w", layer.Name, j, err)
			}
		}
	}
	return tile, nil
}

// decodeRaw reads the messages without looking into tags and geometry.
func decodeRaw(data []byte) (*Tile, error) {
	tile := &Tile{}
	err := eachField(data, func(f field) error {
		if f.number != tileLayers {
			return nil // extensions are allowed
		}
		if err := f.is(wireBytes); err != nil {
			return err
		}
		layer, err := decodeLayer(f.bytes)
		if err != nil {
			return fmt.Errorf("layer %d: %w", len(tile.Layers), err)
		}
		tile.Layers = append(tile.Layers, layer)
		return nil
	})
	return tile, err
}

func decodeLayer(data []byte) (TileLayer, error) {
	layer := TileLayer{Version: 1, Extent: 4096} // the defaults of the specification
	err := eachField(data, func(f field) error {
		switch f.number {
		case layerVersion, layerExtent:
			return layer.readNumber(f)
		case layerName, layerKeys, layerFeatures, layerValues:
			if err := f.is(wireBytes); err != nil {
				return err
			}
			return layer.readBytes(f)
		}
		return nil
	})
	return layer, err
}

func (l *TileLayer) readNumber(f field) error {
	if err := f.is(wireVarint); err != nil {
		return err
	}
	if f.number == layerVersion {
		l.Version, l.hasVersion = f.value, true
	} else {
		l.Extent = f.value
	}
	return nil
}

func (l *TileLayer) readBytes(f field) error {
	switch f.number {
	case layerName, layerKeys:
		if !utf8.Valid(f.bytes) {
			return fmt.Errorf("field %d is not UTF-8", f.number)
		}
		if f.number == layerName {
			l.Name, l.hasName = string(f.bytes), true
		} else {
			l.keys = append(l.keys, string(f.bytes))
		}
	case layerFeatures:
		feature, err := decodeFeature(f.bytes)
		if err != nil {
			return fmt.Errorf("feature %d: %w", len(l.Features), err)
		}
		l.Features = append(l.Features, feature)
	case layerValues:
		value, err := decodeValue(f.bytes)
		if err != nil {
			return fmt.Errorf("value %d: %w", len(l.values), err)
		}
		l.values = append(l.values, value)
	}
	return nil
}

func decodeFeature(data []byte) (Feature, error) {
	var feature Feature
	err := eachField(data, func(f field) (err error) {
		switch f.number {
		case featureID:
			feature.ID, feature.HasID = f.value, true
			return f.is(wireVarint)
		case featureKind:
			if f.value > uint64(Polygon) {
				return fmt.Errorf("type %d is not known", f.value)
			}
			feature.Kind, feature.hasKind = Kind(f.value), true
			return f.is(wireVarint)
		case featureTags:
			feature.tags, err = f.packed(feature.tags)
		case featureGeometry:
			feature.geometry, err = f.packed(feature.geometry)
		}
		return err
	})
	return feature, err
}

var valueWires = [...]int{
	valueString: wireBytes, valueFloat: wireFixed32, valueDouble: wireFixed64,
	valueInt: wireVarint, valueUint: wireVarint, valueSint: wireVarint, valueBool: wireVarint,
}

func decodeValue(data []byte) (Value, error) {
	var value Value
	err := eachField(data, func(f field) error {
		if f.number > valueBool {
			return fmt.Errorf("field %d is not known", f.number)
		}
		if value.field != 0 {
			return fmt.Errorf("has more than one field")
		}
		if f.number == valueString && !utf8.Valid(f.bytes) {
			return fmt.Errorf("is not UTF-8")
		}
		value = Value{field: uint8(f.number), text: string(f.bytes), bits: f.value}
		return f.is(valueWires[f.number])
	})
	if err == nil && value.field == 0 {
		err = fmt.Errorf("has no field")
	}
	return value, err
}

// resolve looks up the tags and follows the commands.
func (l *TileLayer) resolve(f *Feature) error {
	if len(f.tags)%2 != 0 {
		return fmt.Errorf("has an odd number of tags")
	}
	f.Properties = make([]Property, 0, len(f.tags)/2)
	for i := 0; i < len(f.tags); i += 2 {
		key, value := f.tags[i], f.tags[i+1]
		if uint64(key) >= uint64(len(l.keys)) || uint64(value) >= uint64(len(l.values)) {
			return fmt.Errorf("tag %d points beyond the layer's %d keys and %d values", i, len(l.keys), len(l.values))
		}
		f.Properties = append(f.Properties, Property{l.keys[key], l.values[value]})
	}
	var err error
	f.Paths, f.beyond, err = followCommands(f.Kind, f.geometry)
	return err
}

// Text writes the tile out for people and for golden files, one feature a line.
func (t *Tile) Text() string {
	var b strings.Builder
	for _, layer := range t.Layers {
		fmt.Fprintf(&b, "layer %s version %d extent %d\n", layer.Name, layer.Version, layer.Extent)
		for _, f := range layer.Features {
			fmt.Fprintf(&b, "  %s %d {", f.Kind, f.ID)
			for i, p := range f.Properties {
				if i > 0 {
					b.WriteString(", ")
				}
				fmt.Fprintf(&b, "%s: %s", p.Key, p.Value)
			}
			b.WriteString("}")
			for _, path := range f.Paths {
				b.WriteString(" (")
				for i, p := range path {
					if i > 0 {
						b.WriteByte(' ')
					}
					fmt.Fprintf(&b, "%d,%d", p.X, p.Y)
				}
				b.WriteString(")")
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
