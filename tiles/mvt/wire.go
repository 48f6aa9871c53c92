package mvt

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errTruncated = errors.New("ends too soon")

// field is one field of a message: a number, or bytes.
type field struct {
	number int
	wire   int
	value  uint64
	bytes  []byte
}

// eachField reads a message. It rejects group fields and field number 0.
func eachField(data []byte, do func(field) error) error {
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return errTruncated
		}
		data = data[n:]
		if tag>>3 == 0 || tag>>3 > 1<<29-1 {
			return fmt.Errorf("field number %d is not legal", tag>>3)
		}
		f := field{number: int(tag >> 3), wire: int(tag & 7)}
		size, err := f.read(data)
		if err != nil {
			return fmt.Errorf("field %d: %w", f.number, err)
		}
		data = data[size:]
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

func (f *field) read(data []byte) (size int, err error) {
	switch f.wire {
	case wireVarint:
		value, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, errTruncated
		}
		f.value = value
		return n, nil
	case wireFixed64:
		if len(data) < 8 {
			return 0, errTruncated
		}
		f.value = binary.LittleEndian.Uint64(data)
		return 8, nil
	case wireFixed32:
		if len(data) < 4 {
			return 0, errTruncated
		}
		f.value = uint64(binary.LittleEndian.Uint32(data))
		return 4, nil
	case wireBytes:
		length, n := binary.Uvarint(data)
		if n <= 0 || length > uint64(len(data)-n) {
			return 0, errTruncated
		}
		f.bytes = data[n : n+int(length)]
		return n + int(length), nil
	}
	return 0, fmt.Errorf("wire type %d is not supported", f.wire)
}

// is checks the wire type.
func (f field) is(wire int) error {
	if f.wire != wire {
		return fmt.Errorf("field %d has wire type %d instead of %d", f.number, f.wire, wire)
	}
	return nil
}

// packed reads a packed list of uint32.
func (f field) packed(into []uint32) ([]uint32, error) {
	if err := f.is(wireBytes); err != nil {
		return into, err
	}
	for data := f.bytes; len(data) > 0; {
		value, n := binary.Uvarint(data)
		if n <= 0 {
			return into, fmt.Errorf("field %d: %w", f.number, errTruncated)
		}
		if value > 1<<32-1 {
			return into, fmt.Errorf("field %d: %d is more than 32 bits", f.number, value)
		}
		into = append(into, uint32(value))
		data = data[n:]
	}
	return into, nil
}
