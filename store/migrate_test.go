package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/migrations"
	"github.com/yizhan/yizhan/store"
)

// emptied takes away what the migrations made, but not PostGIS, which needs an administrator.
const emptied = `DO $$
DECLARE
    made record;
BEGIN
    FOR made IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    LOOP EXECUTE 'DROP TABLE ' || made.name || ' CASCADE'; END LOOP;
    FOR made IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    LOOP EXECUTE 'DROP FUNCTION ' || made.name; END LOOP;
END $$`

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	url := pgtest.DB(t)
	conn := connect(t, url)
	exec(t, conn, emptied)
	_, err := openURL(t, url).LastSeq(t.Context())
	checkError(t, err, yizhan.CodeUnavailable, "", "not migrated")
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wait.Go(func() { errs[i] = store.Migrate(t.Context(), url) })
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	var total, distinct int
	if err := conn.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`).Scan(&total, &distinct); err != nil {
		t.Fatal(err)
	}
	if total != distinct || total < 7 {
		t.Errorf("%d rows for %d versions", total, distinct)
	}
	apply(t, openURL(t, url), creates(fixture()...)...)
	if err := store.Migrate(t.Context(), url); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestDatabasesThatAreNotThere(t *testing.T) {
	for url, code := range map[string]yizhan.ErrorCode{
		"postgres:///yizhan?host=/nonexistent&user=nobody": yizhan.CodeUnavailable,
		"not a url": yizhan.CodeInvalid,
	} {
		_, err := store.Open(t.Context(), store.Options{URL: url})
		checkError(t, err, code, map[yizhan.ErrorCode]string{yizhan.CodeInvalid: "database"}[code])
		err = store.Migrate(t.Context(), url)
		checkError(t, err, code, map[yizhan.ErrorCode]string{yizhan.CodeInvalid: "database"}[code])
	}
}

// TestConnectionsBreak ends every connection of a store under its feet.
func TestConnectionsBreak(t *testing.T) {
	s, url := openFixture(t)
	admin := connect(t, url)
	for range 5 {
		exec(t, admin, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'yizhan' AND datname = current_database()`)
		_, err := s.LastSeq(t.Context())
		if err != nil {
			checkError(t, err, yizhan.CodeUnavailable, "")
		}
		if _, err := s.LastSeq(t.Context()); err != nil && yizhan.CodeOf(err) != yizhan.CodeUnavailable {
			t.Errorf("after a broken connection: %v", err)
		}
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("does not come back: %v", err)
	}
}

// TestMigratingKeepsWhatIsThere migrates a city whose services lie in a table of their own, and whose changesets do not
// know where they lie in the log.
func TestMigratingKeepsWhatIsThere(t *testing.T) {
	url := pgtest.DB(t)
	conn := connect(t, url)
	exec(t, conn, emptied)
	db := stdlib.OpenDB(*conn.Config())
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 25); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, `INSERT INTO units VALUES
			('150700', 'city', NULL, '呼伦贝尔市', '', '', NULL, NULL, false, 1), ('150702', 'banner', '150700', '海拉尔区', '', '', NULL, NULL, false, 1),
			('150702001', 'township', '150702', '正阳街道', '', '', NULL, NULL, false, 1), ('150702001001', 'community', '150702001', '天润社区', '', '', NULL, NULL, false, 1);
		INSERT INTO stations
		SELECT code, code, 'enterprise', 'bank', '', ST_SetSRID(ST_MakePoint(119.5, 49.5), 4326), false, NULL, 0, '', 'active', '150702001001', NULL, NULL, false, 1
		FROM unnest(ARRAY['WITH-NONE', 'WITH-SOME']) AS given(code);
		INSERT INTO station_services VALUES ('WITH-SOME', 'water', 'broken', '2026-01-02T03:04:05Z', 1), ('WITH-SOME', 'rest', 'working', NULL, 0);
		INSERT INTO changesets (author, reason) VALUES ('anna', 'one'), ('anna', 'two');
		INSERT INTO changes SELECT n, CASE WHEN n = 1 THEN 1 ELSE 2 END, 'create', 'leaders', '1507020010010010' || n, 1 FROM generate_series(1, 3) n;
		UPDATE change_head SET seq = 3`)
	if err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s := openURL(t, url)
	if info, changes, err := s.FindChangeset(t.Context(), 2, 0, 10); err != nil || info.FirstSeq != 2 || info.LastSeq != 3 || len(changes) != 2 {
		t.Errorf("the second changeset is %+v with %v, %v", info, changes, err)
	}
	for code, want := range map[string][]yizhan.StationService{
		"WITH-NONE": nil,
		"WITH-SOME": {{Service: yizhan.Rest, Condition: yizhan.Working}, {Service: yizhan.Water, Condition: yizhan.Broken, ConfirmedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}},
	} {
		found, err := s.FindOne(t.Context(), yizhan.Ref{Collection: yizhan.Stations, Code: code})
		if err != nil {
			t.Fatal(err)
		}
		if got := found.(*yizhan.Station).Services; !slices.Equal(got, want) {
			t.Errorf("%s offers %v, want %v", code, got, want)
		}
	}
}
