package api

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/yizhan/yizhan"
)

// StationPack is the stations that serve riders, in columns, which compress to a third of what features do.
// The entry i of each column of Stations is about the same station, that of each column of Units about the
// same unit.
type StationPack struct {
	Format   int          `json:"format" enum:"1" doc:"The form of this document; one that a reader does not know it must not read"`
	Seq      int64        `json:"seq" doc:"The change of the log that the stations are up to: the since of a later request"`
	Since    int64        `json:"since" doc:"0 for all stations; else those that changed after this seq"`
	Sum      uint32       `json:"sum" doc:"FNV-1a, 32 bits, of code:version and a newline for each station of the city in the order of codes: what one must have after the changes"`
	City     PackCity     `json:"city"`
	Day      int          `json:"day" doc:"The day, counted from 1970-01-01 in China's time, that the dates of confirmation are before"`
	Offers   []string     `json:"offers" nullable:"false" doc:"Services, in the order of the characters of services"`
	Sponsors []string     `json:"sponsors" nullable:"false" doc:"What sponsor counts in"`
	Kinds    []string     `json:"kinds" nullable:"false" doc:"The kind of each of sponsors"`
	Hours    []string     `json:"hours" nullable:"false" doc:"OpenStreetMap opening_hours, China time; what hours counts in"`
	Units    PackUnits    `json:"units"`
	Stations PackStations `json:"stations"`
	Removed  []string     `json:"removed" nullable:"false" doc:"Codes of stations that are no longer in the pack, in order"`
}

// PackCity is the city that the stations are in.
type PackCity struct {
	Code   string `json:"code" example:"150700"`
	Name   string `json:"name" example:"呼伦贝尔市"`
	NameEn string `json:"name_en" example:"Hulunbuir"`
	Demo   bool   `json:"demo" doc:"Some of the data was generated for a demo: say so wherever it is shown"`
}

// PackUnits are columns: all banners and townships, and the communities of the stations, parents first.
type PackUnits struct {
	Code   []string `json:"code" nullable:"false" doc:"The code of a banner; / and what a township's code adds to that of the banner above; // and what a community's adds to that of the township above"`
	Name   []string `json:"name" nullable:"false"`
	NameEn []string `json:"name_en" nullable:"false" doc:"May be empty"`
	Seats  []int    `json:"seats" nullable:"false" doc:"Threes of a place among units, lng and lat of the seat in 1e-3 degrees, each less that of the seat before; banners and townships whose seat is known"`
}

// PackStations are columns in the order of codes.
type PackStations struct {
	Code      []string `json:"code" nullable:"false"`
	Version   []int64  `json:"version" nullable:"false"`
	Unit      []int    `json:"unit" nullable:"false" doc:"The community's place among units, less that of the station before"`
	Name      []string `json:"name" nullable:"false" doc:"= and the name, or ~ and what follows the community's name in it"`
	Address   []string `json:"address" nullable:"false" doc:"= and the address, or ~ and what follows the names of banner, township and community in it"`
	Sponsor   []int    `json:"sponsor" nullable:"false"`
	Capacity  []int    `json:"capacity" nullable:"false" doc:"Seats; 0 where they are not known"`
	Hours     []int    `json:"hours" nullable:"false"`
	Lng       []int    `json:"lng" nullable:"false" doc:"In 1e-5 degrees, WGS84, less that of the station before"`
	Lat       []int    `json:"lat" nullable:"false"`
	DoorLng   []int    `json:"door_lng" nullable:"false" doc:"Of the entrance, in 1e-5 degrees, less that of the station"`
	DoorLat   []int    `json:"door_lat" nullable:"false"`
	Flags     []int    `json:"flags" nullable:"false" doc:"The sum of 1: the entrance is known, 2: the place is a guess within the right community, 4: generated for the demo"`
	Services  []string `json:"services" nullable:"false" doc:"A character for each of offers: w working, l limited, b broken, u unknown, - not there; a capital where the date is not the station's"`
	Confirmed []int    `json:"confirmed" nullable:"false" doc:"Days before day when the station was last confirmed; -1 for never"`
	Dates     []int    `json:"dates" nullable:"false" doc:"Days before day for each capital of services, one after another; -1 for never"`
}

