package intake

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// Fault is a place where the micro-grids of a community are not a partition of it, or one where they were made
// one.
type Fault struct {
	Community string
	Kind      string // a yizhan.MisfitKind, sliver, unmatched or repaired
	Codes     []string
	AreaM2    float64
	Message   string
	Shape     *Shape
}

// Shape is a geometry that gob can write.
type Shape struct {
	Point   *orb.Point
	Line    orb.LineString
	Polygon orb.MultiPolygon
}

// Geometry gives it back.
func (s *Shape) Geometry() orb.Geometry {
	switch {
	case s == nil:
		return nil
	case s.Point != nil:
		return *s.Point
	case s.Line != nil:
		return s.Line
	}
	return s.Polygon
}

func shapeOf(g orb.Geometry) *Shape {
	switch g := g.(type) {
	case orb.Point:
		return &Shape{Point: &g}
	case orb.LineString:
		return &Shape{Line: g}
	case orb.Polygon:
		return &Shape{Polygon: orb.MultiPolygon{g}}
	case orb.MultiPolygon:
		return &Shape{Polygon: g}
	}
	return nil
}

// drawn is a micro-grid that the file has.
type drawn struct {
	row      int64
	after    *yizhan.MicroGrid
	before   *yizhan.MicroGrid
	redrawn  bool
	repaired bool
}

// Bounds of what is held until the topology is known.
const (
	maxDrawn         = 500_000
	maxDrawnVertices = 15_000_000
	sliverM          = 0.5 // narrower is a slip of the hand, not a disputed field
	validityBatch    = 2_000
)

func (r *run) recordGrid(rec *importers.Record) error {
	after, before, redrawn := r.grid(rec)
	if after == nil {
		return nil
	}
	if after.Code == "" {
		code, ok := r.nextGridCode(after.Community)
		if !ok {
			r.refuse(importers.Missing, "code", "", "the community has 999 micro-grids already")
			return nil
		}
		after.Code = code
		r.fillGrid(after, rec.Values)
		if err := after.Validate(); err != nil {
			r.invalid(err)
			return nil
		}
	}
	if !r.isFirst(after.Code) {
		return nil
	}
	if before == nil && !redrawn {
		return nil
	}
	if redrawn {
		r.vertices += verticesOf(after.Boundary)
	}
	if len(r.drawn) == maxDrawn || r.vertices > maxDrawnVertices {
		return yizhan.Errorf(yizhan.CodeTooLarge, "file", "has more than %d outlines, or %d vertices in them; import it in parts, each of whole communities", maxDrawn, maxDrawnVertices)
	}
	r.drawn = append(r.drawn, drawn{row: r.row, after: after, before: before, redrawn: redrawn})
	return nil
}

func (r *run) nextGridCode(community string) (string, bool) {
	for r.serials[community] < 999 {
		r.serials[community]++
		code := fmt.Sprintf("%s%03d", community, r.serials[community])
		if _, taken := r.codes[xxhash.Sum64String(code)]; !taken && r.places.city.MicroGrids[code] == nil {
			return code, true
		}
	}
	return "", false
}

