package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"net/url"
	"time"
)

// What every authenticator app understands (RFC 6238 with its defaults).
const (
	totpPeriod = 30 // seconds
	totpDigits = 6
	totpSkew   = 1 // steps that a clock may be off
	totpBytes  = 20
)

// NewTOTPSecret makes the secret that a second factor shares with us.
func NewTOTPSecret() []byte {
	secret := make([]byte, totpBytes)
	rand.Read(secret) // never fails
	return secret
}

// TOTPText is a secret as people type it.
func TOTPText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// TOTPAddress is what a QR code says.
func TOTPAddress(secret []byte, issuer, account string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account}
	u.RawQuery = url.Values{"secret": {TOTPText(secret)}, "issuer": {issuer}, "digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(totpPeriod)}}.Encode()
	return u.String()
}

// MatchTOTP finds the time step after another that a code is of, or 0 if it is of none that counts now. A
// step that was used is not given again.
func MatchTOTP(secret []byte, code string, at time.Time, after int64) (step int64) {
	now := at.Unix() / totpPeriod
	for candidate := now - totpSkew; candidate <= now+totpSkew; candidate++ {
		if candidate > after && candidate > 0 && SameText(code, hotp(sha1.New, secret, candidate, totpDigits)) {
			step = candidate
		}
	}
	return step
}

// hotp is RFC 4226, of a counter that is a time step.
func hotp(algorithm func() hash.Hash, secret []byte, counter int64, digits int) string {
	mac := hmac.New(algorithm, secret)
	var message [8]byte
	binary.BigEndian.PutUint64(message[:], uint64(counter))
	mac.Write(message[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	value := uint64(binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff)
	modulus := uint64(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", digits, value%modulus)
}
