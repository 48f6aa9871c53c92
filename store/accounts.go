package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yizhan/yizhan"
)

// selectUser reads accounts with their grants; conditions on alias u follow, then groupUser.
const (
	selectUser = `SELECT u.id, u.name, u.display_name, u.disabled_at, u.created_at, u.password_hash IS NOT NULL, u.totp_since IS NOT NULL,
		coalesce(u.subject, ''), coalesce(array_agg(g.role ORDER BY g.unit, g.role) FILTER (WHERE g.role IS NOT NULL), '{}'),
		coalesce(array_agg(g.unit ORDER BY g.unit, g.role) FILTER (WHERE g.role IS NOT NULL), '{}')
		FROM users u LEFT JOIN grants g ON g.user_id = u.id `
	groupUser = ` GROUP BY u.id ORDER BY u.name`
)

func scanUser(row pgx.CollectableRow) (u yizhan.User, err error) {
	var roles, units []string
	err = row.Scan(append(userFields(&u), &roles, &units)...)
	u.Grants = grantsOf(roles, units)
	u.CreatedAt, u.DisabledAt = u.CreatedAt.UTC(), u.DisabledAt.UTC()
	return u, err
}

// userFields is where the columns of an account go, without its grants.
func userFields(u *yizhan.User) []any {
	return []any{&u.ID, &u.Name, &u.DisplayName, (*nullTime)(&u.DisabledAt), &u.CreatedAt, &u.HasPassword, &u.HasTOTP, &u.Subject}
}

func grantsOf(roles, units []string) []yizhan.Grant {
	grants := make([]yizhan.Grant, len(roles))
	for i := range roles {
		grants[i] = yizhan.Grant{Role: yizhan.Role(roles[i]), Unit: units[i]}
	}
	return grants
}

// Users lists the accounts that the principal may look after.
func (s *Store) Users(ctx context.Context, by *yizhan.Principal) (users []yizhan.User, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectUser+groupUser)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanUser)
		for _, u := range all {
			if looksAfter(by, u) {
				users = append(users, u)
			}
		}
		return err
	})
	return users, err
}

// looksAfter tells whether the principal may change an account: one that holds a role anywhere else is not
// for who manages a part of the city.
func looksAfter(by *yizhan.Principal, u yizhan.User) bool {
	if !by.May(yizhan.ActManageUsers, "") {
		return false
	}
	for _, g := range u.Grants {
		if !by.May(yizhan.ActManageUsers, g.Unit) {
			return false
		}
	}
	return true
}

func noUser() error { return yizhan.Errorf(yizhan.CodeNotFound, "name", "there is no such account") }

// lockUser finds an account that the principal may change, and keeps it as it is until the transaction ends.
func lockUser(ctx context.Context, tx pgx.Tx, by *yizhan.Principal, name string) (yizhan.User, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM users WHERE name = $1 FOR UPDATE`, name); err != nil {
		return yizhan.User{}, err
	}
	rows, err := tx.Query(ctx, selectUser+`WHERE u.name = $1`+groupUser, name)
	if err != nil {
		return yizhan.User{}, err
	}
	u, err := pgx.CollectExactlyOneRow(rows, scanUser)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && !looksAfter(by, u):
		return u, noUser() // whether it is there is not for everyone to know
	}
	return u, err
}

// CreateUser makes an account with its first grants.
func (s *Store) CreateUser(ctx context.Context, by *yizhan.Principal, n yizhan.NewUser) (u yizhan.User, err error) {
	if n.DisplayName == "" {
		n.DisplayName = n.Name
	}
	if err := (&yizhan.User{Name: n.Name, DisplayName: n.DisplayName}).Validate(); err != nil {
		return u, err
	}
	if len(n.Grants) == 0 && (by == nil || !by.System) {
		return u, yizhan.Invalid("grants", "a new account gets at least one role")
	}
	err = s.write(ctx, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `INSERT INTO users (name, display_name, password_hash, subject) VALUES ($1, $2, $3, $4) RETURNING id`,
			n.Name, n.DisplayName, emptyToNil(n.PasswordHash), emptyToNil(n.Subject)).Scan(&id)
		var said *pgconn.PgError
		if errors.As(err, &said) && said.Code == "23505" {
			return yizhan.Errorf(yizhan.CodeConflict, "name", "there is an account of this name, or for this subject, already")
		}
		if err != nil {
			return err
		}
		for _, g := range n.Grants {
			if err := grant(ctx, tx, by, id, g); err != nil {
				return err
			}
		}
		if u, err = lockUser(ctx, tx, by, n.Name); err != nil {
			return err
		}
		if err := audit(ctx, tx, by, "users.create", "users/"+n.Name, nil); err != nil {
			return err
		}
		for _, g := range n.Grants {
			if err := audit(ctx, tx, by, "users.grant", "users/"+n.Name, detailOf(g)); err != nil {
				return err
			}
		}
		return nil
	})
	return u, err
}

func detailOf(g yizhan.Grant) map[string]string {
	return map[string]string{"role": string(g.Role), "unit": g.Unit}
}

// grant gives a role to an account; who gives it must manage accounts there.
func grant(ctx context.Context, tx pgx.Tx, by *yizhan.Principal, user int64, g yizhan.Grant) error {
	if err := g.Validate(); err != nil {
		return err
	}
	if !by.May(yizhan.ActManageUsers, g.Unit) {
		return yizhan.Errorf(yizhan.CodeForbidden, "unit", "you do not manage accounts in %s", g.Unit)
	}
	var from *int64
	if by.User.ID != 0 {
		from = &by.User.ID
	}
	_, err := tx.Exec(ctx, `INSERT INTO grants (user_id, role, unit, granted_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		user, string(g.Role), g.Unit, from)
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == "23503" {
		return yizhan.Invalid("unit", "there is no unit %s", g.Unit)
	}
	return err
}

