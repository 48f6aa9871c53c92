package coverage_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/internal/pgtest"
)

// PostGIS knows the true geodesic. Which cells are in reach of which sites must be the same but for pairs
// that are within a millimetre of the reach.
func TestPairsAreThoseOfPostGIS(t *testing.T) {
	rng := rand.New(rand.NewPCG(40, 9))
	d := demandOf(t, strewn(40, 500, hailar, 0.05))
	sites := drawSites(rng, pointsAround(41, 80, hailar, 0.05))
	conn, err := pgx.Connect(t.Context(), pgtest.DB(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for table, rows := range map[string][][]any{"cell": cellRows(d), "site": siteRows(sites)} {
		if _, err := conn.Exec(t.Context(), fmt.Sprintf("CREATE TEMP TABLE %s (id int, lng float8, lat float8)", table)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.CopyFrom(t.Context(), pgx.Identifier{table}, []string{"id", "lng", "lat"}, pgx.CopyFromRows(rows)); err != nil {
			t.Fatal(err)
		}
		index := fmt.Sprintf("ALTER TABLE %[1]s ADD g geography; UPDATE %[1]s SET g = ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography;"+
			"CREATE INDEX ON %[1]s USING gist (g); ANALYZE %[1]s", table)
		if _, err := conn.Exec(t.Context(), index); err != nil {
			t.Fatal(err)
		}
	}
	for _, radiusM := range []float64{500, 1000, 3000, 5000} {
		t.Run(fmt.Sprintf("%g m", radiusM), func(t *testing.T) { checkPairs(t, conn, d, sites, radiusM) })
	}
}

func cellRows(d *coverage.Demand) (rows [][]any) {
	for i := range d.Cells() {
		_, center, _ := d.Cell(i)
		rows = append(rows, []any{i, center[0], center[1]})
	}
	return rows
}

func siteRows(sites coverage.Sites) (rows [][]any) {
	for i, site := range sites {
		rows = append(rows, []any{i, site.At[0], site.At[1]})
	}
	return rows
}

func checkPairs(t *testing.T, conn *pgx.Conn, d *coverage.Demand, sites coverage.Sites, radiusM float64) {
	in, err := d.Incidence(sites, coverage.Reach{RadiusM: radiusM}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ours := map[[2]int32]float32{}
	for cell := range d.Cells() {
		list, distances := in.Of(cell)
		for n, site := range list {
			ours[[2]int32{int32(cell), site}] = distances[n]
		}
	}
	const band = 0.001
	rows, err := conn.Query(t.Context(), `SELECT cell.id, site.id, ST_Distance(cell.g, site.g) FROM cell JOIN site ON ST_DWithin(cell.g, site.g, $1)`, radiusM+band)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	inside := 0
	for rows.Next() {
		var pair [2]int32
		var meters float64
		if err := rows.Scan(&pair[0], &pair[1], &meters); err != nil {
			t.Fatal(err)
		}
		distance, found := ours[pair]
		delete(ours, pair)
		switch {
		case !found && meters <= radiusM-band:
			t.Errorf("cell %d and site %d are %.4f m apart, but not in reach", pair[0], pair[1], meters)
		case found && math.Abs(float64(distance)-meters) > band:
			t.Errorf("cell %d and site %d are %.4f m apart, not %.4f m", pair[0], pair[1], meters, distance)
		case found:
			inside++
		}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	for pair, meters := range ours {
		t.Errorf("cell %d and site %d are in reach at %.4f m, but not by PostGIS", pair[0], pair[1], meters)
	}
	if inside < 100 {
		t.Errorf("only %d pairs", inside)
	}
}
