package views_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

var usual = views.Question{RadiusM: views.DefaultRadiusM}

var everywhere = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

func coverageOf(t testing.TB, city *yizhan.City, o views.CoverageOptions) *views.Coverage {
	o.Patience = time.Minute
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	view := views.NewCoverage(o)
	update(t, view, city, nil)
	wait(t, view)
	return view
}

func wait(t testing.TB, view *views.Coverage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := view.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

func figures(t testing.TB, view *views.Coverage, p views.Question, unit string) views.Figures {
	t.Helper()
	f, err := figuresFrom(view, p, unit)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func pictureOf(t testing.TB, view *views.Coverage) *views.Picture {
	t.Helper()
	picture, err := view.Picture()
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func figuresFrom(view *views.Coverage, q views.Question, unit string) (views.Figures, error) {
	picture, err := view.Picture()
	if err != nil {
		return views.Figures{}, err
	}
	return picture.Figures(q, unit)
}

// cellsFrom gives cells no finer than there are.
func cellsFrom(view *views.Coverage, q views.Question, bbox orb.Bound, resolution int) ([]views.Cell, int64, error) {
	picture, err := view.Picture()
	if err != nil {
		return nil, 0, err
	}
	if resolution == views.DemandResolution && q.Validate() == nil {
		resolution = picture.Resolution(q)
	}
	cells, err := picture.Cells(q, bbox, resolution)
	return cells, picture.Seq(), err
}

func TestFiguresSumUpToTheCity(t *testing.T) {
	city := syntheticCity(tiny)
	view := coverageOf(t, city, views.CoverageOptions{})
	households, active := 0, 0
	for _, grid := range city.MicroGrids {
		households += grid.Households
	}
	for _, s := range city.Stations {
		if s.Status == yizhan.StationActive {
			active++
		}
	}
	top := figures(t, view, usual, "")
	if top.Unit.Code != cityCode || top.Seq != 1 || top.Resolution != 10 || top.Households != int64(households) || top.Stations != active {
		t.Errorf("figures of the city are %+v; it has %d households and %d active stations", top, households, active)
	}
	if top.Covered == 0 || top.Covered == top.Households || top.CrossCovered > top.Covered {
		t.Errorf("%d of %d households covered, %d twice", top.Covered, top.Households, top.CrossCovered)
	}
	for code := range city.Units {
		checkChildren(t, city, figures(t, view, usual, code))
	}
}

func checkChildren(t *testing.T, city *yizhan.City, f views.Figures) {
	t.Helper()
	checkUnit(t, f.UnitFigures)
	var sum views.UnitFigures
	for i, child := range f.Children {
		checkUnit(t, child)
		if child.Unit.Parent != f.Unit.Code || i > 0 && f.Children[i-1].Unit.Code >= child.Unit.Code {
			t.Errorf("child %d of %s is %s", i, f.Unit.Code, child.Unit.Code)
		}
		sum.Households += child.Households
		sum.Covered += child.Covered
		sum.CrossCovered += child.CrossCovered
		sum.Unmet += child.Unmet
		sum.Stations += child.Stations
		sum.PossiblyCovered += child.PossiblyCovered
		sum.PossiblyCrossCovered += child.PossiblyCrossCovered
		sum.PossibleStations += child.PossibleStations
		sum.CoveredWeight = sum.CoveredWeight.Plus(child.CoveredWeight)
		sum.CrossWeight = sum.CrossWeight.Plus(child.CrossWeight)
		sum.UnmetWeight = sum.UnmetWeight.Plus(child.UnmetWeight)
		sum.AreaM2 += child.AreaM2
		sum.CoveredAreaM2 = sum.CoveredAreaM2.Plus(child.CoveredAreaM2)
	}
	if f.Unit.Level == yizhan.LevelCommunity {
		if len(f.Children) != 0 {
			t.Errorf("community %s has %d units below it", f.Unit.Code, len(f.Children))
		}
		return
	}
	whole := views.UnitFigures{Households: f.Households, Covered: f.Covered, CrossCovered: f.CrossCovered, Unmet: f.Unmet, Stations: f.Stations,
		PossiblyCovered: f.PossiblyCovered, PossiblyCrossCovered: f.PossiblyCrossCovered, PossibleStations: f.PossibleStations,
		CoveredWeight: f.CoveredWeight, CrossWeight: f.CrossWeight, UnmetWeight: f.UnmetWeight, AreaM2: f.AreaM2, CoveredAreaM2: f.CoveredAreaM2}
	if sum != whole {
		t.Errorf("the parts of %s sum up to %+v, not %+v", f.Unit.Code, sum, f.UnitFigures)
	}
}

func checkUnit(t *testing.T, f views.UnitFigures) {
	t.Helper()
	switch {
	case f.Unmet != f.Households-f.Covered || f.Covered > f.Households || f.CrossCovered > f.Covered:
		t.Errorf("%s: %+v", f.Unit.Code, f)
	case f.Households == 0 && f.Share != nil:
		t.Errorf("%s: share %g of nobody", f.Unit.Code, *f.Share)
	case f.Households > 0 && (f.Share == nil || *f.Share != float64(f.Covered)/float64(f.Households)):
		t.Errorf("%s: share %v of %+v", f.Unit.Code, f.Share, f)
	}
}

func TestOnlyActiveStationsThatOfferTheServiceCount(t *testing.T) {
	city := syntheticCity(tiny)
	view := coverageOf(t, city, views.CoverageOptions{})
	all := figures(t, view, usual, "")
	for _, service := range yizhan.Services() {
		f := figures(t, view, views.Question{RadiusM: 1000, Services: string(service)}, "")
		want := 0
		for _, s := range city.Stations {
			if s.Status == yizhan.StationActive && s.Offers(service) {
				want++
			}
		}
		if f.Stations != want || f.Covered > all.Covered || f.Households != all.Households {
			t.Errorf("%s: %d stations, want %d; %+v", service, f.Stations, want, f)
		}
		if want == 0 && f.Covered != 0 {
			t.Errorf("%s: nobody offers it to the %d covered", service, f.Covered)
		}
	}
}

func TestAUnitWithoutDemandHasNoShare(t *testing.T) {
	city := syntheticCity(tiny)
	city.Units["150799"] = &yizhan.Unit{Code: "150799", Level: yizhan.LevelBanner, Parent: cityCode, Name: "empty", Version: 1}
	f := figures(t, coverageOf(t, city, views.CoverageOptions{}), usual, "150799")
	if f.Share != nil || f.Households != 0 || f.Stations != 0 || f.Children != nil {
		t.Errorf("%+v", f)
	}
}

func TestCellsSumUpToTheCity(t *testing.T) {
	view := coverageOf(t, syntheticCity(tiny), views.CoverageOptions{})
	top := figures(t, view, usual, "")
	for resolution := views.CoarsestResolution; resolution <= views.DemandResolution; resolution++ {
		cells, err := pictureOf(t, view).OutlinedCells(usual, everywhere, resolution)
		if err != nil {
			t.Fatal(err)
		}
		var households, covered int64
		for _, cell := range cells {
			households += cell.Households
			covered += cell.Covered
			if cell.Cell.Cell.Resolution() != resolution || !cell.Outline.Equal(cell.Cell.Cell.Boundary()) {
				t.Errorf("resolution %d: cell %s with outline %v", resolution, cell.Cell.Cell, cell.Outline)
			}
		}
		if households != top.Households || covered != top.Covered {
			t.Errorf("resolution %d: %d households, %d covered; the city has %d, %d", resolution, households, covered, top.Households, top.Covered)
		}
	}
}

func TestCoverageRefusesInvalidQuestions(t *testing.T) {
	view := coverageOf(t, syntheticCity(tiny), views.CoverageOptions{})
	for field, params := range map[string][]views.Question{
		"radius_m": {{RadiusM: 99.9}, {RadiusM: 10_000.1}, {RadiusM: math.NaN()}, {RadiusM: math.Inf(1)}, {RadiusM: -1000}, {Mode: "walk", RadiusM: 1000}},
		"minutes":  {{Minutes: 15}, {Mode: "walk", Minutes: 1.9}, {Mode: "ebike", Minutes: 60.1}, {Mode: "walk", Minutes: math.NaN()}},
		"mode":     {{Mode: "fly"}, {Mode: "Walk", Minutes: 15}},
		"services": {{Services: "beer"}, {Services: "Water"}, {Services: "charging,water"}, {Services: "water,water"}, {Services: "water,"}},
		"rule":     {{Rule: "some"}, {Rule: "all"}, {Rule: "one_stop"}},
		"at":       {{Quarter: -1}, {Quarter: 673}},
		"week":     {{Week: "2026-02-17"}, {Week: "2026-2-16"}, {Week: "monday"}, {Week: "1996-02-19"}},
		"profile":  {{Profile: "breakfast"}, {Profile: "lunch", Quarter: 1}},
		"celsius":  {{Celsius: -25}, {Cold: true, Celsius: -61}, {Cold: true, Celsius: math.NaN()}},
	} {
		for _, p := range params {
			_, err := figuresFrom(view, p, "")
			checkError(t, err, yizhan.CodeInvalid, field)
			_, _, err = cellsFrom(view, p, everywhere, 6)
			checkError(t, err, yizhan.CodeInvalid, field)
		}
	}
	for _, resolution := range []int{-1, 3, 11, 15} {
		_, _, err := cellsFrom(view, usual, everywhere, resolution)
		checkError(t, err, yizhan.CodeInvalid, "resolution")
	}
	for _, b := range []orb.Bound{
		{Min: orb.Point{120, 49}, Max: orb.Point{119, 50}}, {Min: orb.Point{119, 50}, Max: orb.Point{120, 49}},
		{Min: orb.Point{math.NaN(), 49}, Max: orb.Point{120, 50}}, {Min: orb.Point{119, 49}, Max: orb.Point{120, math.NaN()}},
		{Min: orb.Point{-181, 49}, Max: orb.Point{120, 50}}, {Min: orb.Point{49, 119}, Max: orb.Point{50, 120}},
	} {
		_, err := pictureOf(t, view).OutlinedCells(usual, b, 6)
		checkError(t, err, yizhan.CodeInvalid, "bbox")
	}
	for _, unit := range []string{"1507", "999999", "x"} {
		_, err := figuresFrom(view, usual, unit)
		checkError(t, err, yizhan.CodeNotFound, "unit")
	}
}

// The cache is a pipe here, so that the first load goes on only when something is written to it.
func TestCoverageIsUnavailableUntilItIsReady(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "demand-r10.cache")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	view := views.NewCoverage(views.CoverageOptions{CacheDir: dir, Logger: slog.New(slog.DiscardHandler)})
	checkUnavailable(t, view)
	city := syntheticCity(tiny)
	update(t, view, city, nil)
	checkUnavailable(t, view)
	city = city.Next([]yizhan.Change{{Seq: 2, Ref: yizhan.Ref{Collection: yizhan.Stations}}})
	update(t, view, city, []yizhan.Change{{Seq: 2, Ref: yizhan.Ref{Collection: yizhan.Stations}}})
	checkUnavailable(t, view)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := view.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("waited for what cannot come: %v", err)
	}
	if err := os.WriteFile(pipe, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wait(t, view)
	if view.Seq() != 2 || figures(t, view, usual, "").Households == 0 {
		t.Errorf("not ready at seq %d", view.Seq())
	}
}

func checkUnavailable(t *testing.T, view *views.Coverage) {
	t.Helper()
	_, err := figuresFrom(view, usual, "")
	checkError(t, err, yizhan.CodeUnavailable, "")
	_, _, err = cellsFrom(view, usual, everywhere, 6)
	checkError(t, err, yizhan.CodeUnavailable, "")
	if view.Seq() != 0 {
		t.Errorf("at seq %d before it is ready", view.Seq())
	}
}

func TestACityWithoutUnits(t *testing.T) {
	view := coverageOf(t, &yizhan.City{Seq: 3}, views.CoverageOptions{})
	_, err := figuresFrom(view, usual, "")
	checkError(t, err, yizhan.CodeNotFound, "unit")
	if cells, seq, err := cellsFrom(view, usual, everywhere, 6); len(cells) != 0 || seq != 3 || err != nil {
		t.Errorf("cells %v as of %d, %v", cells, seq, err)
	}
}

// editor makes random changes to a city.
type editor struct {
	rng  *rand.Rand
	city *yizhan.City
}

func (e *editor) next() []yizhan.Change {
	var changes []yizhan.Change
	for range 1 + e.rng.IntN(4) {
		change := e.edit()
		change.Seq = e.city.Seq + 1
		e.city = e.city.Next([]yizhan.Change{change})
		changes = append(changes, change)
	}
	return changes
}

func (e *editor) edit() yizhan.Change {
	grids, stations := yizhan.Sorted(e.city.MicroGrids), yizhan.Sorted(e.city.Stations)
	grid := *grids[e.rng.IntN(len(grids))]
	s := *stations[e.rng.IntN(len(stations))]
	s.Version++
	grid.Version++
	switch e.rng.IntN(7) {
	case 0:
		grid.Households = e.rng.IntN(100)
		return yizhan.Change{Op: yizhan.Update, Ref: grid.Ref(), After: &grid}
	case 1:
		grid.Boundary = orb.MultiPolygon{moved(grid.Boundary[0], e.rng.NormFloat64()*0.002)}
		return yizhan.Change{Op: yizhan.Update, Ref: grid.Ref(), After: &grid}
	case 2:
		return yizhan.Change{Op: yizhan.Delete, Ref: grid.Ref()}
	case 3:
		grid.Code = fmt.Sprintf("%s%03d", grid.Community, 900+e.rng.IntN(100))
		return yizhan.Change{Op: yizhan.Create, Ref: grid.Ref(), After: &grid}
	case 4:
		s.Location[0] += e.rng.NormFloat64() * 0.01
	case 5:
		s.Status = []yizhan.StationStatus{yizhan.StationActive, yizhan.StationClosed}[e.rng.IntN(2)]
	case 6:
		s.Services = nil
	}
	return yizhan.Change{Op: yizhan.Update, Ref: s.Ref(), After: &s}
}

func moved(polygon orb.Polygon, east float64) orb.Polygon {
	polygon = polygon.Clone()
	for _, ring := range polygon {
		for i := range ring {
			ring[i][0] += east
		}
	}
	return polygon
}

func TestIncrementalEqualsRebuild(t *testing.T) {
	e := editor{rng: rand.New(rand.NewPCG(3, 3)), city: syntheticCity(tiny)}
	view := coverageOf(t, e.city, views.CoverageOptions{})
	for range 150 {
		changes := e.next()
		update(t, view, e.city, changes)
		wait(t, view)
		if view.Seq() != e.city.Seq {
			t.Fatalf("at seq %d, want %d", view.Seq(), e.city.Seq)
		}
		checkEqual(t, e.city, view, coverageOf(t, e.city, views.CoverageOptions{}))
	}
}

func checkEqual(t *testing.T, city *yizhan.City, got, want *views.Coverage) {
	t.Helper()
	water := views.Question{RadiusM: 500, Services: "water"}
	for code := range city.Units {
		for _, p := range []views.Question{usual, water} {
			if g, w := figures(t, got, p, code), figures(t, want, p, code); !reflect.DeepEqual(g, w) {
				t.Fatalf("%s with %+v: %+v, rebuilt %+v", code, p, g, w)
			}
		}
	}
	for _, resolution := range []int{10, 7} {
		g, _, errG := cellsFrom(got, water, everywhere, resolution)
		w, _, errW := cellsFrom(want, water, everywhere, resolution)
		if errG != nil || errW != nil || !reflect.DeepEqual(g, w) {
			t.Fatalf("resolution %d: %d cells (%v), rebuilt %d (%v)", resolution, len(g), errG, len(w), errW)
		}
	}
}

func TestCoverageCatchesUpWithABurst(t *testing.T) {
	e := editor{rng: rand.New(rand.NewPCG(4, 3)), city: syntheticCity(tiny)}
	view := views.NewCoverage(views.CoverageOptions{Logger: slog.New(slog.DiscardHandler)})
	update(t, view, e.city, nil)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() { readUntil(t, view, done) })
	}
	for range 60 {
		changes := e.next()
		update(t, view, e.city, changes)
	}
	wait(t, view)
	close(done)
	readers.Wait()
	if view.Seq() != e.city.Seq {
		t.Errorf("at seq %d after %d", view.Seq(), e.city.Seq)
	}
	checkEqual(t, e.city, view, coverageOf(t, e.city, views.CoverageOptions{}))
}

