package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// What stands on the ground that a person divides anew goes with the ground: stations to the micro-grid around
// them, friendly scenes to what their micro-grids have become, leaders of a micro-grid that is no more to the one
// that has most of its area. Importers say themselves where things are.

// follow adds the edits that follow from micro-grids which got another boundary or are to be deleted.
func (a *attempt) follow(ctx context.Context) error {
	if a.by.System || len(a.edited(yizhan.MicroGrids)) == 0 {
		return a.writeImplied(ctx)
	}
	g, err := a.surveyGround(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, ground) error{a.followStations, a.followScenes, a.followLeaders} {
		if err := step(ctx, g); err != nil {
			return err
		}
	}
	return a.writeImplied(ctx)
}

// ground is what became of micro-grids.
type ground struct {
	codes, gone []string // of those that were touched, and those of them that are to be deleted
	shapes      [][]byte // of the touched ones, as they were
	heirs       map[string]string
	origins     map[string]string // of new ones
}

func (a *attempt) surveyGround(ctx context.Context) (ground, error) {
	t := a.store.tables[yizhan.MicroGrids]
	g := a.plan.groups[yizhan.MicroGrids]
	var survey ground
	for _, e := range slices.Concat(g.updates, g.deletes) {
		_, shape, err := t.image(a.before[e.ref])
		if err != nil {
			return survey, err
		}
		survey.codes, survey.shapes = append(survey.codes, e.ref.Code), append(survey.shapes, shape)
	}
	survey.gone = append([]string{}, codesOf(g.deletes)...)
	var err error
	// The heir of one that goes is the one with most of its area; a new one comes from the one that had most of its.
	survey.heirs, err = a.pairs(ctx, `SELECT DISTINCT ON (was.code) was.code, now.code FROM unnest($1::text[], $2::geometry[]) was(code, shape)
		JOIN micro_grids now ON now.community = left(was.code, 12) AND now.boundary && was.shape
		WHERE was.code = ANY ($3) AND now.code <> ALL ($3)
		ORDER BY was.code, ST_Area(ST_Intersection(now.boundary, was.shape)) DESC, now.code`, survey.codes, survey.shapes, survey.gone)
	if err != nil {
		return survey, err
	}
	survey.origins, err = a.pairs(ctx, `SELECT DISTINCT ON (now.code) now.code, was.code FROM unnest($1::text[], $2::geometry[]) was(code, shape)
		JOIN micro_grids now ON now.community = left(was.code, 12) AND now.boundary && was.shape
		WHERE now.code = ANY ($3)
		ORDER BY now.code, ST_Area(ST_Intersection(now.boundary, was.shape)) DESC, was.code`, survey.codes, survey.shapes, append([]string{}, codesOf(g.creates)...))
	return survey, err
}

