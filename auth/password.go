// Package auth proves who somebody is: passwords (argon2id), second factors (TOTP, RFC 6238), secrets of
// sessions and tokens, and OpenID Connect.
//
// It knows nothing of accounts, of what they may do, or of how they are kept: that is the root package's,
// and the store's.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/yizhan/yizhan"
)

// Cost of a hash. They are in each hash, so that a change serves those made before.
const (
	argonTime    = 2
	argonMemory  = 48 << 10 // KiB
	argonThreads = 1
	saltBytes    = 16
	hashBytes    = 32

	// What a stored hash may ask for at most: the database must not be able to use up the memory.
	maxArgonTime   = 10
	maxArgonMemory = 256 << 10
)

// Bounds of passwords. Length is what counts; nothing is asked about kinds of characters.
const (
	MinPassword = 10  // characters
	MaxPassword = 256 // characters
)

// Passwords hashes and compares. It bounds how many are hashed at once, each of which takes 48 MiB for the
// best part of a tenth of a second. It is safe for concurrent use.
type Passwords struct {
	turns   chan struct{} // a token for each that is being hashed
	waiting chan struct{} // and one for each that waits for it
}

// maxWaiting is how many may wait for their turn: what takes longer than anybody waits is not begun.
const maxWaiting = 64

// NewPasswords makes one that works on n passwords at once; 0 for as many as there are processors, at most 4.
func NewPasswords(n int) *Passwords {
	if n <= 0 {
		n = min(4, runtime.GOMAXPROCS(0))
	}
	return &Passwords{turns: make(chan struct{}, n), waiting: make(chan struct{}, maxWaiting)}
}

// CheckPassword tells whether a text may be a password.
func CheckPassword(password, userName string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return yizhan.Invalid("password", "has fewer than %d characters", MinPassword)
	case n > MaxPassword:
		return yizhan.Invalid("password", "has more than %d characters", MaxPassword)
	case !utf8.ValidString(password):
		return yizhan.Invalid("password", "is not UTF-8")
	case userName != "" && strings.EqualFold(password, userName), strings.Count(password, password[:1]) == len(password):
		return yizhan.Invalid("password", "is too easy to guess")
	}
	return nil
}

// Hash makes the stored form of a password.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails
	key, err := p.key(ctx, password, salt, argonTime, argonMemory, argonThreads)
	if err != nil {
		return "", err
	}
	return encodeHash(salt, key), nil
}

func encodeHash(salt, key []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, encode(salt), encode(key))
}

func (p *Passwords) key(ctx context.Context, password string, salt []byte, time, memory uint32, threads uint8) ([]byte, error) {
	busy := yizhan.Errorf(yizhan.CodeUnavailable, "", "too many people sign in at once")
	select {
	case p.waiting <- struct{}{}:
		defer func() { <-p.waiting }()
	default:
		return nil, busy
	}
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		busy.Err = ctx.Err()
		return nil, busy
	}
	return argon2.IDKey([]byte(password), salt, time, memory, threads, hashBytes), nil
}

// decoy is compared with where there is no account, or none with a password, so that it takes as long.
var decoy = encodeHash(make([]byte, saltBytes), make([]byte, hashBytes))

// Match tells whether a password is the one of a stored hash. With an empty hash it takes as long and is
// false.
func (p *Passwords) Match(ctx context.Context, password, stored string) (bool, error) {
	if len(password) > MaxPassword*utf8.UTFMax {
		password = password[:MaxPassword*utf8.UTFMax]
	}
	given := stored
	if given == "" {
		given = decoy
	}
	h, err := parseHash(given)
	if err != nil {
		return false, err
	}
	key, err := p.key(ctx, password, h.salt, h.time, h.memory, h.threads)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, h.key) == 1 && stored != "", nil
}

// Outdated tells whether a hash was made at another cost than today's.
func Outdated(stored string) bool {
	h, err := parseHash(stored)
	return err != nil || h.time != argonTime || h.memory != argonMemory || h.threads != argonThreads
}

type storedHash struct {
	time, memory uint32
	threads      uint8
	salt, key    []byte
}

var errHash = errors.New("a stored password hash is of no known form")

func parseHash(stored string) (h storedHash, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return h, errHash
	}
	if h.memory > maxArgonMemory || h.time < 1 || h.time > maxArgonTime || h.threads < 1 {
		return h, errHash
	}
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(h.salt) < 8 {
		return h, errHash
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(h.key) != hashBytes {
		return h, errHash
	}
	return h, nil
}
