package yizhan

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Role is what an account may do in a unit and in all below it. Who is not signed in has none.
type Role string

// The roles.
const (
	RoleViewer        Role = "viewer"         // looks at what staff see
	RoleStationKeeper Role = "station_keeper" // keeps the stations up to date
	RolePlanner       Role = "planner"        // draws micro-grids, and knows who leads them
	RoleReviewer      Role = "reviewer"       // publishes what planners drew, or returns it
	RoleAnalyst       Role = "analyst"        // takes figures out
	RoleAdmin         Role = "admin"          // all of it, and the accounts
)

// Roles lists the roles.
func Roles() []Role {
	return []Role{RoleViewer, RoleStationKeeper, RolePlanner, RoleReviewer, RoleAnalyst, RoleAdmin}
}

// Valid tells whether r is one of Roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Act is something that not everybody may do everywhere.
type Act string

// The acts. Every route of the API declares one.
const (
	ActReadPublic    Act = "public.read"        // what anyone may look at
	ActSimulate      Act = "public.simulate"    // what-if questions, which leave the city as it is
	ActSignIn        Act = "public.sign_in"     // to say who one is
	ActOwnAccount    Act = "account.own"        // one's own session, second factor and tokens
	ActReadStaff     Act = "staff.read"         // what is not published yet
	ActExport        Act = "staff.export"       // tables to take away
	ActEditScenarios Act = "scenarios.edit"     // make what-ifs, and change and delete one's own
	ActKeepScenarios Act = "scenarios.keep"     // change and delete those of others
	ActEditCity      Act = "city.edit"          // change features at all; of which kind, the next ones say
	ActEditStations  Act = "stations.edit"      // create, change and delete stations
	ActEditGrids     Act = "micro_grids.edit"   // draw micro-grids
	ActReviewGrids   Act = "micro_grids.review" // publish micro-grids, or return them
	ActEditScenes    Act = "friendly_scenes.edit"
	ActEditUnits     Act = "units.edit"
	ActEditLayers    Act = "layers.edit"    // add indicators and places to look at beside the city
	ActReadLeaders   Act = "leaders.read"   // who leads where, names and phones masked
	ActEditLeaders   Act = "leaders.edit"   // appoint leaders, and write down their names and phones
	ActRevealLeaders Act = "leaders.reveal" // see a name and a phone in full; a reason is asked for and kept
	ActReport        Act = "public.report"  // say something about a place, and ask by its code what became of it
	ActReadReports   Act = "reports.read"   // what riders said, without who they are
	ActHandleReports Act = "reports.handle" // take reports up, give them to somebody, answer them
	ActRevealRiders  Act = "reports.reveal" // see how to reach a rider; a reason is asked for and kept
	ActManageUsers   Act = "users.manage"   // accounts and grants
	ActReadAudit     Act = "audit.read"
)

// Scope is a part of what its owner may do that a token is made for.
type Scope string

// The scopes of tokens. What is public needs none.
const (
	ScopeRead     Scope = "read"     // look at what staff see, and take tables away
	ScopeWrite    Scope = "write"    // change the city, and keep scenarios
	ScopePersonal Scope = "personal" // leaders and their names
	ScopeAdmin    Scope = "admin"    // accounts, tokens and the audit trail
)

// Scopes lists the scopes.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeWrite, ScopePersonal, ScopeAdmin} }

// Valid tells whether s is one of Scopes.
func (s Scope) Valid() bool { return slices.Contains(Scopes(), s) }

// rule says who may do an act.
type rule struct {
	anyone   bool   // without signing in
	everyone bool   // who has signed in, with whatever role
	roles    []Role // where they hold
	scope    Scope  // that a token needs for it
}

