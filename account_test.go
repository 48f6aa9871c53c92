package yizhan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// mayDo says what each role may do where it holds, written out once more and in another form than the rules,
// so that a change of the table is seen twice.
var mayDo = map[Role]string{
	"":                "public.read public.report public.simulate public.sign_in",
	RoleViewer:        "public.read public.report public.simulate public.sign_in account.own staff.read",
	RoleStationKeeper: "public.read public.report public.simulate public.sign_in account.own staff.read city.edit stations.edit reports.read reports.handle reports.reveal",
	RolePlanner: "scenarios.edit public.read public.report public.simulate public.sign_in account.own staff.read staff.export city.edit stations.edit micro_grids.edit " +
		"friendly_scenes.edit leaders.read leaders.edit leaders.reveal reports.read",
	RoleReviewer: "scenarios.edit public.read public.report public.simulate public.sign_in account.own staff.read staff.export city.edit micro_grids.review leaders.read reports.read",
	RoleAnalyst:  "scenarios.edit public.read public.report public.simulate public.sign_in account.own staff.read staff.export layers.edit",
	RoleAdmin: "scenarios.edit scenarios.keep public.read public.report public.simulate public.sign_in account.own staff.read staff.export city.edit stations.edit micro_grids.edit " +
		"micro_grids.review friendly_scenes.edit units.edit layers.edit leaders.read leaders.edit leaders.reveal users.manage audit.read reports.read reports.handle reports.reveal",
}

// inside are places that a grant in a unit holds for, outside are some that it does not.
var regions = []struct {
	unit            string
	inside, outside []string
}{
	{"150700", []string{"150700", "150702", "150702001", "150702001001", "150702001001001", "15070200100100101"}, []string{"150800", "150802", "15", "abc", "1"}},
	{"150702", []string{"150702", "150702001", "150702001001", "150702001001001"}, []string{"150700", "150703", "150781001"}},
	{"150702001", []string{"150702001", "150702001001", "150702001001001"}, []string{"150700", "150702", "150702002", "150702002001"}},
	{"150702001001", []string{"150702001001", "150702001001001", "15070200100100101"}, []string{"150700", "150702", "150702001", "150702001002", "150702001002001"}},
}

func TestMay(t *testing.T) {
	for _, role := range append([]Role{""}, Roles()...) {
		for _, region := range regions {
			var p *Principal
			if role != "" {
				p = &Principal{Grants: []Grant{{role, region.unit}}}
			}
			for _, act := range Acts() {
				listed := slices.Contains(strings.Fields(mayDo[role]), string(act))
				everywhere := act.Public() || act == ActOwnAccount && p != nil
				check := func(where string, want bool) {
					t.Helper()
					if got := p.May(act, where); got != want {
						t.Errorf("%s in %s: may %s in %q: %v, want %v", role, region.unit, act, where, got, want)
					}
				}
				check("", listed)
				for _, unit := range region.inside {
					check(unit, listed)
				}
				for _, unit := range region.outside {
					check(unit, everywhere)
				}
			}
		}
	}
}

func TestMayOfTokensAndTheSystem(t *testing.T) {
	admin := []Grant{{RoleAdmin, "150700"}}
	want := map[Scope][]Act{
		ScopeRead:     {ActReadStaff, ActExport, ActReadReports},
		ScopeWrite:    {ActEditScenarios, ActKeepScenarios, ActEditCity, ActEditStations, ActEditGrids, ActReviewGrids, ActEditScenes, ActEditUnits, ActEditLayers, ActHandleReports},
		ScopePersonal: {ActReadLeaders, ActEditLeaders, ActRevealLeaders, ActRevealRiders},
		ScopeAdmin:    {ActOwnAccount, ActManageUsers, ActReadAudit},
	}
	for _, scope := range Scopes() {
		token := &Principal{Grants: admin, Scopes: []Scope{scope}}
		for _, act := range Acts() {
			if got, want := token.May(act, "150702"), act.Public() || slices.Contains(want[scope], act); got != want {
				t.Errorf("a token for %s may %s: %v, want %v", scope, act, got, want)
			}
		}
	}
	none := &Principal{Grants: admin, Scopes: []Scope{}}
	for _, act := range Acts() {
		if none.May(act, "150702") != act.Public() {
			t.Errorf("a token without scopes: %s", act)
		}
		if !System("demo").May(act, "999999") {
			t.Errorf("the system may not %s", act)
		}
	}
	if System("demo").May("no.act", "") || (&Principal{Grants: []Grant{{RoleAdmin, ""}}}).May(ActEditGrids, "150702") {
		t.Error("an unknown act, or a grant nowhere, is allowed")
	}
}

func TestWhere(t *testing.T) {
	p := &Principal{Grants: []Grant{{RolePlanner, "150702001"}, {RolePlanner, "150702"}, {RoleStationKeeper, "150700"}, {RolePlanner, "150781"}, {RolePlanner, "150781"}}}
	for act, want := range map[Act]string{ActEditGrids: "[150702 150781]", ActEditStations: "[150700]", ActReadAudit: "[]"} {
		if got := fmt.Sprint(p.Where(act)); got != want {
			t.Errorf("%s: %s, want %s", act, got, want)
		}
	}
	if (*Principal)(nil).Where(ActReadPublic) != nil {
		t.Error("a guest is somewhere")
	}
}

func TestContact(t *testing.T) {
	for _, c := range []struct{ in, want Contact }{
		{Contact{"王小明", "13812341234"}, Contact{"王**", "138****1234"}},
		{Contact{"乌兰", "0470-8231234"}, Contact{"乌**", "047****1234"}},
		{Contact{"А", "8231234"}, Contact{"А**", "****"}},
		{Contact{}, Contact{}},
	} {
		if got := c.in.Mask(); got != c.want {
			t.Errorf("%q %q", got.Name, got.Phone)
		}
	}
	whole := Contact{"王小明", "13812341234"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(format, whole); strings.Contains(text, "小明") || strings.Contains(text, "8123") {
			t.Errorf("%s tells %s", format, text)
		}
	}
	for _, wrong := range []Contact{{"", "13812341234"}, {"王", "138x"}, {strings.Repeat("王", 121), ""}, {"王", "1"}} {
		err := wrong.Validate()
		if err == nil || wrong.Phone != "" && strings.Contains(err.Error(), "138") {
			t.Errorf("%q: %v", wrong.Name, err)
		}
	}
	if err := whole.Validate(); err != nil {
		t.Error(err)
	}
}

func TestUserNames(t *testing.T) {
	for name, want := range map[string]bool{"ab": true, "wang.xm-2_x": true, "a": false, "Wang": false, "-ab": false, "": false, "王小": false, strings.Repeat("a", 65): false} {
		if IsUserName(name) != want {
			t.Errorf("%q: want %v", name, want)
		}
	}
	if (&User{Name: "ab", DisplayName: "A"}).Validate() != nil || (&User{Name: "ab"}).Validate() == nil {
		t.Error("Validate")
	}
	if (Grant{RoleAdmin, "150700"}).Validate() != nil || (Grant{RoleAdmin, "1507"}).Validate() == nil || (Grant{"king", "150700"}).Validate() == nil {
		t.Error("Grant.Validate")
	}
}
