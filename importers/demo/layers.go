package demo

import (
	"strconv"
	"time"

	"github.com/yizhan/yizhan"
)

// Indicator is an indicator with its figures, the oldest date first.
type Indicator struct {
	yizhan.Indicator
	Releases []yizhan.Release
}

// Indicators lists what the demo city has of them: one of the census, and two that are made up and say so.
func (c *City) Indicators() ([]Indicator, error) {
	urban, err := urbanShare()
	if err != nil {
		return nil, err
	}
	return []Indicator{urban, c.disputes(), c.orders()}, nil
}

// urbanShare is a real figure: how many of the people of each banner live in towns.
func urbanShare() (Indicator, error) {
	s, err := readSource()
	if err != nil {
		return Indicator{}, err
	}
	i := Indicator{Indicator: yizhan.Indicator{
		LayerHead: yizhan.LayerHead{Name: "常住人口城镇化率", Unit: cityCode, Public: true, Note: "城镇人口占常住人口的比重，第七次全国人口普查。"},
		Kind:      yizhan.ShareKind, Level: yizhan.LevelBanner,
	}}
	r := release(day(2020, time.November, 1), "第七次全国人口普查分县资料（Lei Dong et al., China Census, MIT）")
	for _, b := range s.banners {
		r.Figures = append(r.Figures, yizhan.Figure{Unit: b.code, Value: float64((b.urban*tenThousand+b.population/2)/b.population) / tenThousand})
	}
	i.Releases = []yizhan.Release{r}
	return i, nil
}

const tenThousand = 10_000 // shares are rounded to as many parts, in whole numbers: the same on every machine

// disputes makes up how many disputes were mediated in each township in two years. One in twenty has no figure.
func (c *City) disputes() Indicator {
	i := Indicator{Indicator: yizhan.Indicator{
		LayerHead: yizhan.LayerHead{Name: "调解纠纷件数（演示虚构）", Unit: cityCode, Synthetic: true, Note: "演示用的虚构数据，不反映任何真实情况。"},
		Kind:      yizhan.CountKind, Level: yizhan.LevelTownship, Measure: "件",
	}}
	households := c.householdsOfTownships()
	for _, year := range []int{2024, 2025} {
		r := release(day(year, time.December, 31), "演示数据，虚构")
		for _, u := range c.Units {
			d := roll("disputes", u.Code, strconv.Itoa(year))
			if u.Level != yizhan.LevelTownship || d.uniform("none") < 0.05 {
				continue
			}
			r.Figures = append(r.Figures, yizhan.Figure{Unit: u.Code, Value: float64(int(float64(households[u.Code]) * d.between("rate", 0.002, 0.012)))})
		}
		i.Releases = append(i.Releases, r)
	}
	return i
}

// orders makes up how many orders riders bring to each township on a day: few to the country, many to towns. It is
// whole counts, so that coverage can be asked in orders. One in thirty has no figure.
func (c *City) orders() Indicator {
	i := Indicator{Indicator: yizhan.Indicator{
		LayerHead: yizhan.LayerHead{Name: "外卖订单（演示虚构）", Unit: cityCode, Synthetic: true, Note: "一天的订单数。演示用的虚构数据，不反映任何真实情况。"},
		Kind:      yizhan.CountKind, Level: yizhan.LevelTownship, Measure: "单",
	}}
	r := release(day(2025, time.December, 31), "演示数据，虚构")
	households := c.householdsOfTownships()
	for _, u := range c.Units {
		d := roll("orders", u.Code)
		if u.Level != yizhan.LevelTownship || d.uniform("none") < 1.0/30 {
			continue
		}
		rate := d.between("rate", 0.004, 0.03)
		if households[u.Code] > 5_000 {
			rate = d.between("rate", 0.06, 0.18)
		}
		r.Figures = append(r.Figures, yizhan.Figure{Unit: u.Code, Value: float64(int(float64(households[u.Code]) * rate))})
	}
	i.Releases = []yizhan.Release{r}
	return i
}

func (c *City) householdsOfTownships() map[string]int {
	households := map[string]int{}
	for _, g := range c.MicroGrids {
		households[g.Community[:9]] += g.Households
	}
	return households
}

// PlaceLayers makes up a layer of places: an observation community in each banner, at the seat of its first one.
func (c *City) PlaceLayers() []yizhan.PlaceLayer {
	l := yizhan.PlaceLayer{
		LayerHead: yizhan.LayerHead{Name: "观察社区（演示虚构）", Unit: cityCode, Public: true, Synthetic: true, Note: "演示用的虚构名单。"},
		Source:    "演示数据，虚构", Date: day(2025, time.December, 31),
	}
	seen := map[string]bool{}
	for _, u := range c.Units {
		if u.Level != yizhan.LevelCommunity || u.Seat == nil || seen[u.Code[:6]] {
			continue
		}
		seen[u.Code[:6]] = true
		l.Places = append(l.Places, yizhan.LayerPlace{Name: u.Name, Kind: "观察社区", Location: *u.Seat})
	}
	return []yizhan.PlaceLayer{l}
}

func release(date time.Time, source string) yizhan.Release {
	return yizhan.Release{ReleaseHead: yizhan.ReleaseHead{Date: date, Source: source}}
}

func day(year int, month time.Month, of int) time.Time {
	return time.Date(year, month, of, 0, 0, 0, 0, time.UTC)
}