// readUntil asks for figures, which must be those of one state and never of an earlier one than before.
func readUntil(t *testing.T, view *views.Coverage, done <-chan struct{}) {
	for seq := int64(0); ; {
		select {
		case <-done:
			return
		default:
		}
		f, err := figuresFrom(view, usual, "")
		if yizhan.CodeOf(err) == yizhan.CodeUnavailable {
			continue
		}
		var sum int64
		for _, child := range f.Children {
			sum += child.Households
		}
		if err != nil || f.Seq < seq || sum != f.Households {
			t.Errorf("seq %d after %d, children have %d of %d households, %v", f.Seq, seq, sum, f.Households, err)
			return
		}
		seq = f.Seq
	}
}

func TestABadMicroGridLeavesTheViewAsItWas(t *testing.T) {
	city := syntheticCity(tiny)
	view := coverageOf(t, city, views.CoverageOptions{})
	before := figures(t, view, usual, "")
	bad := *yizhan.Sorted(city.MicroGrids)[0]
	bad.Households, bad.Boundary = 7, nil
	changes := []yizhan.Change{{Seq: 2, Op: yizhan.Update, Ref: bad.Ref(), After: &bad}}
	broken := city.Next(changes)
	update(t, view, broken, changes)
	if err := view.Wait(context.Background()); err == nil {
		t.Error("households without a place are taken")
	}
	if after := figures(t, view, usual, ""); !reflect.DeepEqual(after, before) {
		t.Errorf("%+v became %+v", before, after)
	}
	// Whatever comes next is a new try, even if it does not touch a micro-grid.
	healed := *city
	healed.Seq = 3
	update(t, view, &healed, []yizhan.Change{{Seq: 3, Ref: yizhan.Ref{Collection: yizhan.Stations}}})
	wait(t, view)
	if view.Seq() != 3 {
		t.Errorf("at seq %d", view.Seq())
	}
}

