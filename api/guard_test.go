package api

import "testing"

// TestEveryRouteDeclaresItsAct holds acts and the routes against each other, both ways.
func TestEveryRouteDeclaresItsAct(t *testing.T) {
	s := assemble(Options{})
	for _, route := range s.undeclared {
		t.Errorf("%s declares no act: add it to acts in guard.go", route)
	}
	there := map[string]bool{}
	for _, route := range s.app.GetRoutes(true) {
		there[declaredAs(route.Method, route.Path)] = true
	}
	for route, act := range acts {
		if !act.Valid() {
			t.Errorf("%s: there is no act %q", route, act)
		}
		if !there[route] {
			t.Errorf("%s is in acts and there is no such route", route)
		}
	}
}

// TestNothingIsOpenByItsNeighbours proves that an address below one that is public is not public for that.
func TestNothingIsOpenByItsNeighbours(t *testing.T) {
	for _, path := range []string{"/api/collections/stations/secrets", "/api/collections/:c/items/:code/secrets", "/api/tiles/secrets/now",
		"/api/history/stations", "/api/scenarios/:id/secrets", "/api/coverage/secrets", "/secrets"} {
		if act, declared := actOf("GET", path); declared {
			t.Errorf("GET %s would be %s", path, act)
		}
	}
}
