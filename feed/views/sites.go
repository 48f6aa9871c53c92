package views

import (
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// placeOf is from where the reach of a station is measured: the door, where it is known.
func placeOf(s *yizhan.Station) orb.Point {
	if s.Entrance != nil {
		return *s.Entrance
	}
	return s.Location
}

// siteOf is a station as far as coverage depends on it, in the week that begins on a Monday; the zero time
// is the usual week. What works or is limited is there for sure, what nobody knows may be, what is
// broken is not. Where the hours are not known it may be open at any time.
func siteOf(s *yizhan.Station, monday time.Time) coverage.Site {
	site := coverage.Site{Code: s.Code, At: placeOf(s), Unit: s.Community, Capacity: s.Capacity, MaybeOpen: coverage.FullWeek()}
	for _, have := range s.Services {
		bit := uint32(serviceBits[have.Service])
		warm := have.Service == yizhan.Heating
		switch have.Condition {
		case yizhan.Working, yizhan.Limited:
			site.Services |= bit
			site.MaybeServices |= bit
			site.Heated = site.Heated || warm
		case yizhan.Broken:
		default:
			site.MaybeServices |= bit
			site.MaybeHeated = site.MaybeHeated || warm
		}
	}
	if s.Hours.Known() {
		site.Open = coverage.Week(s.Hours.Week(monday))
		site.MaybeOpen = site.Open
	}
	return site
}

// sitesOf makes the sites of stations, which are in the order of codes. Those of a station that was among
// some others are taken over from their sites.
func sitesOf(stations []*yizhan.Station, monday time.Time, others []*yizhan.Station, theirs coverage.Sites) coverage.Sites {
	sites := make(coverage.Sites, len(stations))
	for i, station := range stations {
		for len(others) > 0 && others[0].Code < station.Code {
			others, theirs = others[1:], theirs[1:]
		}
		if len(others) > 0 && others[0] == station {
			sites[i] = theirs[0]
		} else {
			sites[i] = siteOf(station, monday)
		}
	}
	return sites
}

// editsBetween makes one list of sites into another.
func editsBetween(old, new coverage.Sites) []coverage.Edit {
	var edits []coverage.Edit
	for len(old) > 0 || len(new) > 0 {
		switch {
		case len(new) == 0 || len(old) > 0 && old[0].Code < new[0].Code:
			edits = append(edits, coverage.Edit{Kind: coverage.CloseSite, Site: old[0]})
			old = old[1:]
		case len(old) == 0 || new[0].Code < old[0].Code:
			edits = append(edits, coverage.Edit{Kind: coverage.PutSite, Site: new[0]})
			new = new[1:]
		default:
			if old[0] != new[0] {
				edits = append(edits, coverage.Edit{Kind: coverage.PutSite, Site: new[0]})
			}
			old, new = old[1:], new[1:]
		}
	}
	return edits
}

// activeOf lists the active stations of a city, by code.
func activeOf(stations map[string]*yizhan.Station) []*yizhan.Station {
	return slices.DeleteFunc(yizhan.Sorted(stations), func(s *yizhan.Station) bool { return s.Status != yizhan.StationActive })
}

// findStation finds an active station by its code.
func findStation(stations []*yizhan.Station, code string) *yizhan.Station {
	at, found := slices.BinarySearchFunc(stations, code, func(s *yizhan.Station, code string) int { return strings.Compare(s.Code, code) })
	if !found {
		return nil
	}
	return stations[at]
}
