package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// ProposeTOTP keeps the shared secret of a second factor, which counts only once it was confirmed.
func (s *Store) ProposeTOTP(ctx context.Context, by *yizhan.Principal, secret []byte) error {
	keys, err := s.keyring()
	if err != nil {
		return err
	}
	return s.own(ctx, by, "totp.propose", nil, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE users SET totp_sealed = $2 WHERE id = $1 AND totp_since IS NULL`, by.User.ID, keys.seal(secret, totpOwner(by.User.Name)))
		if err == nil && done.RowsAffected() == 0 {
			return yizhan.Errorf(yizhan.CodeConflict, "", "there is a second factor already; remove it first")
		}
		return err
	})
}

func totpOwner(name string) string { return "users/" + name + "/totp" }

// TOTPSecret gives the shared secret of an account and the last time step that was used; nil for none.
func (s *Store) TOTPSecret(ctx context.Context, user yizhan.User) (secret []byte, step int64, err error) {
	var sealed []byte
	err = s.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT totp_sealed, totp_step FROM users WHERE id = $1`, user.ID).Scan(&sealed, &step)
	})
	if err != nil || sealed == nil {
		return nil, step, err
	}
	keys, err := s.keyring()
	if err != nil {
		return nil, 0, err
	}
	if secret, err = keys.open(sealed, totpOwner(user.Name)); err != nil {
		return nil, 0, errSealed(err)
	}
	return secret, step, nil
}

// ConfirmTOTP makes the proposed second factor count. The hashes are of recovery codes.
func (s *Store) ConfirmTOTP(ctx context.Context, by *yizhan.Principal, step int64, recovery [][]byte) error {
	return s.own(ctx, by, "totp.confirm", nil, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE users SET totp_since = now(), totp_step = $2 WHERE id = $1 AND totp_sealed IS NOT NULL AND totp_since IS NULL`, by.User.ID, step)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return yizhan.Errorf(yizhan.CodeConflict, "", "there is no second factor to confirm")
		}
		if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, by.User.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO recovery_codes SELECT $1, unnest($2::bytea[])`, by.User.ID, recovery); err != nil {
			return err
		}
		return endSessions(ctx, tx, by.User.ID)
	})
}

// RemoveTOTP takes the second factor of who asks away, and ends all sessions of the account.
func (s *Store) RemoveTOTP(ctx context.Context, by *yizhan.Principal) error {
	return s.own(ctx, by, "totp.remove", nil, func(tx pgx.Tx) error {
		if err := removeTOTP(ctx, tx, by.User.ID); err != nil {
			return err
		}
		return endSessions(ctx, tx, by.User.ID)
	})
}

func removeTOTP(ctx context.Context, tx pgx.Tx, user int64) error {
	if _, err := tx.Exec(ctx, `UPDATE users SET totp_sealed = NULL, totp_since = NULL, totp_step = 0 WHERE id = $1`, user); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, user)
	return err
}

// SpendTOTPStep uses a time step up: false if it, or a later one, was used before.
func (s *Store) SpendTOTPStep(ctx context.Context, user, step int64) (fresh bool, err error) {
	done, err := s.pool.Exec(ctx, `UPDATE users SET totp_step = $2 WHERE id = $1 AND totp_step < $2`, user, step)
	return done.RowsAffected() == 1, translate(ctx, err)
}

// SpendRecoveryCode uses a recovery code up: false if there is none of this hash.
func (s *Store) SpendRecoveryCode(ctx context.Context, user int64, hash []byte) (known bool, err error) {
	done, err := s.pool.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2`, user, hash)
	return done.RowsAffected() == 1, translate(ctx, err)
}
