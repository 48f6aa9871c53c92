package yizhan

import (
	"slices"

	"github.com/paulmach/orb"
)

// Overlay is what a scenario makes of a city: the stations that are others, and where demand is scaled.
type Overlay struct {
	// Stations has each station that the scenario touches as it is then, nil for one that it closes. The
	// stations are the overlay's own; their Community is what locate said.
	Stations map[string]*Station
	Scales   []DemandScale // in the order of the edits; each applies to what those before it left
}

// DemandScale multiplies the households of a unit, and of all below it, by PerMille / 1,000.
type DemandScale struct {
	Unit     string
	PerMille int
}

// Over lays the scenario over the city, which must be the one at its Seq. An edit that does not fit it
// (a station that does not exist then or is not active, a place outside of every city, a unit that does
// not exist) is an error that names the edit. locate tells the community of a place, empty for none; it is
// asked for places that the scenario gives, and may be nil.
func (s *Scenario) Over(city *City, locate func(orb.Point) string) (Overlay, error) {
	if err := s.Validate(); err != nil {
		return Overlay{}, err
	}
	if city.Seq != s.Seq {
		return Overlay{}, Invalid("seq", "the scenario is over seq %d, the city is at %d", s.Seq, city.Seq)
	}
	if locate == nil {
		locate = func(orb.Point) string { return "" }
	}
	l := layer{city: city, locate: locate, overlay: Overlay{Stations: map[string]*Station{}}}
	for i := range s.Edits {
		if err := l.add(&s.Edits[i]); err != nil {
			return Overlay{}, InScenarioEdit(i, err)
		}
	}
	return l.overlay, nil
}

// layer is an overlay in the making.
type layer struct {
	city    *City
	locate  func(orb.Point) string
	extents []orb.Bound // of the cities; made when first asked for
	overlay Overlay
}

func (l *layer) add(e *ScenarioEdit) error {
	if e.Kind == ScaleDemand {
		if l.city.Units[e.Unit] == nil {
			return Invalid("unit", "%s does not exist at seq %d", e.Unit, l.city.Seq)
		}
		l.overlay.Scales = append(l.overlay.Scales, DemandScale{e.Unit, e.PerMille})
		return nil
	}
	if (e.Kind == AddStation || e.Kind == MoveStation) && !l.isInside(e.Location) {
		return Invalid("location", "[%g, %g] is outside of the city; the order is lng, lat", e.Location[0], e.Location[1])
	}
	if e.Kind == AddStation {
		l.overlay.Stations[e.Station] = &Station{Code: e.Station, Name: e.Name, Location: SnapPoint(e.Location), Capacity: e.Capacity,
			Hours: e.Hours, Status: StationActive, Community: l.locate(SnapPoint(e.Location)), Services: e.working()}
		return nil
	}
	station, err := l.station(e.Station)
	if err != nil {
		return err
	}
	l.overlay.Stations[e.Station] = l.changed(*station, e)
	return nil
}

// station is the station as the edits so far left it.
func (l *layer) station(code string) (*Station, error) {
	if touched := l.overlay.Stations[code]; touched != nil {
		return touched, nil
	}
	station := l.city.Stations[code]
	switch {
	case station == nil:
		return nil, Invalid("station", "%s does not exist at seq %d", code, l.city.Seq)
	case station.Status != StationActive:
		return nil, Invalid("station", "%s is %s at seq %d: only active stations count", code, station.Status, l.city.Seq)
	}
	return station, nil
}

func (l *layer) changed(station Station, e *ScenarioEdit) *Station {
	switch e.Kind {
	case CloseStation:
		return nil
	case MoveStation:
		station.Location, station.Approximate, station.Entrance, station.MicroGrid = SnapPoint(e.Location), false, nil, ""
		station.Community = l.locate(station.Location)
	case SetHours:
		station.Hours = e.Hours
	case SetServices:
		station.Services = e.working()
	case SetCapacity:
		station.Capacity = e.Capacity
	}
	return &station
}

// isInside tells whether a place is within the extent of a city, which is also the rule for real stations.
func (l *layer) isInside(p orb.Point) bool {
	if l.extents == nil {
		for _, unit := range Sorted(l.city.Units) {
			if unit.Level == LevelCity && unit.Boundary != nil {
				l.extents = append(l.extents, unit.Boundary.Bound())
			}
		}
	}
	return slices.ContainsFunc(l.extents, func(extent orb.Bound) bool { return extent.Contains(p) })
}
