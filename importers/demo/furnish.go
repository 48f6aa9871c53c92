package demo

import (
	"fmt"
	"time"

	"github.com/yizhan/yizhan"
)

// reference is the day as of which the demo is told: never the clock.
var reference = time.Date(2026, time.November, 1, 0, 0, 0, 0, yizhan.China)

// seats are how many people a station of each sponsor seats.
var seats = map[yizhan.Sponsor][2]int{
	yizhan.SponsorUnion:         {10, 30},
	yizhan.SponsorPartyCentre:   {8, 24},
	yizhan.SponsorBank:          {4, 8},
	yizhan.SponsorUtility:       {4, 8},
	yizhan.SponsorPost:          {4, 10},
	yizhan.SponsorRetail:        {4, 12},
	yizhan.SponsorFuel:          {4, 8},
	yizhan.SponsorPublicService: {6, 12},
}

// furnish gives a station its seats, and when it and its services were last confirmed and in what state.
func (p *post) furnish() {
	s := p.station
	s.Kind = s.Sponsor.Kind()
	span := seats[s.Sponsor]
	if s.Capacity = span[0] + p.dice.pick("seats", span[1]-span[0]+1); p.always {
		s.Capacity = 6 + p.dice.pick("seats", 7)
	}
	s.ConfirmedAt = p.moment("confirmed", 75)
	for i := range s.Services {
		have := &s.Services[i]
		have.ConfirmedAt = s.ConfirmedAt
		key := string(have.Service) + "-state"
		switch u := p.dice.uniform(key); {
		case u < 0.012:
			have.Condition = yizhan.Broken
			have.ConfirmedAt = p.moment(key, 20)
		case u < 0.045:
			have.Condition = yizhan.Limited
			have.ConfirmedAt = p.moment(key, 40)
		case u < 0.055:
			have.Condition = yizhan.Uncertain
			have.ConfirmedAt = time.Time{}
		case u < 0.2:
			have.ConfirmedAt = p.moment(key, 150)
		}
	}
}

// moment is a time of work in the given days before the reference date, to the minute.
func (p *post) moment(key string, days int) time.Time {
	day := 1 + p.dice.pick(key+"-day", days)
	minute := 9*60 + p.dice.pick(key+"-minute", 8*60)
	return reference.AddDate(0, 0, -day).Add(time.Duration(minute) * time.Minute).UTC()
}

// giveNames names each station after its community and who keeps it. No brand is invented. A second one of the same
// name gets a number.
func giveNames(posts []*post) {
	taken := map[string]int{}
	for _, p := range posts {
		if p.known != nil {
			p.station.Name = p.known.name
			continue
		}
		before, after := p.label()
		key := p.community.code + before + after
		taken[key]++
		number := ""
		if taken[key] > 1 {
			number = fmt.Sprintf("%d号", taken[key])
		}
		p.station.Name = p.community.name + before + number + after
	}
}

// label is what follows the community in a station's name, in two parts between which a number may stand.
func (p *post) label() (before, after string) {
	one := func(words ...string) string { return words[p.dice.pick("label", len(words))] }
	switch p.station.Sponsor {
	case yizhan.SponsorUnion:
		if p.always {
			return "24小时", "工会驿站"
		}
		return "工会", "驿站"
	case yizhan.SponsorPartyCentre:
		return one("党群", "先锋", "暖心"), "驿站"
	case yizhan.SponsorBank:
		return "银行网点", "爱心驿站"
	case yizhan.SponsorUtility:
		return one("供电营业厅", "通信营业厅"), "爱心驿站"
	case yizhan.SponsorPost:
		return one("邮政网点", "快递网点"), "骑手驿站"
	case yizhan.SponsorRetail:
		return one("超市", "餐馆", "便利店"), "骑手驿站"
	case yizhan.SponsorFuel:
		return "加油站", "爱心驿站"
	default:
		return one("医院", "药店", "政务大厅"), "便民驿站"
	}
}
