package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/partition"
)

// GridVersion names a micro-grid at the version that somebody looked at.
type GridVersion struct {
	Code    string `json:"code" pattern:"^[0-9]{15}$" patternDescription:"15 digits"`
	Version int64  `json:"version" minimum:"1"`
}

// CutBody cuts a micro-grid.
type CutBody struct {
	MicroGrid  GridVersion  `json:"micro_grid"`
	Line       [][2]float64 `json:"line" nullable:"false" minItems:"2" maxItems:"1000" doc:"lng, lat; it enters the micro-grid once and leaves it once. On the outline of the community it goes to the nearest vertex"`
	Households *int         `json:"households,omitempty" minimum:"0" maximum:"10000" doc:"Of the new micro-grid; without, as its share of the area"`
	Name       string       `json:"name,omitempty" maxLength:"120" doc:"Of the new micro-grid, which is the smaller side"`
	Reason     string       `json:"reason,omitempty" maxLength:"2000"`
}

// MergeBody merges micro-grids.
type MergeBody struct {
	MicroGrids []GridVersion `json:"micro_grids" nullable:"false" minItems:"2" maxItems:"100" doc:"The first keeps its code and name"`
	Reason     string        `json:"reason,omitempty" maxLength:"2000"`
}

// DivideBody divides micro-grids evenly.
type DivideBody struct {
	Households int           `json:"households" minimum:"1" maximum:"10000" doc:"That a micro-grid should have, about; 29 is what one leader is meant to answer for"`
	MicroGrids []GridVersion `json:"micro_grids,omitempty" nullable:"false" maxItems:"300" doc:"To divide; without, every one of the community that has at least half as many again"`
	Reason     string        `json:"reason,omitempty" maxLength:"2000"`
}

// RedrawnReport tells what an operation drew.
type RedrawnReport struct {
	AppliedReport
	MicroGrids []json.RawMessage `json:"micro_grids" nullable:"false" doc:"Those that are new or have another boundary, as GeoJSON features"`
	Deleted    []string          `json:"deleted" nullable:"false"`
}

type shapesInput struct {
	OfCommunity
	DryRun bool `query:"dry_run" doc:"Only try, and show what would be" default:"false"`
}

func (s *Server) routeCommunityShapes() {
	op := func(id, summary, description string) huma.Operation {
		o := inCommunity(http.MethodPost, id+"-micro-grids", "/"+id, summary, description+" Neighbours get the new vertices too; stations, scenes and leaders follow the ground.", http.StatusConflict)
		o.DefaultStatus = http.StatusCreated
		o.Responses = map[string]*huma.Response{"201": {Description: "What was drawn"}, "200": {Description: "What a dry run found",
			Content: map[string]*huma.MediaType{mediaJSON: {Schema: s.schema(redrawnType)}}}}
		return o
	}
	operationWithBody[shapesInput, CutBody, RedrawnReport](s, op("cut", "Cut a micro-grid by a line", "The larger side keeps the code."), s.cutGrid)
	operationWithBody[shapesInput, MergeBody, RedrawnReport](s, op("merge", "Make micro-grids one", "Each must share a border with what they make together."), s.mergeGrids)
	operationWithBody[shapesInput, DivideBody, RedrawnReport](s, op("divide", "Divide micro-grids by a target of households",
		"Each into compact parts of about one area; households go by area."), s.divideGrids)
}

// drawing is a community that an operation draws anew.
type drawing struct {
	code    string
	grids   map[string]*yizhan.MicroGrid
	parts   *partition.Map
	serial  int
	made    map[string]*yizhan.MicroGrid // new ones, whose boundaries follow
	touched map[string]bool              // to be written even if the boundary stays
}

func (s *Server) draw(ctx context.Context, community string) (*drawing, error) {
	planning, err := s.planning(community)
	if err != nil {
		return nil, err
	}
	if err := s.mayDraw(ctx, community); err != nil {
		return nil, err
	}
	grids, _, err := planning.CommunityAt(ctx, community, 0)
	if err != nil {
		return nil, err
	}
	d := &drawing{grids: map[string]*yizhan.MicroGrid{}, made: map[string]*yizhan.MicroGrid{}, touched: map[string]bool{}, code: community}
	for _, g := range grids {
		d.grids[g.Code] = g
	}
	if d.parts, err = partition.New(partsOf(grids)); err != nil {
		return nil, shapeProblem(err)
	}
	d.serial, err = planning.LastGridSerial(ctx, community)
	return d, err
}

