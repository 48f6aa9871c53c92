package coverage

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/yizhan/yizhan/geo"
)

// EditKind is what an edit does.
type EditKind uint8

// The kinds of edit.
const (
	PutSite     EditKind = iota // Site, whether there is one with its code or not
	AddSite                     // Site, of a code that there is not
	MoveSite                    // Site.At, and Site.Unit if it is not empty
	CloseSite                   // the site is no more
	SetHours                    // Site.Open and Site.MaybeOpen
	SetServices                 // Site.Services, MaybeServices, Heated and MaybeHeated
	SetCapacity                 // Site.Capacity
	ScaleDemand                 // the households of Unit and all below it, by Factor
)

// Edit changes one thing. Those about a site name it by Site.Code, and use the fields that the kind says.
type Edit struct {
	Kind   EditKind
	Site   Site
	Unit   string
	Factor float64 // 0..MaxFactor, in steps of a millionth
}

// MaxFactor bounds by how much a demand can be scaled.
const MaxFactor = 100

// With is the next engine, after some edits in their order. The engine itself stays as it is: a scenario
// is an engine with edits, and without the last of them it is, bit for bit, what it was before. An
// InputError names the edit at fault, as in edits[3].code.
func (e *Engine) With(edits ...Edit) (*Engine, error) {
	b := editing{sites: slices.Clone(e.sites), demand: e.demand}
	for i := range edits {
		if err := b.apply(&edits[i]); err != nil {
			err.Field = "edits[" + strconv.Itoa(i) + "]." + err.Field
			return nil, err
		}
	}
	if len(b.sites) > MaxSites {
		return nil, invalid("sites", "are %d; %d are allowed", len(b.sites), MaxSites)
	}
	next := emptyEngine(b.finishDemand(), b.sites, e.cost)
	next.inherit(e, next.follow(e))
	return next, nil
}

type editing struct {
	sites  Sites
	demand *Demand
	scaled *numbers // what the demand becomes, nil while it stays
}

func (b *editing) apply(edit *Edit) *InputError {
	if edit.Kind == ScaleDemand {
		return b.scale(edit.Unit, edit.Factor)
	}
	at, found := b.sites.Find(edit.Site.Code)
	switch {
	case edit.Kind > ScaleDemand:
		return &InputError{"kind", fmt.Sprintf("%d is none", edit.Kind)}
	case found && edit.Kind == AddSite:
		return &InputError{"code", fmt.Sprintf("%q is there already", edit.Site.Code)}
	case !found && edit.Kind != AddSite && edit.Kind != PutSite:
		return &InputError{"code", fmt.Sprintf("%q is not there", edit.Site.Code)}
	case edit.Kind == CloseSite:
		b.sites = slices.Delete(b.sites, at, at+1)
		return nil
	}
	site := edit.Site
	if found {
		site = edit.on(b.sites[at])
	}
	if err := site.check(); err != nil {
		return err
	}
	if found {
		b.sites[at] = site
	} else {
		b.sites = slices.Insert(b.sites, at, site)
	}
	return nil
}

// on is what the edit makes of a site.
func (edit *Edit) on(site Site) Site {
	switch edit.Kind {
	case MoveSite:
		site.At = edit.Site.At
		if edit.Site.Unit != "" {
			site.Unit = edit.Site.Unit
		}
	case SetHours:
		site.Open, site.MaybeOpen = edit.Site.Open, edit.Site.MaybeOpen
	case SetServices:
		site.Services, site.MaybeServices = edit.Site.Services, edit.Site.MaybeServices
		site.Heated, site.MaybeHeated = edit.Site.Heated, edit.Site.MaybeHeated
	case SetCapacity:
		site.Capacity = edit.Site.Capacity
	default:
		return edit.Site
	}
	return site
}

func (b *editing) scale(unit string, factor float64) *InputError {
	if !(factor >= 0 && factor <= MaxFactor) {
		return &InputError{"factor", fmt.Sprintf("%g is not in 0..%d", factor, MaxFactor)}
	}
	from, to := b.demand.unitsWith(unit)
	if from == to {
		return &InputError{"unit", fmt.Sprintf("%q has no demand", unit)}
	}
	if b.scaled == nil {
		b.scaled = b.demand.changeNumbers()
	}
	for u := from; u < to; u++ {
		if !b.scaled.scaleUnit(u, int64(math.Round(factor*millionths))) {
			return &InputError{"factor", fmt.Sprintf("%g makes too many households in a cell", factor)}
		}
	}
	return nil
}

func (b *editing) finishDemand() *Demand {
	if b.scaled == nil {
		return b.demand
	}
	return b.scaled.finish()
}

// follow lists the sites that differ from those of another engine, and fills in the places.
func (e *Engine) follow(from *Engine) []siteChange {
	var changes []siteChange
	old, at := from.sites, 0
	for i := range e.sites {
		site := &e.sites[i]
		for ; at < len(old) && old[at].Code < site.Code; at++ {
			changes = append(changes, siteChange{before: &old[at]})
		}
		if at == len(old) || old[at].Code != site.Code {
			e.places[i] = geo.ToECEF(site.At)
			changes = append(changes, siteChange{after: site})
			continue
		}
		if e.places[i] = from.places[at]; old[at] != *site {
			e.places[i] = geo.ToECEF(site.At)
			changes = append(changes, siteChange{&old[at], site})
		}
		at++
	}
	for ; at < len(old); at++ {
		changes = append(changes, siteChange{before: &old[at]})
	}
	return changes
}