const (
	flagEntrance = 1 << iota
	flagApproximate
	flagSynthetic
)

const never = -1

var conditionMarks = map[yizhan.Condition]byte{
	yizhan.Working: 'w', yizhan.Limited: 'l', yizhan.Broken: 'b', yizhan.Uncertain: 'u',
}

// packing writes stations into columns.
type packing struct {
	city  *yizhan.City
	pack  *StationPack
	units map[string]int // places among the units of the pack
	hours map[string]int

	// What the next ones are told from.
	seat [3]int // its unit, lng, lat
	unit int
	last [2]int // lng, lat of the station
}

// packStations makes a pack of these stations, which are in the order of codes.
func packStations(city *yizhan.City, stations []*yizhan.Station, whole bool) *StationPack {
	p := packing{city: city, pack: emptyPack(), units: map[string]int{}, hours: map[string]int{}}
	p.pack.Day = newestDay(stations)
	for _, code := range p.unitsFor(stations, whole) {
		p.addUnit(city.Units[code])
	}
	for _, station := range stations {
		p.addStation(station)
	}
	return p.pack
}

// emptyPack has no nil: that would be null on the wire.
func emptyPack() *StationPack {
	pack := &StationPack{
		Format: 1, Hours: []string{}, Removed: []string{}, Offers: strs(yizhan.Services()), Sponsors: strs(yizhan.Sponsors()),
		Units: PackUnits{Code: []string{}, Name: []string{}, NameEn: []string{}, Seats: []int{}},
		Stations: PackStations{Code: []string{}, Version: []int64{}, Unit: []int{}, Name: []string{}, Address: []string{}, Sponsor: []int{},
			Capacity: []int{}, Hours: []int{}, Lng: []int{}, Lat: []int{}, DoorLng: []int{}, DoorLat: []int{}, Flags: []int{},
			Services: []string{}, Confirmed: []int{}, Dates: []int{}},
	}
	for _, sponsor := range yizhan.Sponsors() {
		pack.Kinds = append(pack.Kinds, string(sponsor.Kind()))
	}
	return pack
}

// unitsFor are the codes of the units that these stations need, in order, and so parents first. The whole
// pack has every place that a rider may pick, too.
func (p *packing) unitsFor(stations []*yizhan.Station, whole bool) []string {
	wanted := map[string]bool{}
	for _, station := range stations {
		for unit := p.city.Units[station.Community]; unit != nil && unit.Level != yizhan.LevelCity; unit = p.city.Units[unit.Parent] {
			wanted[unit.Code] = true
		}
	}
	for code, unit := range p.city.Units {
		if whole && (unit.Level == yizhan.LevelBanner || unit.Level == yizhan.LevelTownship) {
			wanted[code] = true
		}
	}
	return sortedKeys(wanted)
}

func (p *packing) addUnit(unit *yizhan.Unit) {
	u, place := &p.pack.Units, len(p.pack.Units.Code)
	p.units[unit.Code] = place
	u.Code, u.Name, u.NameEn = append(u.Code, shortCode(unit)), append(u.Name, unit.Name), append(u.NameEn, unit.NameEn)
	if unit.Seat == nil || unit.Level == yizhan.LevelCommunity {
		return
	}
	seat := [3]int{place, grid(unit.Seat[0], 1e3), grid(unit.Seat[1], 1e3)}
	for i := range seat {
		u.Seats = append(u.Seats, seat[i]-p.seat[i])
	}
	p.seat = seat
}

func shortCode(unit *yizhan.Unit) string {
	switch unit.Level {
	case yizhan.LevelTownship:
		return "/" + strings.TrimPrefix(unit.Code, unit.Parent)
	case yizhan.LevelCommunity:
		return "//" + strings.TrimPrefix(unit.Code, unit.Parent)
	}
	return unit.Code
}

