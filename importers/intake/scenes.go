package intake

import (
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// scene makes a friendly scene of a record, and gives the one that it is about; nil for a new one.
func (r *reader) scene(rec *importers.Record) (after, before *yizhan.FriendlyScene) {
	code := r.value(rec.Values, "code")
	if code == "" {
		r.refuse(importers.Missing, "code", "", "a scene needs its code")
		return nil, nil
	}
	s := yizhan.FriendlyScene{Code: code}
	if before = r.places.city.Scenes[code]; before != nil {
		s = *before
	}
	r.text(rec.Values, "name", &s.Name)
	if text := r.value(rec.Values, "kind"); text != "" {
		s.Kind = word(text, sceneKindNames)
	}
	if text := r.value(rec.Values, "micro_grids"); text != "" {
		s.MicroGrids = codesIn(text)
	}
	if text := r.value(rec.Values, "stations"); clears(text) {
		s.Stations = nil
	} else if text != "" {
		s.Stations = codesIn(text)
	}
	s.Boundary = nil
	for _, grid := range s.MicroGrids {
		if r.places.city.MicroGrids[grid] == nil {
			r.refuse(importers.UnknownCode, "micro_grids", grid, "there is no such micro-grid")
		}
	}
	for _, station := range s.Stations {
		if r.places.city.Stations[station] == nil {
			r.refuse(importers.UnknownCode, "stations", station, "there is no such station")
		}
	}
	if err := s.Validate(); err != nil {
		r.invalid(err)
	}
	if r.refused() {
		return nil, nil
	}
	return &s, before
}

// codesIn reads codes in one cell, or in a JSON list.
func codesIn(text string) []string {
	codes := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(`;,|[]" ；，、`+"\n\t", r) })
	slices.Sort(codes)
	return slices.Compact(codes)
}

func changedScene(a, b *yizhan.FriendlyScene) []string {
	var changed []string
	if a.Name != b.Name {
		changed = append(changed, "name")
	}
	if a.Kind != b.Kind {
		changed = append(changed, "kind")
	}
	if !slices.Equal(a.MicroGrids, b.MicroGrids) {
		changed = append(changed, "micro_grids")
	}
	if !slices.Equal(a.Stations, b.Stations) {
		changed = append(changed, "stations")
	}
	return changed
}
