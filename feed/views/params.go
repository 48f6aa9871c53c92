package views

import (
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// Params are a Question by radius and one service.
type Params struct {
	RadiusM float64        // true distance, inclusive, from a station to the centre of a cell
	Service yizhan.Service // only stations that offer it count; empty for all
}

func (p Params) question() (Question, error) {
	if p.Service != "" && !p.Service.Valid() {
		return Question{}, yizhan.Invalid("service", "%q is not a known service", p.Service)
	}
	q := Question{Mode: ModeRadius, RadiusM: p.RadiusM, Services: string(p.Service)}
	if p.RadiusM == 0 {
		return q, yizhan.Invalid("radius_m", "%g is not in %d..%d", p.RadiusM, MinRadiusM, MaxRadiusM)
	}
	return q, q.Validate()
}

// Figures answers for one unit, by its code; empty for the city.
func (v *Coverage) Figures(p Params, unit string) (Figures, error) {
	q, err := p.question()
	if err != nil {
		return Figures{}, err
	}
	picture, err := v.Picture()
	if err != nil {
		return Figures{}, err
	}
	return picture.Figures(q, unit)
}

// Cells is Picture.Cells; cells that are too fine for the reach are answered at the finest there are.
func (v *Coverage) Cells(p Params, bbox orb.Bound, resolution int) ([]Cell, int64, error) {
	q, err := p.question()
	if err != nil {
		return nil, 0, err
	}
	picture, err := v.Picture()
	if err != nil {
		return nil, 0, err
	}
	if resolution <= DemandResolution {
		resolution = min(resolution, picture.Resolution(q))
	}
	cells, err := picture.Cells(q, bbox, resolution)
	return cells, picture.seq, err
}
