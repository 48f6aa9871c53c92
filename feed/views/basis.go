package views

// Basis is what the picture's answers to a question rest on.
func (p *Picture) Basis(q Question) (Basis, error) {
	if err := q.Validate(); err != nil {
		return Basis{}, err
	}
	return p.basis(q), nil
}
