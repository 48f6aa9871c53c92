package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

//go:embed queries/*.sql
var queries embed.FS

// Tally counts what a banner, or the whole database, holds.
type Tally struct {
	Townships      int64
	Communities    int64 // with a territory
	Landless       int64 // units below the banner that are registered without a territory
	MicroGrids     int64
	Households     int64 // of micro-grids
	Leaders        int64
	LedHouseholds  int64 // of unit leaders
	Stations       int64
	FriendlyScenes int64
}

// BannerTally is the tally of one banner.
type BannerTally struct {
	Code, Name string
	Tally
}

// Proof is a rule that was checked over all that is in the database.
type Proof struct {
	Name    string
	Checked int64  // how many things were looked at
	Faults  int64  // how many of them break the rule
	Detail  string // the first that does, or what was measured; may be empty
}

// OK tells whether the rule holds. Of nothing it holds.
func (p Proof) OK() bool { return p.Faults == 0 }

// Verification is what PostGIS says about the data, on one snapshot.
type Verification struct {
	Seq     int64
	Total   Tally // over all banners
	Banners []BannerTally
	Proofs  []Proof
}

// OK tells whether every rule holds.
func (v Verification) OK() bool {
	for _, p := range v.Proofs {
		if !p.OK() {
			return false
		}
	}
	return true
}

// proofs names each proof and the query that makes it.
func proofs() []struct {
	name, file string
	arguments  []any
} {
	return []struct {
		name, file string
		arguments  []any
	}{
		{"micro-grids partition their communities, edge for edge", "proof_partition", []any{yizhan.LevelCommunity}},
		{"communities partition their townships, edge for edge", "proof_partition", []any{yizhan.LevelTownship}},
		{"townships partition their banners, edge for edge", "proof_partition", []any{yizhan.LevelBanner}},
		{"banners partition their city, edge for edge", "proof_partition", []any{yizhan.LevelCity}},
		{"areas of micro-grids add up to their communities", "proof_areas", nil},
		{"no two micro-grids overlap", "proof_overlaps", nil},
		{"shapes are valid", "proof_valid", nil},
		{"vertices are on the grid of 1e-7 degrees", "proof_snapped", nil},
		{"unit leaders lead the households of their micro-grids", "proof_leaders", nil},
		{"stations stand in their micro-grids", "proof_stations", nil},
		{"the change log has no hole", "proof_log", nil},
	}
}

// Verify counts what is in the database and proves its rules with PostGIS, among them the partition in
// two ways that share no code. It takes some seconds for a city.
func (s *Store) Verify(ctx context.Context) (Verification, error) {
	var v Verification
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = '10min'`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, lastSeq).Scan(&v.Seq); err != nil {
			return err
		}
		if v.Banners, err = tally(ctx, tx); err != nil {
			return err
		}
		for _, p := range proofs() {
			proof := Proof{Name: p.name}
			if err := tx.QueryRow(ctx, query(p.file), p.arguments...).Scan(&proof.Checked, &proof.Faults, &proof.Detail); err != nil {
				return fmt.Errorf("%s: %w", p.file, err)
			}
			v.Proofs = append(v.Proofs, proof)
		}
		return nil
	})
	for _, b := range v.Banners {
		v.Total.add(b.Tally)
	}
	return v, err
}

func tally(ctx context.Context, tx pgx.Tx) ([]BannerTally, error) {
	rows, err := tx.Query(ctx, query("tally"))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (b BannerTally, err error) {
		err = row.Scan(&b.Code, &b.Name, &b.Townships, &b.Communities, &b.Landless, &b.MicroGrids, &b.Households,
			&b.Leaders, &b.LedHouseholds, &b.Stations, &b.FriendlyScenes)
		return b, err
	})
}

func (t *Tally) add(other Tally) {
	t.Townships += other.Townships
	t.Communities += other.Communities
	t.Landless += other.Landless
	t.MicroGrids += other.MicroGrids
	t.Households += other.Households
	t.Leaders += other.Leaders
	t.LedHouseholds += other.LedHouseholds
	t.Stations += other.Stations
	t.FriendlyScenes += other.FriendlyScenes
}

// query gives an embedded query. That each exists is a matter of the build, not of the data.
func query(name string) string {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// AllSynthetic tells whether there is a city and nothing in it is real.
func (s *Store) AllSynthetic(ctx context.Context) (all bool, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM micro_grids) AND NOT EXISTS (SELECT FROM micro_grids WHERE NOT synthetic)
			AND NOT EXISTS (SELECT FROM stations WHERE NOT synthetic) AND NOT EXISTS (SELECT FROM leaders WHERE NOT synthetic)`).Scan(&all)
	})
	return all, err
}