// readyLog remembers what a view logs about each demand it makes.
type readyLog struct {
	strings.Builder
	slog.Handler
}

func newReadyLog() *readyLog {
	log := &readyLog{}
	log.Handler = slog.NewTextHandler(&log.Builder, nil)
	return log
}

func TestTheSecondStartTakesDemandFromTheCache(t *testing.T) {
	city, dir := syntheticCity(tiny), t.TempDir()
	dir = filepath.Join(dir, "not", "there", "yet")
	first := coverageOf(t, city, views.CoverageOptions{CacheDir: dir})
	log := newReadyLog()
	second := coverageOf(t, city, views.CoverageOptions{CacheDir: dir, Logger: slog.New(log)})
	checkEqual(t, city, second, first)
	if want := fmt.Sprintf("shared_out=0 from_cache=%d", len(city.MicroGrids)); !strings.Contains(log.String(), want) {
		t.Errorf("no %q in %s", want, log.String())
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestAnOldCacheServesWhatHasNotChanged(t *testing.T) {
	e := editor{rng: rand.New(rand.NewPCG(5, 3)), city: syntheticCity(tiny)}
	dir := t.TempDir()
	coverageOf(t, e.city, views.CoverageOptions{CacheDir: dir})
	for range 10 {
		e.next()
	}
	log := newReadyLog()
	view := coverageOf(t, e.city, views.CoverageOptions{CacheDir: dir, Logger: slog.New(log)})
	if strings.Contains(log.String(), "shared_out=0") || strings.Contains(log.String(), "from_cache=0") {
		t.Errorf("log: %s", log.String())
	}
	checkEqual(t, e.city, view, coverageOf(t, e.city, views.CoverageOptions{}))
}

func TestABrokenCacheIsMadeAgain(t *testing.T) {
	city, dir := syntheticCity(tiny), t.TempDir()
	want := coverageOf(t, city, views.CoverageOptions{CacheDir: dir})
	file := filepath.Join(dir, "demand-r10.cache")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)/2], "noise": []byte(strings.Repeat("noise", 1000)),
		"a bit": append(append([]byte{}, whole[:100]...), append([]byte{whole[100] ^ 1}, whole[101:]...)...),
	} {
		if err := os.WriteFile(file, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		log := newReadyLog()
		checkEqual(t, city, coverageOf(t, city, views.CoverageOptions{CacheDir: dir, Logger: slog.New(log)}), want)
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "from_cache=0") {
			t.Errorf("%s: log %s", name, log.String())
		}
		if healed, err := os.ReadFile(file); err != nil || string(healed) != string(whole) {
			t.Errorf("%s: the cache is not as before, %v", name, err)
		}
	}
}