// change does something to an account, notes it, and ends the sessions of the account: what it may do has
// changed, or who it is.
func (s *Store) change(ctx context.Context, by *yizhan.Principal, name, act string, detail map[string]string, do func(pgx.Tx, yizhan.User) error) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		u, err := lockUser(ctx, tx, by, name)
		if err != nil {
			return err
		}
		if err := do(tx, u); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, u.ID); err != nil {
			return err
		}
		return audit(ctx, tx, by, act, "users/"+name, detail)
	})
}

// Grant gives an account a role in a unit and all below it.
func (s *Store) Grant(ctx context.Context, by *yizhan.Principal, name string, g yizhan.Grant) error {
	return s.change(ctx, by, name, "users.grant", detailOf(g), func(tx pgx.Tx, u yizhan.User) error {
		return grant(ctx, tx, by, u.ID, g)
	})
}

// Revoke takes a role away.
func (s *Store) Revoke(ctx context.Context, by *yizhan.Principal, name string, g yizhan.Grant) error {
	return s.change(ctx, by, name, "users.revoke", detailOf(g), func(tx pgx.Tx, u yizhan.User) error {
		gone, err := tx.Exec(ctx, `DELETE FROM grants WHERE user_id = $1 AND role = $2 AND unit = $3`, u.ID, string(g.Role), g.Unit)
		if err == nil && gone.RowsAffected() == 0 {
			return yizhan.Errorf(yizhan.CodeNotFound, "role", "the account has no such role")
		}
		return err
	})
}

// SetDisabled keeps an account from signing in, its tokens from serving, and ends its sessions; or lets it in again.
func (s *Store) SetDisabled(ctx context.Context, by *yizhan.Principal, name string, disabled bool) error {
	act := "users.enable"
	if disabled {
		act = "users.disable"
	}
	return s.change(ctx, by, name, act, nil, func(tx pgx.Tx, u yizhan.User) error {
		_, err := tx.Exec(ctx, `UPDATE users SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now()) END WHERE id = $1`, u.ID, disabled)
		return err
	})
}

// ResetUser gives an account another password, takes its second factor away, and forgets failed attempts.
func (s *Store) ResetUser(ctx context.Context, by *yizhan.Principal, name, passwordHash string) error {
	return s.change(ctx, by, name, "users.reset", nil, func(tx pgx.Tx, u yizhan.User) error {
		if _, err := tx.Exec(ctx, `UPDATE users SET password_hash = $2 WHERE id = $1`, u.ID, passwordHash); err != nil {
			return err
		}
		if err := forgetFailures(ctx, tx, accountKey(name)); err != nil {
			return err
		}
		return removeTOTP(ctx, tx, u.ID)
	})
}

// LinkSubject lets an account sign in by OpenID Connect as a subject.
func (s *Store) LinkSubject(ctx context.Context, by *yizhan.Principal, name, subject string) error {
	return s.change(ctx, by, name, "users.link", map[string]string{"subject": subject}, func(tx pgx.Tx, u yizhan.User) error {
		_, err := tx.Exec(ctx, `UPDATE users SET subject = $2 WHERE id = $1`, u.ID, emptyToNil(subject))
		return err
	})
}

// SetPassword changes the password of who asks, and ends all sessions of the account.
func (s *Store) SetPassword(ctx context.Context, by *yizhan.Principal, passwordHash string) error {
	return s.own(ctx, by, "account.password", nil, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE users SET password_hash = $2 WHERE id = $1`, by.User.ID, passwordHash); err != nil {
			return err
		}
		return endSessions(ctx, tx, by.User.ID)
	})
}

// own does something to the account of who asks, and notes it.
func (s *Store) own(ctx context.Context, by *yizhan.Principal, act string, detail map[string]string, do func(pgx.Tx) error) error {
	if !by.May(yizhan.ActOwnAccount, "") || by.User.ID == 0 {
		return yizhan.Errorf(yizhan.CodeForbidden, "", "there is no account to change")
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return audit(ctx, tx, by, act, "users/"+by.User.Name, detail)
	})
}

func endSessions(ctx context.Context, tx pgx.Tx, user int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1`, user)
	return err
}

// Rehash replaces the hash of a password by another of the same password.
func (s *Store) Rehash(ctx context.Context, user int64, old, fresh string) error {
	_, err := s.pool.Exec(ctx, `UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, user, old, fresh)
	return translate(ctx, err)
}
