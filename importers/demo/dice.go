package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// dice gives numbers that look random and are the same each time: SHA-256 of a path of keys. The zero
// value is not usable; begin with roll.
type dice struct{ path string }

// roll names a sequence of numbers.
func roll(keys ...string) dice {
	return dice{"hlbr-demo-v1|" + strings.Join(keys, "|")}
}

// sub names a sequence below d.
func (d dice) sub(i int) dice { return dice{d.path + "|" + strconv.Itoa(i)} }

// uniform is the number of that name, at least 0 and less than 1.
func (d dice) uniform(key string) float64 {
	sum := sha256.Sum256([]byte(d.path + "|" + key))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
}

// between is a number of that name from low to high.
func (d dice) between(key string, low, high float64) float64 {
	return low + float64(d.uniform(key)*(high-low))
}

// pick is a whole number of that name from 0 to n-1.
func (d dice) pick(key string, n int) int { return int(d.uniform(key) * float64(n)) }

// normal is a number of that name from the normal distribution, cut at 2 on both sides.
func (d dice) normal(key string) float64 {
	u, v := 1-d.uniform(key+"|1"), d.uniform(key+"|2")
	z := math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
	return min(2, max(-2, z))
}
