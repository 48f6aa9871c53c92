package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// checkError checks code, field and parts of the message of an error, and that it tells the reader
// nothing of SQL.
func checkError(t *testing.T, err error, code yizhan.ErrorCode, field string, parts ...string) {
	t.Helper()
	var ours *yizhan.Error
	if !errors.As(err, &ours) {
		t.Fatalf("got %v, want a *yizhan.Error of code %s", err, code)
	}
	if ours.Code != code || ours.Field != field {
		t.Errorf("got code %s, field %q (%v); want %s, %q", ours.Code, ours.Field, err, code, field)
	}
	for _, part := range parts {
		if !strings.Contains(ours.Message, part) {
			t.Errorf("message %q does not say %q", ours.Message, part)
		}
	}
	for _, leak := range []string{"SQLSTATE", "constraint", "violates", "relation"} {
		if strings.Contains(ours.Message, leak) {
			t.Errorf("message %q speaks of %q", ours.Message, leak)
		}
	}
}

// checkState checks that the database itself refused something.
func checkState(t *testing.T, err error, state, part string) {
	t.Helper()
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		t.Fatalf("got %v, want SQLSTATE %s", err, state)
	}
	if said.Code != state || !strings.Contains(said.Message+said.ConstraintName+said.Detail, part) {
		t.Errorf("got %+v, want %s with %q", said, state, part)
	}
}

func lastSeq(t *testing.T, s *store.Store) int64 {
	t.Helper()
	seq, err := s.LastSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return seq
}