func verticesOf(area orb.MultiPolygon) (n int) {
	for _, polygon := range area {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// finishGrids judges outlines community by community, and then notes what changes.
func (r *run) finishGrids() error {
	slices.SortStableFunc(r.drawn, func(a, b drawn) int { return cmp.Compare(a.after.Code, b.after.Code) })
	if err := r.refuseInvalid(); err != nil {
		return err
	}
	gone, err := r.judgeCommunities()
	if err != nil {
		return err
	}
	for _, d := range r.drawn {
		if err := r.noteGrid(d); err != nil {
			return err
		}
	}
	for _, g := range gone {
		if _, _, err := r.change(Change{Op: yizhan.Delete, Ref: g.Ref(), Base: g.Version, Name: g.Name}, g); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) noteGrid(d drawn) error {
	if d.before == nil {
		_, _, err := r.change(Change{Op: yizhan.Create, Row: d.row, Ref: d.after.Ref(), Name: d.after.Name, Grid: d.after}, nil)
		return err
	}
	changed := changedGrid(d.before, d.after)
	if len(changed) == 0 {
		r.check.summary.Unchanged++
		return nil
	}
	_, _, err := r.change(Change{Op: yizhan.Update, Row: d.row, Ref: d.after.Ref(), Base: d.before.Version, Changed: changed, Name: d.after.Name, Grid: d.after}, d.before)
	return err
}

// refuseInvalid leaves out what crosses itself, and tells where.
func (r *run) refuseInvalid() error {
	var asked []int
	for i, d := range r.drawn {
		if d.redrawn && (d.before == nil || !sameArea(d.before.Boundary, d.after.Boundary)) {
			asked = append(asked, i)
		}
	}
	wrong, err := r.invalidShapes(asked, func(i int) (row int64, code string, shape orb.MultiPolygon) {
		return r.drawn[i].row, r.drawn[i].after.Code, r.drawn[i].after.Boundary
	})
	if err != nil || len(wrong) == 0 {
		return err
	}
	kept := r.drawn[:0:0]
	for i, d := range r.drawn {
		if !wrong[i] {
			kept = append(kept, d)
		}
	}
	r.drawn = kept
	return nil
}

// invalidShapes finds which of the outlines that are asked about are not valid, and notes where.
func (r *run) invalidShapes(asked []int, of func(int) (row int64, code string, shape orb.MultiPolygon)) (wrong map[int]bool, err error) {
	wrong = map[int]bool{}
	done := 0
	for batch := range slices.Chunk(asked, validityBatch) {
		r.progress("checking outlines", int64(done), int64(len(asked)))
		shapes := make([]orb.MultiPolygon, len(batch))
		for i, n := range batch {
			_, _, shapes[i] = of(n)
		}
		faults, err := r.store.InvalidShapes(r.ctx, shapes)
		if err != nil {
			return nil, err
		}
		for _, f := range faults {
			row, code, _ := of(batch[f.Index])
			wrong[batch[f.Index]] = true
			place := f.Place
			err := r.check.problem(importers.Problem{Severity: importers.Refused, Row: row, Code: importers.InvalidShape, Message: "the outline is not valid: " + f.Reason, Value: code, Place: &place})
			if err != nil {
				return nil, err
			}
		}
		done += len(batch)
	}
	return wrong, nil
}

// judgeCommunities holds the outlines of each community against it. gone are micro-grids that the file leaves out
// of communities that it redraws.
func (r *run) judgeCommunities() (gone []*yizhan.MicroGrid, err error) {
	for start := 0; start < len(r.drawn); {
		end := start
		code := r.drawn[start].after.Community
		for end < len(r.drawn) && r.drawn[end].after.Community == code {
			end++
		}
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		r.progress("checking the partition", int64(start), int64(len(r.drawn)))
		some := r.drawn[start:end]
		start = end
		if !slices.ContainsFunc(some, func(d drawn) bool { return d.redrawn }) {
			continue
		}
		r.check.summary.Communities++
		others := r.others(code, some)
		if r.check.settings.Missing != Keep {
			gone = append(gone, others...)
			others = nil
		}
		if err := r.judge(code, some, others); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// others are the micro-grids of a community that the file does not have.
func (r *run) others(community string, some []drawn) []*yizhan.MicroGrid {
	given := map[string]bool{}
	for _, d := range some {
		given[d.after.Code] = true
	}
	var others []*yizhan.MicroGrid
	for _, g := range r.places.grids[community] {
		if !given[g.Code] {
			others = append(others, g)
		}
	}
	return others
}

func (r *run) judge(community string, some []drawn, others []*yizhan.MicroGrid) error {
	whole := r.places.city.Units[community].Boundary
	parts := make([]orb.MultiPolygon, 0, len(some)+len(others))
	codes := make([]string, 0, cap(parts))
	for _, d := range some {
		parts, codes = append(parts, d.after.Boundary), append(codes, d.after.Code)
	}
	for _, g := range others {
		parts, codes = append(parts, g.Boundary), append(codes, g.Code)
	}
	if isPartition(whole, parts) {
		return nil
	}
	misfits, err := r.store.Misfits(r.ctx, whole, parts)
	if err != nil {
		return err
	}
	if r.check.settings.RepairM > 0 && len(others) == 0 {
		refitted, err := r.store.Refit(r.ctx, whole, parts, r.check.settings.RepairM)
		if err != nil {
			return err
		}
		if refitted != nil && isPartition(whole, refitted) {
			return r.takeRepairs(community, some, refitted, misfits, codes)
		}
	}
	for _, m := range misfits {
		if err := r.fault(community, m, codes); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) takeRepairs(community string, some []drawn, refitted []orb.MultiPolygon, misfits []yizhan.Misfit, codes []string) error {
	for _, m := range misfits {
		r.check.summary.Repairs++
		f := faultOf(community, m, codes)
		f.Message = "repaired: " + f.Message
		f.Kind = "repaired"
		if _, err := r.check.faults.add(f); err != nil {
			return err
		}
	}
	for i := range some {
		if !sameArea(some[i].after.Boundary, refitted[i]) {
			after := *some[i].after
			after.Boundary = refitted[i]
			some[i].after, some[i].repaired = &after, true
		}
	}
	return nil
}

func (r *run) fault(community string, m yizhan.Misfit, codes []string) error {
	r.check.summary.Faults++
	_, err := r.check.faults.add(faultOf(community, m, codes))
	return err
}

func faultOf(community string, m yizhan.Misfit, codes []string) Fault {
	f := Fault{Community: community, Kind: string(m.Kind), AreaM2: m.AreaM2, Shape: shapeOf(m.Shape)}
	for _, i := range m.Parts {
		f.Codes = append(f.Codes, codes[i])
	}
	slices.Sort(f.Codes)
	isThin := m.AreaM2 > 0 && m.WidthM < sliverM
	switch m.Kind {
	case yizhan.Overlap:
		f.Message = fmt.Sprintf("overlap by %.1f m²", m.AreaM2)
	case yizhan.Gap:
		f.Message = fmt.Sprintf("leave a gap of %.1f m²", m.AreaM2)
	case yizhan.Outside:
		f.Message = fmt.Sprintf("reach %.1f m² beyond the community", m.AreaM2)
	case yizhan.NotShared:
		f.Message = "fit, but do not have the very same vertices along their border"
	}
	if isThin {
		f.Kind = "sliver"
		f.Message += fmt.Sprintf(", less than %g m wide", sliverM)
	}
	return f
}

// edge is a directed edge on the grid of 1e-7 degrees, from the lesser end to the greater.
type edge struct{ ax, ay, bx, by int64 }

// isPartition tells whether parts are a partition of the whole, with the very same vertices: whether the chains
// of their boundaries add up to that of the whole (see docs/decisions/0002-partition-by-boundary-chain.md).
func isPartition(whole orb.MultiPolygon, parts []orb.MultiPolygon) bool {
	sums := map[edge]int{}
	addChain(sums, whole, -1)
	for _, part := range parts {
		addChain(sums, part, 1)
	}
	return len(sums) == 0
}

func addChain(sums map[edge]int, area orb.MultiPolygon, sign int) {
	for _, polygon := range area {
		for i, ring := range polygon {
			turn := sign
			if (ring.Orientation() == orb.CCW) != (i == 0) {
				turn = -sign
			}
			for j := 1; j < len(ring); j++ {
				addEdge(sums, ring[j-1], ring[j], turn)
			}
		}
	}
}

func addEdge(sums map[edge]int, a, b orb.Point, sign int) {
	e := edge{onGrid(a[0]), onGrid(a[1]), onGrid(b[0]), onGrid(b[1])}
	if e.ax > e.bx || e.ax == e.bx && e.ay > e.by {
		e = edge{e.bx, e.by, e.ax, e.ay}
		sign = -sign
	}
	if e.ax == e.bx && e.ay == e.by {
		return
	}
	if sums[e] += sign; sums[e] == 0 {
		delete(sums, e)
	}
}

func onGrid(degrees float64) int64 {
	if degrees < 0 {
		return int64(degrees*1e7 - 0.5)
	}
	return int64(degrees*1e7 + 0.5)
}
