package store

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// maxTokens bounds those of one account that serve.
const maxTokens = 50

// CreateToken makes a token of who asks, for some of what they may do. Of its secret only the hash comes here.
func (s *Store) CreateToken(ctx context.Context, by *yizhan.Principal, secret []byte, t yizhan.Token) (yizhan.Token, error) {
	if n := utf8.RuneCountInString(t.Name); n < 1 || n > 120 || checkText("name", t.Name) != nil {
		return t, yizhan.Invalid("name", "is not 1 to 120 characters")
	}
	if len(t.Scopes) == 0 {
		return t, yizhan.Invalid("scopes", "a token is for something")
	}
	for _, scope := range t.Scopes {
		if !scope.Valid() {
			return t, yizhan.Invalid("scopes", "is not one of read, write, personal, admin")
		}
	}
	if by != nil && by.Scopes != nil {
		return t, yizhan.Errorf(yizhan.CodeForbidden, "", "a token cannot make tokens; sign in")
	}
	err := s.own(ctx, by, "tokens.create", map[string]string{"name": t.Name}, func(tx pgx.Tx) error {
		var kept int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT FROM tokens WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
			LIMIT $2) few`, by.User.ID, maxTokens).Scan(&kept); err != nil {
			return err
		}
		if kept >= maxTokens {
			return yizhan.Errorf(yizhan.CodeConflict, "", "there are %d tokens already; revoke some first", maxTokens)
		}
		var lives bool
		if err := tx.QueryRow(ctx, `SELECT $1::timestamptz > now() AND $1::timestamptz <= now() + $2::interval`, t.ExpiresAt, yizhan.MaxTokenLife).Scan(&lives); err != nil {
			return err
		}
		if !lives {
			return yizhan.Invalid("expires_at", "is not within a year from now")
		}
		return tx.QueryRow(ctx, `INSERT INTO tokens (secret_hash, user_id, name, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)
			RETURNING id, created_at, expires_at`, secret, by.User.ID, t.Name, t.Scopes, t.ExpiresAt).Scan(&t.ID, &t.CreatedAt, &t.ExpiresAt)
	})
	t.CreatedAt, t.ExpiresAt = t.CreatedAt.UTC(), t.ExpiresAt.UTC()
	return t, err
}

// Tokens lists the tokens of who asks, those that no longer serve included.
func (s *Store) Tokens(ctx context.Context, by *yizhan.Principal) (tokens []yizhan.Token, err error) {
	if !by.May(yizhan.ActOwnAccount, "") {
		return nil, yizhan.Errorf(yizhan.CodeForbidden, "", "there is no account")
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, name, scopes, created_at, expires_at, last_used_at, revoked_at FROM tokens
			WHERE user_id = $1 ORDER BY id DESC LIMIT 500`, by.User.ID)
		if err != nil {
			return err
		}
		tokens, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t yizhan.Token, err error) {
			err = row.Scan(&t.ID, &t.Name, &t.Scopes, &t.CreatedAt, (*nullTime)(&t.ExpiresAt), (*nullTime)(&t.LastUsedAt), (*nullTime)(&t.RevokedAt))
			return t, err
		})
		return err
	})
	return tokens, err
}

// RevokeToken ends a token of who asks.
func (s *Store) RevokeToken(ctx context.Context, by *yizhan.Principal, id int64) error {
	return s.own(ctx, by, "tokens.revoke", nil, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE tokens SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND user_id = $2`, id, by.User.ID)
		if err == nil && done.RowsAffected() == 0 {
			return yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such token")
		}
		return err
	})
}

// FindToken gives who a token asks for; not_found for one that does not serve.
func (s *Store) FindToken(ctx context.Context, secret []byte) (*yizhan.Principal, error) {
	p := &yizhan.Principal{Scopes: []yizhan.Scope{}}
	var roles, units []string
	var touch bool
	err := s.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT u.id, u.name, u.display_name, u.disabled_at, u.created_at, u.password_hash IS NOT NULL, u.totp_since IS NOT NULL,
				coalesce(u.subject, ''), ARRAY(SELECT role FROM grants WHERE user_id = u.id ORDER BY unit, role),
				ARRAY(SELECT unit FROM grants WHERE user_id = u.id ORDER BY unit, role), t.scopes,
				coalesce(t.last_used_at < now() - $2::interval, true)
			FROM tokens t JOIN users u ON u.id = t.user_id
			WHERE t.secret_hash = $1 AND t.expires_at > now() AND t.revoked_at IS NULL AND u.disabled_at IS NULL`,
			secret, touchAfter).Scan(append(userFields(&p.User), &roles, &units, &p.Scopes, &touch)...)
	})
	if err != nil {
		return nil, err
	}
	p.Grants = grantsOf(roles, units)
	p.User.Grants = p.Grants
	if touch {
		_, err = s.pool.Exec(ctx, `UPDATE tokens SET last_used_at = now() WHERE secret_hash = $1`, secret)
	}
	return p, translate(ctx, err)
}
