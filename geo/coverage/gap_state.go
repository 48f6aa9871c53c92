package coverage

// End is one of the ends of an interval: which sites count is not always known.
type End uint8

// The ends.
const (
	Known    End = iota // sites that are sure to count
	Possible            // sites that may count as well
)

func (end End) validate() error {
	if end > Possible {
		return invalid("end", "%d is no end of an interval", end)
	}
	return nil
}

// Gaps finds the gaps of a state: the cells with households that are covered at no moment that the model
// asks about. Those of the Known end have the more households: what is not known may close some of them.
func (s *State) Gaps(end End) (*Gaps, error) {
	if err := end.validate(); err != nil {
		return nil, err
	}
	covered := make([]bool, len(s.demand.finest().cells))
	for cell := range covered {
		v := s.values.at(int32(cell))
		covered[cell] = v.known.once > 0 || end == Possible && v.possible.once > 0
	}
	return s.demand.Gaps(covered)
}

// Counts tells which of the state's sites count at some moment, for one service of the model at least.
func (s *State) Counts(end End) func(site int) bool {
	return func(site int) bool {
		m := s.judge.merit(&s.sites[site])
		return m.layers(end == Known) != 0
	}
}

// Access works out the accessibility (E2SFCA) under a model: over the sites that count, with the weights of
// EnhancedDecay over the model's reach.
func (e *Engine) Access(m Model, end End) (*Access, error) {
	in, seats, err := e.supply(m, end)
	if err != nil {
		return nil, err
	}
	decay, err := EnhancedDecay(newMetric(m.EffectiveReach(), e.cost).limitM)
	if err != nil {
		return nil, err
	}
	return e.demand.Access(in, seats, decay)
}

// Serve finds the served demand under a model: by the sites that count, each seat for some households.
func (e *Engine) Serve(m Model, end End, householdsASeat int) (*Served, error) {
	in, seats, err := e.supply(m, end)
	if err != nil {
		return nil, err
	}
	return e.demand.Serve(in, seats, householdsASeat)
}

func (e *Engine) supply(m Model, end End) (*Incidence, []int, error) {
	if err := end.validate(); err != nil {
		return nil, nil, err
	}
	s, err := e.State(m)
	if err != nil {
		return nil, nil, err
	}
	in, err := e.Incidence(m)
	return in, e.sites.Seats(s.Counts(end)), err
}
