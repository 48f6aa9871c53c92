package api

import (
	"maps"
	"slices"
	"sync"

	"github.com/yizhan/yizhan"
)

// packHistory tells which stations changed after a seq, by comparing the cities that it is shown. It begins
// with the first of them, and anew when it has grown too long or places were renamed. What lies between two
// cities counts as changed at the later one: too much may be sent, never too little.
type packHistory struct {
	mu       sync.Mutex
	city     *yizhan.City
	seq      int64             // of the city that last changed the pack
	start    int64             // what changed up to this seq is not known
	stations []*yizhan.Station // in the pack, in the order of codes
	changed  map[string]int64  // by code, also of stations that are gone: the seq of the last change
}

const maxPackHistory = 50_000

// reach goes on to a city and tells whether the pack is another one for it. A city before the latest one
// changes nothing: somebody was slow.
func (h *packHistory) reach(city *yizhan.City) bool {
	if h.city == city || (h.city != nil && city.Seq < h.city.Seq) {
		return false
	}
	before := h.city
	h.city = city
	if before == nil || !samePlaces(before, city) || len(h.changed) > maxPackHistory {
		h.restart()
		return true
	}
	changed := false
	for code, station := range city.Stations {
		if old := before.Stations[code]; old != station && (inPack(old) || inPack(station)) {
			h.changed[code], changed = city.Seq, true
		}
	}
	for code, old := range before.Stations {
		if city.Stations[code] == nil && inPack(old) {
			h.changed[code], changed = city.Seq, true
		}
	}
	if changed {
		h.seq, h.stations = city.Seq, stationsOf(city)
	}
	return changed
}

func (h *packHistory) restart() {
	h.seq, h.start, h.stations, h.changed = h.city.Seq, h.city.Seq, stationsOf(h.city), map[string]int64{}
}

// after gives the stations that changed after a seq and the codes of those that are gone, both in order.
func (h *packHistory) after(seq int64) (changed []*yizhan.Station, removed []string, known bool) {
	if seq < h.start || seq > h.city.Seq {
		return nil, nil, false
	}
	for _, code := range slices.Sorted(maps.Keys(h.changed)) {
		if h.changed[code] <= seq {
			continue
		}
		if station := h.city.Stations[code]; inPack(station) {
			changed = append(changed, station)
		} else {
			removed = append(removed, code)
		}
	}
	return changed, removed, true
}

// inPack tells whether a station serves riders.
func inPack(station *yizhan.Station) bool {
	return station != nil && station.Status == yizhan.StationActive
}

func stationsOf(city *yizhan.City) []*yizhan.Station {
	return slices.DeleteFunc(yizhan.Sorted(city.Stations), func(station *yizhan.Station) bool { return !inPack(station) })
}

// samePlaces tells whether the units are the same as far as the pack shows them.
func samePlaces(before, after *yizhan.City) bool {
	if len(before.Units) != len(after.Units) {
		return false
	}
	for code, unit := range after.Units {
		old := before.Units[code]
		if old == unit {
			continue
		}
		if old == nil || old.Name != unit.Name || old.NameEn != unit.NameEn || old.Parent != unit.Parent || !sameSeat(old, unit) {
			return false
		}
	}
	return true
}

func sameSeat(a, b *yizhan.Unit) bool {
	if a.Seat == nil || b.Seat == nil {
		return a.Seat == b.Seat
	}
	return *a.Seat == *b.Seat
}