// mayDraw refuses early who would be refused late.
func (s *Server) mayDraw(ctx context.Context, community string) error {
	if !askerOf(ctx).May(yizhan.ActEditGrids, community) {
		return newProblem("forbidden", "your account may not draw micro-grids there")
	}
	return nil
}

// shapeProblem says why an operation cannot be done, with the place.
func shapeProblem(err error) error {
	var why *partition.Error
	if !errors.As(err, &why) {
		return err
	}
	refused := yizhan.Invalid("", "%s", why.Message)
	if why.Where != nil {
		refused.Places = []yizhan.Place{{Kind: "line", Shape: why.Where}}
	}
	return refused
}

// at finds a micro-grid that somebody looked at.
func (d *drawing) at(v GridVersion) (*yizhan.MicroGrid, error) {
	ref := yizhan.Ref{Collection: yizhan.MicroGrids, Code: v.Code}
	g := d.grids[v.Code]
	if g == nil {
		return nil, notFound("the community has no micro-grid %s", v.Code)
	}
	if g.Version != v.Version {
		err := yizhan.Errorf(yizhan.CodeConflict, "version", "%s is at version %d, you have looked at version %d", ref, g.Version, v.Version)
		err.Conflicts = []yizhan.Conflict{{Ref: ref, Base: v.Version, Now: g}}
		return nil, inBody(err)
	}
	return g, nil
}

// another makes a micro-grid beside one, under the next code.
func (d *drawing) another(beside *yizhan.MicroGrid, name string) (*yizhan.MicroGrid, error) {
	if d.serial++; d.serial > 999 {
		return nil, newProblem("conflict", "the community has no code left for another micro-grid")
	}
	g := *beside
	g.Code, g.Version, g.Name = fmt.Sprintf("%s%03d", d.code, d.serial), 0, name
	if name == "" {
		g.Name = fmt.Sprintf("%d号微网格", d.serial)
	}
	d.made[g.Code] = &g
	return &g, nil
}

// edits are what turns the community into what was drawn.
func (d *drawing) edits() (edits []yizhan.Edit) {
	left := map[string]bool{}
	for _, part := range d.parts.Parts() {
		left[part.Code] = true
		if fresh := d.made[part.Code]; fresh != nil {
			fresh.Boundary = part.Shape
			edits = append(edits, yizhan.CreateOf(fresh))
			continue
		}
		if g := d.grids[part.Code]; d.touched[g.Code] || !g.Boundary.Equal(part.Shape) {
			changed := *g
			changed.Boundary = part.Shape
			edits = append(edits, yizhan.UpdateOf(&changed))
		}
	}
	for _, code := range sortedKeys(d.grids) {
		if !left[code] {
			edits = append(edits, yizhan.Edit{Op: yizhan.Delete, Ref: d.grids[code].Ref(), BaseVersion: d.grids[code].Version})
		}
	}
	return edits
}