// rules is the one table that decides.
var rules = map[Act]rule{
	ActReadPublic:    {anyone: true},
	ActSimulate:      {anyone: true},
	ActSignIn:        {anyone: true},
	ActOwnAccount:    {everyone: true, scope: ScopeAdmin},
	ActReadStaff:     {roles: Roles(), scope: ScopeRead},
	ActExport:        {roles: []Role{RoleAnalyst, RolePlanner, RoleReviewer, RoleAdmin}, scope: ScopeRead},
	ActEditScenarios: {roles: []Role{RoleAnalyst, RolePlanner, RoleReviewer, RoleAdmin}, scope: ScopeWrite},
	ActKeepScenarios: {roles: []Role{RoleAdmin}, scope: ScopeWrite},
	ActEditCity:      {roles: []Role{RoleStationKeeper, RolePlanner, RoleReviewer, RoleAdmin}, scope: ScopeWrite},
	ActEditStations:  {roles: []Role{RoleStationKeeper, RolePlanner, RoleAdmin}, scope: ScopeWrite},
	ActEditGrids:     {roles: []Role{RolePlanner, RoleAdmin}, scope: ScopeWrite},
	ActReviewGrids:   {roles: []Role{RoleReviewer, RoleAdmin}, scope: ScopeWrite},
	ActEditScenes:    {roles: []Role{RolePlanner, RoleAdmin}, scope: ScopeWrite},
	ActEditUnits:     {roles: []Role{RoleAdmin}, scope: ScopeWrite},
	ActEditLayers:    {roles: []Role{RoleAnalyst, RoleAdmin}, scope: ScopeWrite},
	ActReadLeaders:   {roles: []Role{RolePlanner, RoleReviewer, RoleAdmin}, scope: ScopePersonal},
	ActEditLeaders:   {roles: []Role{RolePlanner, RoleAdmin}, scope: ScopePersonal},
	ActRevealLeaders: {roles: []Role{RolePlanner, RoleAdmin}, scope: ScopePersonal},
	ActReport:        {anyone: true},
	ActReadReports:   {roles: []Role{RoleStationKeeper, RolePlanner, RoleReviewer, RoleAdmin}, scope: ScopeRead},
	ActHandleReports: {roles: []Role{RoleStationKeeper, RoleAdmin}, scope: ScopeWrite},
	ActRevealRiders:  {roles: []Role{RoleStationKeeper, RoleAdmin}, scope: ScopePersonal},
	ActManageUsers:   {roles: []Role{RoleAdmin}, scope: ScopeAdmin},
	ActReadAudit:     {roles: []Role{RoleAdmin}, scope: ScopeAdmin},
}

// Acts lists the acts.
func Acts() []Act {
	acts := make([]Act, 0, len(rules))
	for act := range rules {
		acts = append(acts, act)
	}
	slices.Sort(acts)
	return acts
}

// Valid tells whether a is one of Acts.
func (a Act) Valid() bool { _, known := rules[a]; return known }

// Public tells whether the act needs nobody to sign in.
func (a Act) Public() bool { return rules[a].anyone }

// EditAct is the act of changing features of a collection; empty for what is no collection.
func EditAct(c Collection) Act {
	switch c {
	case Units:
		return ActEditUnits
	case Stations:
		return ActEditStations
	case FriendlyScenes:
		return ActEditScenes
	case MicroGrids:
		return ActEditGrids
	case Leaders:
		return ActEditLeaders
	}
	return ""
}