func (p *packing) addStation(station *yizhan.Station) {
	s := &p.pack.Stations
	s.Code, s.Version = append(s.Code, station.Code), append(s.Version, station.Version)
	unit := p.units[station.Community] // the database has no station without a community
	s.Unit, p.unit = append(s.Unit, unit-p.unit), unit
	community, full := p.namesOf(station.Community)
	s.Name = append(s.Name, after(community, station.Name))
	s.Address = append(s.Address, after(full, station.Address))
	s.Sponsor = append(s.Sponsor, slices.Index(yizhan.Sponsors(), station.Sponsor))
	s.Capacity = append(s.Capacity, station.Capacity)
	s.Hours = append(s.Hours, p.hoursOf(station))
	p.addPlace(station)
	p.addServices(station)
}

// namesOf is the name of a community, and that with all above it but the city.
func (p *packing) namesOf(community string) (own, full string) {
	for unit := p.city.Units[community]; unit != nil && unit.Level != yizhan.LevelCity; unit = p.city.Units[unit.Parent] {
		if own == "" {
			own = unit.Name
		}
		full = unit.Name + full
	}
	return own, full
}

// after is a text as the columns name and address have it.
func after(start, text string) string {
	if rest, ok := strings.CutPrefix(text, start); ok && start != "" {
		return "~" + rest
	}
	return "=" + text
}

func (p *packing) hoursOf(station *yizhan.Station) int {
	text := station.Hours.String()
	place, known := p.hours[text]
	if !known {
		place = len(p.pack.Hours)
		p.hours[text] = place
		p.pack.Hours = append(p.pack.Hours, text)
	}
	return place
}

func (p *packing) addPlace(station *yizhan.Station) {
	s, flags := &p.pack.Stations, 0
	lng, lat := grid(station.Location[0], 1e5), grid(station.Location[1], 1e5)
	s.Lng, s.Lat = append(s.Lng, lng-p.last[0]), append(s.Lat, lat-p.last[1])
	p.last = [2]int{lng, lat}
	var door [2]int
	if station.Entrance != nil {
		flags |= flagEntrance
		door = [2]int{grid(station.Entrance[0], 1e5) - lng, grid(station.Entrance[1], 1e5) - lat}
	}
	s.DoorLng, s.DoorLat = append(s.DoorLng, door[0]), append(s.DoorLat, door[1])
	if station.Approximate {
		flags |= flagApproximate
	}
	if station.Synthetic {
		flags |= flagSynthetic
	}
	s.Flags = append(s.Flags, flags)
}

func (p *packing) addServices(station *yizhan.Station) {
	s := &p.pack.Stations
	marks := []byte(strings.Repeat("-", len(p.pack.Offers)))
	confirmed := p.daysBefore(station.ConfirmedAt)
	for _, have := range station.Services {
		place := slices.Index(yizhan.Services(), have.Service)
		if place < 0 {
			continue // the database refuses others
		}
		marks[place] = conditionMarks[have.Condition]
	}
	for place, name := range yizhan.Services() { // dates follow the order of the marks
		for _, have := range station.Services {
			if days := p.daysBefore(have.ConfirmedAt); have.Service == name && days != confirmed {
				marks[place] -= 'a' - 'A'
				s.Dates = append(s.Dates, days)
			}
		}
	}
	s.Services, s.Confirmed = append(s.Services, string(marks)), append(s.Confirmed, confirmed)
}

func (p *packing) daysBefore(at time.Time) int {
	if at.IsZero() {
		return never
	}
	return p.pack.Day - chinaDay(at)
}

// newestDay is the last day on which anything of these was confirmed.
func newestDay(stations []*yizhan.Station) (newest int) {
	for _, station := range stations {
		newest = max(newest, chinaDay(station.ConfirmedAt))
		for _, have := range station.Services {
			newest = max(newest, chinaDay(have.ConfirmedAt))
		}
	}
	return newest
}

// chinaDay counts days from 1970-01-01 in China's time; before it is before all days that matter.
func chinaDay(at time.Time) int {
	_, offset := at.In(yizhan.China).Zone()
	return int((at.Unix() + int64(offset)) / (24 * 60 * 60))
}

func grid(degrees, steps float64) int { return int(math.Round(degrees * steps)) }
