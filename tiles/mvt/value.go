package mvt

import (
	"encoding/binary"
	"math"
	"strconv"
)

// Value is the value of a property. Values compare with ==.
type Value struct {
	field uint8 // its field number in the protocol buffer; 0 for no value
	text  string
	bits  uint64
}

// String makes a text value.
func String(s string) Value { return Value{field: valueString, text: s} }

// Int makes a whole number, in the shortest form for it.
func Int(n int) Value {
	if n < 0 {
		return Value{field: valueSint, bits: uint64(n)<<1 ^ uint64(n>>63)}
	}
	return Value{field: valueUint, bits: uint64(n)}
}

// Double makes a number.
func Double(x float64) Value { return Value{field: valueDouble, bits: math.Float64bits(x)} }

// Bool makes a truth value.
func Bool(b bool) Value {
	if b {
		return Value{field: valueBool, bits: 1}
	}
	return Value{field: valueBool}
}

// Any gives the value as a string, float32, float64, int64, uint64 or bool; nil if there is none.
func (v Value) Any() any {
	switch v.field {
	case valueString:
		return v.text
	case valueFloat:
		return math.Float32frombits(uint32(v.bits))
	case valueDouble:
		return math.Float64frombits(v.bits)
	case valueInt:
		return int64(v.bits)
	case valueUint:
		return v.bits
	case valueSint:
		return int64(v.bits>>1) ^ -int64(v.bits&1)
	case valueBool:
		return v.bits != 0
	}
	return nil
}

func (v Value) String() string {
	switch x := v.Any().(type) {
	case string:
		return strconv.Quote(x)
	case float32:
		return strconv.FormatFloat(float64(x), 'g', -1, 32)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case int64:
		return strconv.FormatInt(x, 10)
	case uint64:
		return strconv.FormatUint(x, 10)
	case bool:
		return strconv.FormatBool(x)
	}
	return "none"
}

func (v Value) append(buf []byte) []byte {
	switch v.field {
	case valueString:
		buf = appendTag(buf, valueString, wireBytes)
		buf = binary.AppendUvarint(buf, uint64(len(v.text)))
		return append(buf, v.text...)
	case valueFloat:
		return binary.LittleEndian.AppendUint32(appendTag(buf, valueFloat, wireFixed32), uint32(v.bits))
	case valueDouble:
		return binary.LittleEndian.AppendUint64(appendTag(buf, valueDouble, wireFixed64), v.bits)
	}
	return binary.AppendUvarint(appendTag(buf, int(v.field), wireVarint), v.bits)
}