func TestACacheThatCannotBeWrittenIsNoError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log := newReadyLog()
	coverageOf(t, syntheticCity(tiny), views.CoverageOptions{CacheDir: file, Logger: slog.New(log)})
	if !strings.Contains(log.String(), "could not be written") {
		t.Errorf("log: %s", log.String())
	}
}

func TestAWholeCity(t *testing.T) {
	city := syntheticCity(whole)
	view := coverageOf(t, city, views.CoverageOptions{})
	checkChildren(t, city, figures(t, view, usual, ""))
	_, _, err := cellsFrom(view, usual, everywhere, views.DemandResolution)
	checkError(t, err, yizhan.CodeTooLarge, "bbox")
	cells, _, err := cellsFrom(view, usual, everywhere, 6)
	if err != nil || len(cells) == 0 {
		t.Errorf("%d cells, %v", len(cells), err)
	}
}

func BenchmarkFirstStart(b *testing.B) {
	city := syntheticCity(whole)
	for b.Loop() {
		coverageOf(b, city, views.CoverageOptions{})
	}
}

func BenchmarkSecondStart(b *testing.B) {
	city, dir := syntheticCity(whole), b.TempDir()
	coverageOf(b, city, views.CoverageOptions{CacheDir: dir})
	for b.Loop() {
		coverageOf(b, city, views.CoverageOptions{CacheDir: dir})
	}
}

