package store

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/yizhan/yizhan"
)

// A sealed value is the format, the id of the key, a nonce, and the text under AES-256-GCM. What it belongs
// to is authenticated with it, so that one row's value cannot be put into another.
const (
	sealFormat  = 1
	keyIDBytes  = 4
	keyBytes    = 32
	sealPrefix  = 1 + keyIDBytes
	keyFileMode = 0o600
)

// Keyring holds the keys of personal data. The first seals; the others open what was sealed before a
// rotation. It is safe for concurrent use.
type Keyring struct {
	path string // of the file; empty for keys that were given as text

	mu   sync.Mutex
	keys []sealingKey
	read time.Time // modification time of the file as read
	size int64
}

type sealingKey struct {
	id   [keyIDBytes]byte
	text string
	aead cipher.AEAD
}

// ParseKeys reads keys in base64, separated by commas or white space; the first seals.
func ParseKeys(text string) (*Keyring, error) {
	keys, err := parseKeys(text)
	if err != nil {
		return nil, err
	}
	return &Keyring{keys: keys}, nil
}

func parseKeys(text string) ([]sealingKey, error) {
	var keys []sealingKey
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for _, one := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
			key, err := newSealingKey(one)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, yizhan.Invalid("key", "there is none")
	}
	return keys, nil
}

// newSealingKey never says what it was given.
func newSealingKey(text string) (sealingKey, error) {
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(secret) != keyBytes {
		return sealingKey{}, yizhan.Invalid("key", "is not %d bytes in base64; `openssl rand -base64 %[1]d` makes one", keyBytes)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return sealingKey{}, err
	}
	aead, err := cipher.NewGCM(block)
	sum := sha256.Sum256(append([]byte("yizhan key id\x00"), secret...))
	return sealingKey{id: [keyIDBytes]byte(sum[:keyIDBytes]), text: text, aead: aead}, err
}

func randomKey() string {
	var secret [keyBytes]byte
	rand.Read(secret[:]) // never fails
	return base64.StdEncoding.EncodeToString(secret[:])
}

// OpenKeyFile reads the keys of a file, and makes the file with a first key when there is none.
func OpenKeyFile(path string) (ring *Keyring, made bool, err error) {
	ring = &Keyring{path: path}
	err = ring.reload()
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
			return nil, false, err
		}
		first, err := newSealingKey(randomKey())
		if err != nil {
			return nil, false, err
		}
		// Two processes may start together: the one that is later takes the key of the other.
		switch err := createKeyFile(path, []sealingKey{first}); {
		case err == nil:
			made = true
		case !errors.Is(err, fs.ErrExist):
			return nil, false, err
		}
		if err := ring.reload(); err != nil {
			return nil, false, err
		}
		return ring, made, nil
	}
	return ring, false, err
}

// createKeyFile writes the file beside its place and links it there: it is whole or not there.
func createKeyFile(path string, keys []sealingKey) error {
	fresh, err := writeKeys(path, keys)
	if err != nil {
		return err
	}
	return errors.Join(os.Link(fresh, path), os.Remove(fresh))
}

func writeKeys(path string, keys []sealingKey) (fresh string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // mode 0600
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	text.WriteString("# Keys of personal data: the first seals, all open. Keep a copy elsewhere; without them names and phones are lost.\n")
	for _, key := range keys {
		text.WriteString(key.text + "\n")
	}
	_, err = file.Write(text.Bytes())
	return file.Name(), errors.Join(err, file.Sync(), file.Close())
}

func (k *Keyring) reload() error {
	info, err := os.Stat(k.path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return yizhan.Invalid("key", "the key file %s may be read by others; chmod 600 it", filepath.Base(k.path))
	}
	text, err := os.ReadFile(k.path)
	if err != nil {
		return err
	}
	keys, err := parseKeys(string(text))
	if err != nil {
		return err
	}
	k.keys, k.read, k.size = keys, info.ModTime(), info.Size()
	return nil
}

// refresh reads the file again when it has changed: another process may have rotated the keys. A file that
// cannot be read leaves the keys as they are.
func (k *Keyring) refresh() {
	if k.path == "" {
		return
	}
	if info, err := os.Stat(k.path); err == nil && (!info.ModTime().Equal(k.read) || info.Size() != k.size) {
		_ = k.reload()
	}
}

// all gives the keys as they are now, the one that seals first.
func (k *Keyring) all() []sealingKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.refresh()
	return k.keys
}

// Rotate puts a new key first, if the keys are in a file and the first was in use; the old ones stay for what
// they sealed.
func (k *Keyring) Rotate() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.path == "" {
		return yizhan.Invalid("key", "the keys come from the environment: put a new one first there, before the old one")
	}
	k.refresh()
	next, err := newSealingKey(randomKey())
	if err != nil {
		return err
	}
	fresh, err := writeKeys(k.path, append([]sealingKey{next}, k.keys...))
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, k.path); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return k.reload()
}

// seal encrypts a text that belongs to something, such as leaders/15070200100100101.
func (k *Keyring) seal(text []byte, owner string) []byte {
	key := k.all()[0]
	return key.seal(text, owner)
}

func (key sealingKey) seal(text []byte, owner string) []byte {
	sealed := make([]byte, sealPrefix+key.aead.NonceSize(), sealPrefix+key.aead.NonceSize()+len(text)+key.aead.Overhead())
	sealed[0] = sealFormat
	copy(sealed[1:], key.id[:])
	nonce := sealed[sealPrefix:]
	rand.Read(nonce) // never fails
	return key.aead.Seal(sealed, nonce, text, []byte(owner))
}

// open decrypts what seal made for the same owner.
func (k *Keyring) open(sealed []byte, owner string) ([]byte, error) {
	if len(sealed) < sealPrefix || sealed[0] != sealFormat {
		return nil, errors.New("a sealed value is of no known form")
	}
	for _, key := range k.all() {
		if !bytes.Equal(key.id[:], sealed[1:sealPrefix]) {
			continue
		}
		rest := sealed[sealPrefix:]
		if len(rest) < key.aead.NonceSize() {
			return nil, errors.New("a sealed value is cut short")
		}
		return key.aead.Open(nil, rest[:key.aead.NonceSize()], rest[key.aead.NonceSize():], []byte(owner))
	}
	return nil, fmt.Errorf("no key %x", sealed[1:sealPrefix])
}

// errSealed is for the reader: it tells nothing about what is inside.
func errSealed(err error) error {
	return because(yizhan.CodeUnavailable, "", err, "what is sealed cannot be opened: its key is not there")
}

func (s *Store) keyring() (*Keyring, error) {
	if s.keys == nil {
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "there is no key for personal data")
	}
	return s.keys, nil
}
