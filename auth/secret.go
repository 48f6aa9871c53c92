package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// TokenPrefix begins every API token, so that people and scanners know one when they see it.
const TokenPrefix = "yz_"

// NewSecret makes 32 random bytes into 43 characters.
func NewSecret() string {
	var random [32]byte
	rand.Read(random[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// HashSecret is what is kept of a secret. A secret has 256 random bits: no salt, and no slow hash, is needed.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// CSRFToken is what a page of ours sends along with a change: it follows from the secret of the session,
// which the page cannot read, and tells nothing about it.
func CSRFToken(session string) string {
	sum := sha256.Sum256([]byte("yizhan csrf\x00" + session))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// SameText compares in a time that does not tell where two texts differ.
func SameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// recoveryAlphabet has no letters or digits that look alike.
const recoveryAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// NewRecoveryCodes makes n codes of 12 characters, about 59 bits each.
func NewRecoveryCodes(n int) []string {
	codes := make([]string, n)
	for i := range codes {
		var code strings.Builder
		for code.Len() < 14 {
			if l := code.Len(); l == 4 || l == 9 {
				code.WriteByte('-')
				continue
			}
			code.WriteByte(randomLetter())
		}
		codes[i] = code.String()
	}
	return codes
}

// randomLetter draws evenly: bytes beyond the last whole run of the alphabet are drawn again.
func randomLetter() byte {
	const n = len(recoveryAlphabet)
	for {
		var b [1]byte
		rand.Read(b[:]) // never fails
		if int(b[0]) < 256/n*n {
			return recoveryAlphabet[int(b[0])%n]
		}
	}
}

// HashRecoveryCode is what is kept of a recovery code. Dashes, spaces and case do not count.
func HashRecoveryCode(code string) []byte {
	return HashSecret("recovery\x00" + strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code)))
}