func (s *Server) cutGrid(ctx context.Context, in *shapesInput, body *CutBody) (*reply, error) {
	d, err := s.draw(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	g, err := d.at(body.MicroGrid)
	if err != nil {
		return nil, err
	}
	fresh, err := d.another(g, body.Name)
	if err != nil {
		return nil, err
	}
	if body.Households != nil && *body.Households > g.Households {
		return nil, invalidParameter("body.households", fmt.Sprintf("is more than the %d of the micro-grid", g.Households))
	}
	line := make(orb.LineString, len(body.Line))
	for i, p := range body.Line {
		line[i] = orb.Point(p)
	}
	if err := d.parts.Cut(g.Code, fresh.Code, line); err != nil {
		return nil, shapeProblem(err)
	}
	d.share(g, []*yizhan.MicroGrid{fresh}, body.Households)
	return s.redraw(ctx, in, d, reasonOr(body.Reason, "cut "+g.Code))
}

// share gives households of one micro-grid to those that were cut off it, by area unless told.
func (d *drawing) share(g *yizhan.MicroGrid, made []*yizhan.MicroGrid, told *int) {
	all, areas := g.Households, map[string]float64{}
	whole := 0.0
	for _, part := range d.parts.Parts() {
		if part.Code == g.Code || slices.ContainsFunc(made, func(m *yizhan.MicroGrid) bool { return m.Code == part.Code }) {
			areas[part.Code] = partition.Area(part.Shape)
			whole += areas[part.Code]
		}
	}
	given, sum := 0, 0.0
	for _, m := range made {
		sum += areas[m.Code]
		m.Households = int(math.Round(float64(all)*sum/whole)) - given
		if told != nil {
			m.Households = *told
		}
		given += m.Households
	}
	g.Households = all - given
	d.touched[g.Code] = true
}

func (s *Server) mergeGrids(ctx context.Context, in *shapesInput, body *MergeBody) (*reply, error) {
	d, err := s.draw(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	var kept *yizhan.MicroGrid
	var others []string
	for _, v := range body.MicroGrids {
		g, err := d.at(v)
		if err != nil {
			return nil, err
		}
		if kept == nil {
			kept = g
			continue
		}
		others = append(others, g.Code)
	}
	if err := d.parts.Merge(kept.Code, others...); err != nil {
		return nil, shapeProblem(err)
	}
	for _, code := range others {
		kept.Households += d.grids[code].Households
	}
	if kept.Households > yizhan.MaxHouseholds {
		return nil, invalidParameter("body.micro_grids", fmt.Sprintf("have %d households together; a micro-grid has at most %d", kept.Households, yizhan.MaxHouseholds))
	}
	d.touched[kept.Code] = true
	return s.redraw(ctx, in, d, reasonOr(body.Reason, "merge into "+kept.Code))
}

func (s *Server) divideGrids(ctx context.Context, in *shapesInput, body *DivideBody) (*reply, error) {
	d, err := s.draw(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	chosen, err := d.chosen(body)
	if err != nil {
		return nil, err
	}
	for _, g := range chosen {
		count := int(math.Round(float64(g.Households) / float64(body.Households)))
		var made []*yizhan.MicroGrid
		var codes []string
		for range count - 1 {
			fresh, err := d.another(g, "")
			if err != nil {
				return nil, err
			}
			made, codes = append(made, fresh), append(codes, fresh.Code)
		}
		if len(codes) == 0 {
			continue
		}
		if err := d.parts.Divide(g.Code, codes); err != nil {
			return nil, shapeProblem(err)
		}
		d.share(g, made, nil)
	}
	if len(d.made) == 0 {
		return nil, newProblem("conflict", "no micro-grid has so many households that it would be divided")
	}
	return s.redraw(ctx, in, d, reasonOr(body.Reason, fmt.Sprintf("divide by %d households", body.Households)))
}

// chosen are the micro-grids to divide, in the order of their codes.
func (d *drawing) chosen(body *DivideBody) (list []*yizhan.MicroGrid, err error) {
	if len(body.MicroGrids) > 0 {
		for _, v := range body.MicroGrids {
			g, err := d.at(v)
			if err != nil {
				return nil, err
			}
			if slices.Contains(list, g) {
				return nil, invalidParameter("body.micro_grids", "names a micro-grid twice")
			}
			list = append(list, g)
		}
		return list, nil
	}
	for _, code := range sortedKeys(d.grids) {
		if g := d.grids[code]; 2*g.Households >= 3*body.Households {
			list = append(list, g)
		}
	}
	return list, nil
}

func reasonOr(reason, otherwise string) string {
	if reason == "" {
		return otherwise
	}
	return reason
}

// redraw writes what was drawn, or tries to.
func (s *Server) redraw(ctx context.Context, in *shapesInput, d *drawing, reason string) (*reply, error) {
	changeset := yizhan.Changeset{Reason: reason, Edits: d.edits()}
	apply, status := s.options.Store.ApplyAs, http.StatusCreated
	if in.DryRun {
		apply, status = s.options.Store.DryRunAs, http.StatusOK
	}
	applied, err := apply(ctx, askerOf(ctx), changeset)
	if err != nil {
		return nil, err
	}
	report := RedrawnReport{AppliedReport: AppliedReport{Changes: applied.LastSeq - applied.FirstSeq + 1, DryRun: in.DryRun}, MicroGrids: []json.RawMessage{}, Deleted: []string{}}
	if !in.DryRun {
		report.ID, report.FirstSeq, report.LastSeq = &applied.ChangesetID, &applied.FirstSeq, &applied.LastSeq
	}
	for _, e := range changeset.Edits {
		if e.Op == yizhan.Delete {
			report.Deleted = append(report.Deleted, e.Ref.Code)
			continue
		}
		g := *e.Feature.(*yizhan.MicroGrid)
		g.Status, g.Version = yizhan.GridDraft, e.BaseVersion+1
		feature, err := featureJSON(&g)
		if err != nil {
			return nil, err
		}
		report.MicroGrids = append(report.MicroGrids, feature)
	}
	answer, err := privateReply(report)
	if err != nil {
		return nil, err
	}
	answer.status = status
	return answer, nil
}
