package auth

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

// The vectors of RFC 6238, appendix B.
func TestTOTPVectors(t *testing.T) {
	const seed = "12345678901234567890"
	seeds := map[string]struct {
		algorithm func() hash.Hash
		secret    string
	}{
		"SHA1":   {sha1.New, seed},
		"SHA256": {sha256.New, (seed + seed)[:32]},
		"SHA512": {sha512.New, strings.Repeat(seed, 4)[:64]},
	}
	for _, v := range []struct {
		seconds               int64
		code1, code256, code5 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		for name, want := range map[string]string{"SHA1": v.code1, "SHA256": v.code256, "SHA512": v.code5} {
			if got := hotp(seeds[name].algorithm, []byte(seeds[name].secret), v.seconds/totpPeriod, 8); got != want {
				t.Errorf("%s at %d: %s, want %s", name, v.seconds, got, want)
			}
		}
	}
	// The first ten of RFC 4226, appendix D.
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := hotp(sha1.New, []byte(seed), int64(counter), 6); got != want {
			t.Errorf("counter %d: %s, want %s", counter, got, want)
		}
	}
}

func TestMatchTOTP(t *testing.T) {
	secret := []byte("12345678901234567890")
	at := time.Unix(1111111109, 0)
	step := at.Unix() / totpPeriod
	for offset, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		code := hotp(sha1.New, secret, step+offset, totpDigits)
		if got := MatchTOTP(secret, code, at, 0); (got == step+offset) != want {
			t.Errorf("a code of %d steps away: %d", offset, got)
		}
		if MatchTOTP(secret, code, at, step+offset) != 0 {
			t.Errorf("a code of %d steps away serves twice", offset)
		}
	}
	for _, wrong := range []string{"", "0", "000000", "1234567", "abcdef"} {
		if MatchTOTP(secret, wrong, at, 0) != 0 {
			t.Errorf("%q serves", wrong)
		}
	}
	if got := TOTPAddress(secret, "Yizhan", "anna"); got != "otpauth://totp/Yizhan:anna?digits=6&issuer=Yizhan&period=30&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Error(got)
	}
}

func TestPasswords(t *testing.T) {
	p := NewPasswords(2)
	stored, err := p.Hash(t.Context(), "正确的密码 horse")
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Hash(t.Context(), "正确的密码 horse")
	if err != nil || again == stored || !strings.HasPrefix(stored, "$argon2id$v=19$m=49152,t=2,p=1$") || Outdated(stored) {
		t.Errorf("%s and %s, %v", stored, again, err)
	}
	for given, want := range map[string]bool{"正确的密码 horse": true, "正确的密码 horsE": false, "": false, strings.Repeat("x", 1<<20): false} {
		if ok, err := p.Match(t.Context(), given, stored); ok != want || err != nil {
			t.Errorf("%.20q matches: %v, %v", given, ok, err)
		}
	}
	if ok, err := p.Match(t.Context(), "", ""); ok || err != nil {
		t.Errorf("no password matches: %v %v", ok, err)
	}
	for _, wrong := range []string{"x", strings.Replace(stored, "m=49152", "m=4194304", 1), strings.Replace(stored, "t=2", "t=0", 1),
		strings.Replace(stored, "argon2id", "argon2i", 1), stored[:len(stored)-2]} {
		if ok, err := p.Match(t.Context(), "正确的密码 horse", wrong); ok || err == nil {
			t.Errorf("%.40s: %v %v", wrong, ok, err)
		}
	}
}

// A vector of the reference implementation's command-line tool: argon2id of "password" with the salt
// "somesalt", t=2, m=64 MiB, p=1.
func TestArgonVector(t *testing.T) {
	p := NewPasswords(1)
	key, err := p.key(t.Context(), "password", []byte("somesalt"), 2, 64<<10, 1)
	if err != nil || hex.EncodeToString(key) != "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7" {
		t.Errorf("%x, %v", key, err)
	}
}

func TestPasswordsWaitTheirTurn(t *testing.T) {
	p := NewPasswords(1)
	p.turns <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Hash(ctx, "whatever it is"); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("%v", err)
	}
}

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]bool{"": false, "short": false, "aaaaaaaaaaaa": false, "wang.xiaoming": false, "a good one indeed": true,
		"一二三四五六七八九十": true, "\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfa": false, strings.Repeat("ab", 200): false} {
		if err := CheckPassword(password, "wang.xiaoming"); (err == nil) != want {
			t.Errorf("%.20q: %v", password, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		s := NewSecret()
		if len(s) != 43 || seen[s] || CSRFToken(s) == CSRFToken(NewSecret()) || SameText(s, NewSecret()) {
			t.Fatal(s)
		}
		seen[s] = true
	}
	codes := NewRecoveryCodes(10)
	for _, code := range codes {
		if len(code) != 14 || seen[code] || string(HashRecoveryCode(code)) != string(HashRecoveryCode(strings.ToUpper(strings.ReplaceAll(code, "-", " ")))) {
			t.Errorf("%q", code)
		}
		seen[code] = true
	}
}

func BenchmarkMatch(b *testing.B) {
	p := NewPasswords(1)
	stored, err := p.Hash(b.Context(), "a good one indeed")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, err := p.Match(b.Context(), "a good one indeed", stored); !ok || err != nil {
			b.Fatal(err)
		}
	}
}
