package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// FindSignIn finds an account by its name; not_found also for one that is disabled.
func (s *Store) FindSignIn(ctx context.Context, name string) (yizhan.SignIn, error) {
	return s.findSignIn(ctx, `u.name = $1`, name)
}

// FindSubject finds the account of a subject of OpenID Connect.
func (s *Store) FindSubject(ctx context.Context, subject string) (yizhan.SignIn, error) {
	return s.findSignIn(ctx, `u.subject = $1`, subject)
}

func (s *Store) findSignIn(ctx context.Context, condition, value string) (found yizhan.SignIn, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectUser+`WHERE `+condition+` AND u.disabled_at IS NULL`+groupUser, value)
		if err != nil {
			return err
		}
		found.User, err = pgx.CollectExactlyOneRow(rows, scanUser)
		if errors.Is(err, pgx.ErrNoRows) {
			return noUser()
		}
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT coalesce(password_hash, '') FROM users WHERE id = $1`, found.User.ID).Scan(&found.PasswordHash)
	})
	return found, err
}

// touchAfter is how exactly the last use of a session is known.
const touchAfter = time.Minute

// StartSession begins a session of a user who proved who they are, and ends the one with the secret before,
// if there was any: a secret that somebody knew before is worth nothing after. Of secrets only the hash
// comes here.
func (s *Store) StartSession(ctx context.Context, by *yizhan.Principal, secret, before []byte, how string) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE secret_hash = $1 OR expires_at < now() OR seen_at < now() - $2::interval`, before, yizhan.SessionIdle); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO sessions (secret_hash, user_id, created_at, expires_at, seen_at, address)
			VALUES ($1, $2, now(), now() + $3::interval, now(), $4)`, secret, by.User.ID, yizhan.SessionLife, by.From)
		if err != nil {
			return err
		}
		return audit(ctx, tx, by, "auth.login", "users/"+by.User.Name, map[string]string{"how": how})
	})
}

// FindSession gives who a session is of; not_found for one that has ended.
func (s *Store) FindSession(ctx context.Context, secret []byte) (*yizhan.Principal, error) {
	p := &yizhan.Principal{}
	var roles, units []string
	var touch bool
	err := s.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT u.id, u.name, u.display_name, u.disabled_at, u.created_at, u.password_hash IS NOT NULL, u.totp_since IS NOT NULL,
				coalesce(u.subject, ''), ARRAY(SELECT role FROM grants WHERE user_id = u.id ORDER BY unit, role),
				ARRAY(SELECT unit FROM grants WHERE user_id = u.id ORDER BY unit, role), x.seen_at < now() - $2::interval
			FROM sessions x JOIN users u ON u.id = x.user_id
			WHERE x.secret_hash = $1 AND x.expires_at > now() AND x.seen_at > now() - $3::interval AND u.disabled_at IS NULL`,
			secret, touchAfter, yizhan.SessionIdle).Scan(append(userFields(&p.User), &roles, &units, &touch)...)
	})
	if err != nil {
		return nil, err
	}
	p.Grants = grantsOf(roles, units)
	p.User.Grants = p.Grants
	if touch {
		_, err = s.pool.Exec(ctx, `UPDATE sessions SET seen_at = now() WHERE secret_hash = $1`, secret)
	}
	return p, translate(ctx, err)
}

// EndSession ends one session.
func (s *Store) EndSession(ctx context.Context, by *yizhan.Principal, secret []byte) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE secret_hash = $1`, secret); err != nil {
			return err
		}
		return audit(ctx, tx, by, "auth.logout", "users/"+by.User.Name, nil)
	})
}

// A name may be tried a few times, then after ever longer pauses; an address more often, because many
// people may share it.
const (
	freeOfAccount  = 5
	freeOfAddress  = 20
	firstLock      = time.Second
	longestLock    = 15 * time.Minute
	failuresLinger = time.Hour
)

func accountKey(name string) []byte { return failureKey("account", name) }

func failureKey(kind, text string) []byte {
	sum := sha256.Sum256([]byte(kind + "\x00" + text))
	return sum[:]
}

// lockAfter is how long after the last of some failures the next attempt has to wait.
func lockAfter(failures, free int) time.Duration {
	over := failures - free
	if over < 0 {
		return 0
	}
	if over > 20 {
		return longestLock
	}
	return min(longestLock, firstLock<<over)
}

// BeginSignIn counts an attempt as failed before it is judged, so that many at once do not slip through, and
// tells how long to wait where there were too many: the attempt must then not be judged at all. It is the
// same whether or not there is such an account.
func (s *Store) BeginSignIn(ctx context.Context, name, address string) (wait time.Duration, err error) {
	err = s.write(ctx, func(tx pgx.Tx) error {
		wait = 0
		if _, err := tx.Exec(ctx, `DELETE FROM sign_in_failures WHERE last_at < now() - $1::interval`, failuresLinger); err != nil {
			return err
		}
		for _, counted := range []struct {
			key  []byte
			free int
		}{{failureKey("address", address), freeOfAddress}, {accountKey(name), freeOfAccount}} {
			var failures int
			var since time.Duration
			err := tx.QueryRow(ctx, `INSERT INTO sign_in_failures AS f (key, failures, last_at) VALUES ($1, 0, clock_timestamp())
				ON CONFLICT (key) DO UPDATE SET failures = f.failures RETURNING failures, clock_timestamp() - last_at`, counted.key).Scan(&failures, &since)
			if err != nil {
				return err
			}
			wait = max(wait, lockAfter(failures, counted.free)-since)
		}
		if wait > 0 {
			return nil
		}
		_, err := tx.Exec(ctx, `UPDATE sign_in_failures SET failures = failures + 1, last_at = clock_timestamp() WHERE key = ANY ($1)`,
			[][]byte{failureKey("address", address), accountKey(name)})
		return err
	})
	return wait, err
}

// SignInSucceeded forgets the failures of an account, and the attempt that was counted against the address.
func (s *Store) SignInSucceeded(ctx context.Context, name, address string) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE sign_in_failures SET failures = greatest(failures - 1, 0) WHERE key = $1`, failureKey("address", address)); err != nil {
			return err
		}
		return forgetFailures(ctx, tx, accountKey(name))
	})
}

func forgetFailures(ctx context.Context, tx pgx.Tx, key []byte) error {
	_, err := tx.Exec(ctx, `DELETE FROM sign_in_failures WHERE key = $1`, key)
	return err
}

// SignInRefused notes a failed attempt in the audit trail. by has the name of an account; none where there is
// no such account, as what people type into the field of a name is sometimes a password.
func (s *Store) SignInRefused(ctx context.Context, by *yizhan.Principal, why string) error {
	subject := "users"
	if by.User.Name != "" {
		subject += "/" + by.User.Name
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		return appendAudit(ctx, tx, yizhan.AuditEntry{Actor: "guest", Act: "auth.refused", Subject: subject, Address: by.From, Detail: map[string]string{"why": why}})
	})
}

// nullTime reads a time that may be null into a zero time.
type nullTime time.Time

// Scan is for pgx.
func (t *nullTime) Scan(value any) error {
	at, _ := value.(time.Time)
	*t = nullTime(at)
	return nil
}