// User is an account.
type User struct {
	ID          int64
	Name        string // for signing in
	DisplayName string
	DisabledAt  time.Time // zero for one that may sign in
	CreatedAt   time.Time
	HasPassword bool // false for one that signs in elsewhere, or by token only
	HasTOTP     bool // signs in with a second factor
	Subject     string
	Grants      []Grant
}

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,63}$`)

// IsUserName tells whether a text can be the name of an account.
func IsUserName(name string) bool { return userName.MatchString(name) }

// Validate checks what a person chose.
func (u *User) Validate() error {
	if !IsUserName(u.Name) {
		return Invalid("name", "is not 2 to 64 lower-case letters, digits, dots, dashes and underscores")
	}
	return checkName("display_name", u.DisplayName)
}

// Grant is a role in a unit and in all below it.
type Grant struct {
	Role Role
	Unit string
}

var grantUnit = regexp.MustCompile(`^([0-9]{6}|[0-9]{9}|[0-9]{12})$`)

// Validate checks a grant by itself.
func (g Grant) Validate() error {
	if !g.Role.Valid() {
		return Invalid("role", "is not one of viewer, station_keeper, planner, reviewer, analyst, admin")
	}
	if !grantUnit.MatchString(g.Unit) {
		return Invalid("unit", "is not the code of a city, banner, township or community")
	}
	return nil
}

// holds tells whether the grant reaches the place that a code begins with.
func (g Grant) holds(code string) bool {
	prefix := UnitPrefix(g.Unit)
	return len(prefix) >= 4 && strings.HasPrefix(UnitPrefix(code), prefix)
}

// UnitPrefix is what the codes of a unit and of everything below it begin with: the code itself, and for a
// city its first four digits.
func UnitPrefix(code string) string {
	if len(code) == 6 && strings.HasSuffix(code, "00") {
		return code[:4]
	}
	return code
}

// Principal is who asks. A nil *Principal is a guest.
type Principal struct {
	User   User
	Grants []Grant
	// Scopes narrow what a token may do to some of what its owner may; nil for a person who signed in.
	Scopes []Scope
	// System may do everything: the commands of who runs the server, and nobody over the network.
	System bool
	From   string // the address that the request came from, for the audit trail
}

// AuditEntry is one line of the audit trail: who did or looked at what, when, and from where.
type AuditEntry struct {
	ID      int64
	At      time.Time
	Actor   string // the name of the account
	Act     string // such as auth.login, leaders.reveal
	Subject string // what it was done to
	Address string
	Detail  map[string]string
}

// SignIn is what is needed to judge an attempt to sign in.
type SignIn struct {
	User         User
	PasswordHash string // empty for an account without a password
}

// NewUser is an account to be made.
type NewUser struct {
	Name, DisplayName string
	PasswordHash      string // empty for one that cannot sign in with a password
	Subject           string // issuer and subject of OpenID Connect, with a space between; empty for none
	Grants            []Grant
}

// Bounds of a session.
const (
	SessionIdle = 2 * time.Hour  // without a request
	SessionLife = 12 * time.Hour // whatever happens
)

// MaxTokenLife is how long a token serves at most.
const MaxTokenLife = 366 * 24 * time.Hour

// Token is a key of a program that asks for somebody.
type Token struct {
	ID         int64
	Name       string // what it is for
	Scopes     []Scope
	CreatedAt  time.Time
	ExpiresAt  time.Time
	LastUsedAt time.Time // zero if it never was; to the minute
	RevokedAt  time.Time // zero while it serves
}

// System is the principal of a command.
func System(name string) *Principal { return &Principal{User: User{Name: name}, System: true} }

// May tells whether the principal may do something in a unit. The code may be that of a unit, a micro-grid
// or a leader. An empty one asks whether there is any place where the principal may.
func (p *Principal) May(act Act, unit string) bool {
	r, known := rules[act]
	switch {
	case !known:
		return false
	case r.anyone:
		return true
	case p == nil:
		return false
	case p.System:
		return true
	case p.Scopes != nil && !slices.Contains(p.Scopes, r.scope):
		return false
	case r.everyone:
		return true
	}
	return slices.ContainsFunc(p.Grants, func(g Grant) bool {
		return slices.Contains(r.roles, g.Role) && (unit == "" || g.holds(unit))
	})
}

// MayChange tells whether the principal may change a feature by hand: where it was as well as where it will be. One that
// is made has no before, one that is deleted no after. Where it may not, it names a place that is outside.
func (p *Principal) MayChange(c Collection, before, after Feature) (outside string, may bool) {
	for _, f := range []Feature{before, after} {
		if f == nil {
			continue
		}
		for _, place := range PlacesOf(f) {
			if !p.May(EditAct(c), place) {
				return place, false
			}
		}
	}
	return "", true
}

// PlacesOf are the codes that tell where a feature is. Where the stations of a scene are the database knows.
func PlacesOf(f Feature) []string {
	switch f := f.(type) {
	case *Station:
		return []string{f.Community}
	case *FriendlyScene:
		return f.MicroGrids
	}
	return []string{f.Ref().Code}
}

// MayEditScenario tells whether the principal may change and delete a scenario: its own, or, for who looks after
// those of others, any.
func (p *Principal) MayEditScenario(s *Scenario) bool {
	own := p != nil && s.Owner != 0 && s.Owner == p.User.ID
	return own && p.May(ActEditScenarios, "") || p.May(ActKeepScenarios, "")
}

// Where lists the units in which, and below which, the principal may do something, none of them below
// another.
func (p *Principal) Where(act Act) []string {
	if p == nil {
		return nil
	}
	var units []string
	for _, g := range p.Grants {
		if p.May(act, g.Unit) {
			units = append(units, g.Unit)
		}
	}
	slices.SortFunc(units, func(a, b string) int { return strings.Compare(UnitPrefix(a), UnitPrefix(b)) })
	var widest []string
	for _, unit := range units {
		if n := len(widest); n == 0 || !strings.HasPrefix(UnitPrefix(unit), UnitPrefix(widest[n-1])) {
			widest = append(widest, unit)
		}
	}
	return widest
}

// Contact is how to reach a leader. It is personal data: sealed at rest, and masked wherever it is shown
// without need.
type Contact struct{ Name, Phone string }

var phoneNumber = regexp.MustCompile(`^\+?[0-9][0-9 -]{3,22}[0-9]$`)

// Validate checks the contact. What it says never quotes what was given.
func (c Contact) Validate() error {
	if err := checkName("name", c.Name); err != nil {
		return err
	}
	if c.Phone != "" && !phoneNumber.MatchString(c.Phone) {
		return Invalid("phone", "is not 5 to 25 digits, spaces and dashes")
	}
	return nil
}

// Mask hides what identifies a person: 王**, 138****1234. The stars do not tell how long the name is.
func (c Contact) Mask() Contact {
	var m Contact
	if c.Name != "" {
		first, _ := utf8.DecodeRuneInString(c.Name)
		m.Name = string(first) + "**"
	}
	if n := len(c.Phone); n >= 11 {
		m.Phone = c.Phone[:3] + "****" + c.Phone[n-4:]
	} else if n > 0 {
		m.Phone = "****"
	}
	return m
}

// String hides the contact from logs and messages.
func (c Contact) String() string { m := c.Mask(); return m.Name + " " + m.Phone }

// GoString hides it from %#v.
func (c Contact) GoString() string { return c.String() }
