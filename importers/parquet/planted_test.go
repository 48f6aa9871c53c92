package parquet

import (
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// planted is a codec that writes other bytes than it was given, as a hostile writer would.
type planted struct{ packed []byte }

func (p *planted) String() string                            { return "ZSTD" }
func (p *planted) CompressionCodec() format.CompressionCodec { return format.Zstd }
func (p *planted) Encode(_, _ []byte) ([]byte, error)        { return p.packed, nil }
func (p *planted) Decode(dst, src []byte) ([]byte, error)    { return (&zstd.Codec{}).Decode(dst, src) }