func (a *attempt) pairs(ctx context.Context, query string, arguments ...any) (map[string]string, error) {
	rows, err := a.tx.Query(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	pairs := map[string]string{}
	var from, to string
	_, err = pgx.ForEachRow(rows, []any{&from, &to}, func() error {
		pairs[from] = to
		return nil
	})
	return pairs, err
}

// edited lists the codes of a collection that the changeset edits itself.
func (a *attempt) edited(collection yizhan.Collection) []string {
	g := a.plan.groups[collection]
	return append([]string{}, codesOf(g.creates, g.updates, g.deletes)...)
}

// followStations moves stations whose micro-grid is no longer around them. One that never lay in its micro-grid,
// as its place is not exactly known, stays as long as that is there.
func (a *attempt) followStations(ctx context.Context, g ground) error {
	moved, err := a.pairs(ctx, `SELECT s.code, coalesce((SELECT now.code FROM micro_grids now
			WHERE now.community = s.community AND now.code <> ALL ($3) AND ST_Covers(now.boundary, s.location) ORDER BY now.code LIMIT 1), '')
		FROM unnest($1::text[], $2::geometry[]) was(code, shape)
		JOIN stations s ON s.micro_grid = was.code
		LEFT JOIN micro_grids g ON g.code = was.code AND g.code <> ALL ($3)
		WHERE s.code <> ALL ($4) AND (g.code IS NULL OR ST_Covers(was.shape, s.location) AND NOT ST_Covers(g.boundary, s.location))`,
		g.codes, g.shapes, g.gone, a.edited(yizhan.Stations))
	if err != nil || len(moved) == 0 {
		return err
	}
	codes := sortedKeys(moved)
	if err := a.lockImplied(ctx, yizhan.Stations, codes); err != nil {
		return err
	}
	for _, code := range codes {
		before, stillThere := a.before[yizhan.Ref{Collection: yizhan.Stations, Code: code}].(*yizhan.Station)
		if !stillThere {
			continue
		}
		station := *before
		to := moved[code]
		if to == "" {
			to = g.heirs[station.MicroGrid]
		}
		if station.MicroGrid = to; to == before.MicroGrid {
			continue
		}
		if err := a.addImplied(&edit{op: yizhan.Update, ref: station.Ref(), base: before.Version, feature: &station}); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) lockImplied(ctx context.Context, collection yizhan.Collection, codes []string) error {
	if _, err := a.tx.Exec(ctx, fmt.Sprintf(`SELECT FROM %s WHERE code = ANY ($1) ORDER BY code FOR NO KEY UPDATE`, collection), codes); err != nil {
		return err
	}
	return a.loadBeforeOf(ctx, collection, codes)
}

func (a *attempt) addImplied(e *edit) error {
	if err := a.store.tables[e.ref.Collection].encode(e); err != nil {
		return err
	}
	a.implied = append(a.implied, e)
	return nil
}

// followScenes gives scenes what their micro-grids have become.
func (a *attempt) followScenes(ctx context.Context, g ground) error {
	scenes, err := scenesOver(ctx, a.tx, g.codes, a.edited(yizhan.FriendlyScenes))
	if err != nil || len(scenes) == 0 {
		return err
	}
	if err := a.lockImplied(ctx, yizhan.FriendlyScenes, scenes); err != nil {
		return err
	}
	for _, code := range scenes {
		ref := yizhan.Ref{Collection: yizhan.FriendlyScenes, Code: code}
		before, stillThere := a.before[ref].(*yizhan.FriendlyScene)
		if !stillThere {
			continue
		}
		scene := *before
		if scene.MicroGrids = g.membersNow(before.MicroGrids); slices.Equal(scene.MicroGrids, before.MicroGrids) {
			continue
		}
		a.implied = slices.DeleteFunc(a.implied, func(e *edit) bool { return e.ref == ref })
		if err := a.addImplied(&edit{op: yizhan.Update, ref: ref, base: before.Version, feature: &scene}); err != nil {
			return err
		}
	}
	return nil
}

func (g ground) membersNow(members []string) []string {
	var now []string
	for _, code := range members {
		switch heir := g.heirs[code]; {
		case !slices.Contains(g.gone, code):
			now = append(now, code)
		case heir != "":
			now = append(now, heir)
		default:
			now = append(now, code) // it cannot go, then
		}
	}
	for made, origin := range g.origins {
		if slices.Contains(members, origin) {
			now = append(now, made)
		}
	}
	slices.Sort(now)
	return slices.Compact(now)
}

// followLeaders moves the leaders of micro-grids that go. The code of a leader begins with that of the micro-grid:
// he or she gets another one, and what is sealed is sealed anew, as it is bound to the code.
func (a *attempt) followLeaders(ctx context.Context, g ground) error {
	if len(g.gone) == 0 {
		return nil
	}
	rows, err := a.tx.Query(ctx, `SELECT code, micro_grid, role, households, selected, synthetic, version, sealed FROM leaders
		WHERE micro_grid = ANY ($1) AND code <> ALL ($2) ORDER BY code FOR UPDATE`, g.gone, a.edited(yizhan.Leaders))
	if err != nil {
		return err
	}
	type found struct {
		yizhan.Leader
		sealed []byte
	}
	leaders, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l found, err error) {
		err = row.Scan(&l.Code, &l.MicroGrid, &l.Role, &l.Households, &l.Selected, &l.Synthetic, &l.Version, &l.sealed)
		return l, err
	})
	if err != nil {
		return err
	}
	serials := serials{attempt: a}
	for _, l := range leaders {
		heir := g.heirs[l.MicroGrid]
		if heir == "" {
			continue
		}
		moved := l.Leader
		moved.MicroGrid, moved.Version = heir, 0
		if moved.Code, err = serials.next(ctx, heir); err != nil {
			return err
		}
		sealed, err := a.reseal(l.sealed, l.Code, moved.Code)
		if err != nil {
			return err
		}
		a.implied = append(a.implied, &edit{op: yizhan.Delete, ref: l.Ref(), base: l.Version})
		if err := a.addImplied(&edit{op: yizhan.Create, ref: moved.Ref(), feature: &moved, sealed: sealed}); err != nil {
			return err
		}
	}
	return nil
}

