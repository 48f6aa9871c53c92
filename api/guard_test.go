package api

import "testing"

func TestEveryRouteDeclaresItsAct(t *testing.T) {
	s := assemble(Options{})
	for _, route := range s.undeclared {
		t.Errorf("%s declares no act: add it to acts in guard.go", route)
	}
	for route, act := range acts {
		if !act.Valid() {
			t.Errorf("%s: there is no act %q", route, act)
		}
	}
	for family, act := range families {
		if !act.Valid() {
			t.Errorf("%s: there is no act %q", family, act)
		}
	}
}