func BenchmarkStationEdit(b *testing.B) {
	city := syntheticCity(whole)
	view := coverageOf(b, city, views.CoverageOptions{})
	changes := []yizhan.Change{{Seq: 2, Ref: yizhan.Ref{Collection: yizhan.Stations}}}
	for b.Loop() {
		update(b, view, city, changes)
	}
}

func BenchmarkMicroGridEdit(b *testing.B) {
	city := syntheticCity(whole)
	view := coverageOf(b, city, views.CoverageOptions{})
	grid := yizhan.Sorted(city.MicroGrids)[5000]
	for n := 0; b.Loop(); n++ {
		after := *grid
		after.Households = n % 50
		changes := []yizhan.Change{{Seq: city.Seq + 1, Op: yizhan.Update, Ref: grid.Ref(), After: &after}}
		city = city.Next(changes)
		update(b, view, city, changes)
		wait(b, view)
	}
}

func BenchmarkCityFigures(b *testing.B) {
	view := coverageOf(b, syntheticCity(whole), views.CoverageOptions{})
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			figures(b, view, usual, "")
		}
	})
	b.Run("computed", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			figures(b, view, views.Question{RadiusM: 1000 + float64(n%1000)/1000}, "")
		}
	})
}

// heard passes on what is logged.
type heard chan string

func (heard) Enabled(context.Context, slog.Level) bool { return true }
func (h heard) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h heard) WithGroup(string) slog.Handler          { return h }
func (h heard) Handle(_ context.Context, r slog.Record) error {
	h <- r.Message
	return nil
}

// The first question about 500 m need not wait, even by one who has no patience at all.
func TestFinestCellsAreMadeAhead(t *testing.T) {
	city := syntheticCity(tiny)
	log := make(heard, 100)
	view := views.NewCoverage(views.CoverageOptions{Logger: slog.New(log), Patience: 1, Finest: true})
	update(t, view, city, nil)
	wait(t, view)
	for deadline := time.After(time.Minute); ; {
		select {
		case message := <-log:
			if message != "finest cells ready" {
				continue
			}
		case <-deadline:
			t.Fatal("the finest cells are not made by themselves")
		}
		break
	}
	if f := figures(t, view, views.Question{RadiusM: 500}, ""); f.Households == 0 {
		t.Errorf("nobody lives in the finest cells: %+v", f)
	}
}
