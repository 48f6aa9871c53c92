package store

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/partition"
)

// checkShapes holds what a person draws against the rules that concern one micro-grid at a time: it is in one
// part, large enough, and nowhere too narrow. What an importer brings is the registry's, and stays as it is.
func (a *attempt) checkShapes(ctx context.Context) error {
	if a.by.System {
		return nil
	}
	g := a.plan.groups[yizhan.MicroGrids]
	for _, edits := range [][]*edit{g.creates, g.updates} {
		for _, e := range edits {
			if err := a.checkShape(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *attempt) checkShape(ctx context.Context, e *edit) error {
	after := e.feature.(*yizhan.MicroGrid)
	before, existed := a.before[e.ref].(*yizhan.MicroGrid)
	if existed && partition.SameEdges(before.Boundary, after.Boundary) {
		return nil
	}
	if _, err := partition.New([]partition.Part{{Code: e.ref.Code, Shape: after.Boundary}}); err != nil {
		return nil // it crosses itself: the database will say where
	}
	if square := partition.Area(after.Boundary); square < yizhan.MinGridArea {
		return brokenRule(e, "small", after.Boundary, fmt.Sprintf("has %.0f square metres; a micro-grid has at least %.0f", square, yizhan.MinGridArea))
	}
	if n := len(after.Boundary); n > 1 && (!existed || n > len(before.Boundary)) {
		parts, err := a.partsOf(ctx, after.Community)
		if err != nil {
			return err
		}
		if parts < 2 { // a community that lies in pieces may have a micro-grid that does
			return brokenRule(e, "multipart", after.Boundary, fmt.Sprintf("is in %d parts; a micro-grid is in one", n))
		}
	}
	where, narrow := partition.Narrow(after.Boundary, yizhan.MinGridWidth)
	if !narrow {
		return nil
	}
	if existed { // it need not become better than it was
		if _, was := partition.Narrow(before.Boundary, yizhan.MinGridWidth); was {
			return nil
		}
	}
	return brokenRule(e, "narrow", where, fmt.Sprintf("is narrower than %g metres from [%g, %g] to [%g, %g]", yizhan.MinGridWidth, where[0][0], where[0][1], where[1][0], where[1][1]))
}

func brokenRule(e *edit, kind string, where orb.Geometry, message string) error {
	err := yizhan.Invalid("boundary", "%s %s", e.ref, message)
	err.Places = []yizhan.Place{{Kind: kind, MicroGrids: []string{e.ref.Code}, Shape: where}}
	return err
}

// partsOf is in how many parts a community lies.
func (a *attempt) partsOf(ctx context.Context, community string) (parts int, err error) {
	err = a.tx.QueryRow(ctx, `SELECT coalesce(max(ST_NumGeometries(boundary)), 0) FROM units WHERE code = $1`, community).Scan(&parts)
	return parts, err
}