// reseal gives what was sealed for one code as sealed for another.
func (a *attempt) reseal(sealed []byte, from, to string) ([]byte, error) {
	if sealed == nil {
		return nil, nil
	}
	keys, err := a.store.keyring()
	if err != nil {
		return nil, err
	}
	contact, err := keys.openContact(from, sealed)
	if err != nil {
		return nil, err
	}
	return keys.sealContact(to, contact)
}

// serials gives out the codes of leaders.
type serials struct {
	attempt *attempt
	last    map[string]int
}

const maxLeaders = 99 // of a micro-grid: their serial has two digits

func (s *serials) next(ctx context.Context, microGrid string) (string, error) {
	if s.last == nil {
		s.last = map[string]int{}
	}
	if _, known := s.last[microGrid]; !known {
		var last int
		if err := s.attempt.tx.QueryRow(ctx, `SELECT coalesce(max(right(code, 2)::int), 0) FROM leaders WHERE micro_grid = $1`, microGrid).Scan(&last); err != nil {
			return "", err
		}
		for _, e := range s.attempt.plan.groups[yizhan.Leaders].creates {
			if e.ref.Code[:15] == microGrid {
				last = max(last, int(e.ref.Code[15]-'0')*10+int(e.ref.Code[16]-'0'))
			}
		}
		s.last[microGrid] = last
	}
	if s.last[microGrid]++; s.last[microGrid] > maxLeaders {
		return "", yizhan.Errorf(yizhan.CodeConflict, "", "micro_grids/%s would have more than %d leaders", microGrid, maxLeaders)
	}
	return fmt.Sprintf("%s%02d", microGrid, s.last[microGrid]), nil
}

// writeImplied makes the edits that follow from others. Whoever may edit a micro-grid need not have a say in
// everything that stands on it.
func (a *attempt) writeImplied(ctx context.Context) error {
	for _, collection := range yizhan.Collections() {
		var updates, creates []*edit
		var gone []string
		for _, e := range a.implied {
			switch {
			case e.ref.Collection != collection:
			case e.op == yizhan.Update:
				updates = append(updates, e)
			case e.op == yizhan.Create:
				creates = append(creates, e)
			default:
				gone = append(gone, e.ref.Code)
			}
		}
		t := a.store.tables[collection]
		for some := range slices.Chunk(updates, chunk) {
			if err := t.update(ctx, a.tx, some, copyRows); err != nil {
				return err
			}
		}
		if len(gone) > 0 {
			if _, err := a.tx.Exec(ctx, fmt.Sprintf(`DELETE FROM %s WHERE code = ANY ($1)`, collection), gone); err != nil {
				return err
			}
		}
		if len(creates) > 0 {
			if err := t.insert(ctx, a.tx, creates); err != nil {
				return err
			}
		}
	}
	return nil
}
